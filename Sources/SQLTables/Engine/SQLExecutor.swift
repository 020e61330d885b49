/// What runs statements: an engine, or a connection of it.
public protocol SQLExecutor: Sendable {
    /// Runs a statement.
    /// - Throws: ``SQLError``.
    @discardableResult func execute(_ statement: some SQLStatement) async throws(SQLError) -> SQLResult
}

extension SQLExecutor {
    /// The rows that a statement gives.
    public func fetch(_ statement: some SQLStatement) async throws(SQLError) -> [SQLRow] {
        try await execute(statement).rows
    }

    /// The rows that a statement gives, as a type of one's own.
    @_disfavoredOverload
    public func fetch<T: Decodable>(_ statement: some SQLStatement, as type: T.Type) async throws(SQLError) -> [T] {
        try RowDecoder.decode(try await execute(statement).rows, as: type)
    }

    /// The rows that a statement gives, as a type that reads its columns by itself.
    public func fetch<T: SQLRowConvertible>(
        _ statement: some SQLStatement, as type: T.Type
    ) async throws(SQLError) -> [T] {
        let rows = try await execute(statement).rows
        guard let first = rows.first else { return [] }
        let plan = SQLRowReader.Plan(type, first.columns)
        var values: [T] = []
        values.reserveCapacity(rows.count)
        for row in rows { values.append(try T(plan.reader(row))) }
        return values
    }

    /// The first row that a statement gives.
    public func fetchOne(_ statement: some SQLStatement) async throws(SQLError) -> SQLRow? {
        try await execute(statement).rows.first
    }

    /// The first row that a statement gives, as a type that reads its columns by itself.
    public func fetchOne<T: SQLRowConvertible>(
        _ statement: some SQLStatement, as type: T.Type
    ) async throws(SQLError) -> T? {
        guard let row = try await execute(statement).rows.first else { return nil }
        return try row.decode(type)
    }

    /// The first row that a statement gives, as a type of one's own.
    @_disfavoredOverload
    public func fetchOne<T: Decodable>(_ statement: some SQLStatement, as type: T.Type) async throws(SQLError) -> T? {
        guard let row = try await execute(statement).rows.first else { return nil }
        return try row.decode(type)
    }

    /// The first column of the first row; nil where there is no row.
    public func fetchValue<T: SQLConvertible>(
        _ statement: some SQLStatement, as type: T.Type = T.self
    ) async throws(SQLError) -> T? {
        guard let row = try await execute(statement).rows.first, let value = row.values.first else { return nil }
        guard let read = T(sqlValue: value) else { throw SQLError(.decoding, "The value is no \(T.self)") }
        return read
    }
}
