/// Where a decoder is in a result: its row, and which column each key is.
///
/// A type asks for its keys in one order with every row. So what was found with the first row is expected with the next
/// ones, and a key costs one comparison; keys in another order are looked for.
final class RowState {
    let columns: SQLColumnNames
    private(set) var values: [SQLValue]
    private var asked: [(key: String, position: Int?)] = []
    private var next = 0

    init(_ row: SQLRow) {
        columns = row.columns
        values = row.values
    }

    /// Goes on to another row of the same result.
    func start(_ row: SQLRow) {
        values = row.values
        next = 0
    }

    /// The value of a key's column; nil where there is no such column.
    func value(_ key: String) -> SQLValue? {
        if next < asked.count, asked[next].key == key {
            next += 1
            return asked[next - 1].position.map { values[$0] }
        }
        return find(key).map { values[$0] }
    }

    private func find(_ key: String) -> Int? {
        if let place = asked.firstIndex(where: { $0.key == key }) {
            next = place + 1
            return asked[place].position
        }
        let found = columns.position(ofProperty: key).flatMap { $0 < values.count ? $0 : nil }
        asked.append((key, found))
        next = asked.count
        return found
    }

    /// A key's value as a type that columns hold.
    func read<T: SQLConvertible>(_ key: String, _ type: T.Type = T.self) throws(SQLError) -> T {
        guard let value = value(key) else { throw columns.missing(key) }
        guard let read = T(sqlValue: value) else { throw Self.mismatch(key, type) }
        return read
    }

    /// A key's value as a type that columns hold; nil where it is null or there is no such column.
    func readIfPresent<T: SQLConvertible>(_ key: String, _ type: T.Type = T.self) throws(SQLError) -> T? {
        guard let value = value(key), !value.isNull else { return nil }
        guard let read = T(sqlValue: value) else { throw Self.mismatch(key, type) }
        return read
    }

    static func mismatch(_ name: String, _ type: Any.Type) -> SQLError {
        SQLError(.decoding, "The column '\(name)' holds no \(type)")
    }
}
