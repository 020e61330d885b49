/// A row of a result: values by name, by place, or as a type of one's own.
@dynamicMemberLookup
public struct SQLRow: Sendable, CustomStringConvertible {
    let columns: SQLColumnNames
    /// The values, in order.
    public let values: [SQLValue]

    init(columns: SQLColumnNames, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The columns' names, in order.
    public var names: [String] { columns.names }
    /// A value by its column; nil where there is no such column. Of two columns with one name it is the first.
    public subscript(name: String) -> SQLValue? {
        columns.position(of: name).flatMap { $0 < values.count ? values[$0] : nil }
    }
    /// A value by its column.
    public subscript(dynamicMember name: String) -> SQLValue? { self[name] }

    /// A value as a type.
    /// - Throws: ``SQLError`` of kind `decoding` where there is no such column or its value is of another kind.
    public func get<Value: SQLConvertible>(_ name: String, as type: Value.Type = Value.self) throws(SQLError) -> Value {
        guard let found = self[name] else { throw columns.missing(name) }
        guard let value = Value(sqlValue: found) else { throw RowState.mismatch(name, type) }
        return value
    }

    /// The row as a type of one's own: a property `firstName` reads the column `firstName` or `first_name`.
    /// - Throws: ``SQLError`` of kind `decoding` that names the column.
    @_disfavoredOverload
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(SQLError) -> T {
        guard let value = try RowDecoder.decode([self], as: type).first else { throw columns.missing("") }
        return value
    }

    /// The row as a type that reads its columns by itself.
    /// - Throws: ``SQLError`` of kind `decoding` that names the column.
    public func decode<T: SQLRowConvertible>(_ type: T.Type = T.self) throws(SQLError) -> T {
        try T(SQLRowReader.Plan(type, columns).reader(self))
    }

    /// `first_name: 'Ada', id: 1`
    public var description: String {
        zip(names, values).map { "\($0): \($1)" }.joined(separator: ", ")
    }
}

/// What a statement gave.
public struct SQLResult: Sendable {
    /// The rows.
    public let rows: [SQLRow]
    /// How many rows it inserted, changed or removed. MySQL is asked to count rows found, as SQLite does.
    public let affectedRows: Int
    /// The number that the database gave to the inserted row, where it counts them up; of several, SQLite says the last,
    /// MySQL the first.
    public let lastInsertID: Int64?

    init(rows: [SQLRow] = [], affectedRows: Int = 0, lastInsertID: Int64? = nil) {
        self.rows = rows
        self.affectedRows = affectedRows
        self.lastInsertID = lastInsertID
    }
}
