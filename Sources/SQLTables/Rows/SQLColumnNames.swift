/// The names of a result's columns, shared by its rows.
final class SQLColumnNames: Sendable {
    let names: [String]
    /// The places by name; none where the names are so few that looking through them is faster than hashing.
    private let positions: [String: Int]

    init(_ names: [String]) {
        self.names = names
        positions =
            names.count <= 12
            ? [:]
            : Dictionary(
                names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// Where a column is; of two with one name the first.
    func position(of name: String) -> Int? { positions.isEmpty ? names.firstIndex(of: name) : positions[name] }

    /// Where the column of a property is: that of its name, or of its name with underscores.
    func position(ofProperty name: String) -> Int? { position(of: name) ?? position(of: ColumnKey.snakeCase(name)) }

    /// What to say where there is no such column.
    func missing(_ name: String) -> SQLError {
        SQLError(.decoding, "The row has no column '\(name)': it has \(names.joined(separator: ", "))")
    }
}
