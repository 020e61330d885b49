/// Columns and what they are to hold: `["first_name": "Ada", "expert": .value(expert)]`.
public struct Assignments: Sendable, ExpressibleByDictionaryLiteral {
    var list: [(column: String, value: SQLExpression)]

    /// Columns with their values, in order.
    public init(_ list: [(String, SQLExpression)]) { self.list = list.map { (column: $0.0, value: $0.1) } }

    /// Columns with their values.
    public init(dictionaryLiteral elements: (String, SQLExpression)...) { self.init(elements) }

    /// The fields of a type of one's own, `firstName` for the column `first_name` where the table has one.
    /// - Throws: ``SQLError`` of kind `usage` for a field that no column can hold.
    @_disfavoredOverload
    public init(encoding row: some Encodable, of table: Table, leavingOut: Set<String> = []) throws(SQLError) {
        self.init(try RowEncoder.fields(of: row, table: table).filter { !leavingOut.contains($0.0) })
    }

    /// The columns of a type that writes them by itself.
    /// - Throws: ``SQLError`` of kind `usage` for a value that no column can hold.
    public init(encoding row: some SQLRowConvertible, of table: Table, leavingOut: Set<String> = []) throws(SQLError) {
        self.init(try RowEncoder.fields(of: row, table: table).filter { !leavingOut.contains($0.0) })
    }
}
