/// What can be sent to a database. A value: it can be kept, refined and sent many times.
public protocol SQLStatement: Sendable, CustomStringConvertible {
    /// Whether it only reads, so that any connection will do.
    var isReadOnly: Bool { get }
    /// Writes the statement in a dialect.
    /// - Throws: ``SQLError`` of kind `usage` where it cannot be said, with what to do.
    func write(to writer: inout SQLWriter) throws(SQLError)
}

extension SQLStatement {
    /// The statement's text in a dialect and the values bound to it.
    public func sql(_ dialect: SQLDialect = .sqlite) throws(SQLError) -> CompiledSQL {
        var writer = SQLWriter(dialect)
        try write(to: &writer)
        if let failure = writer.failure { throw failure }
        return CompiledSQL(text: writer.text, parameters: writer.parameters)
    }

    /// The statement in SQLite's dialect, or what is wrong with it.
    public var description: String {
        do throws(SQLError) { return try sql().text } catch { return "\(error)" }
    }
}

/// A statement that gives rows: a ``Select`` or several of them put together.
public protocol SQLQuery: SQLStatement {}

extension SQLQuery {
    /// A query only reads.
    public var isReadOnly: Bool { true }
    /// The query's only value, as a part of another statement.
    public var scalar: SQLExpression { SQLExpression(.subquery(self)) }
}

/// A statement as text, with `?` for each bound value.
public struct CompiledSQL: Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// The values, in the order of the `?`s.
    public let parameters: [SQLValue]

    /// The text and the values, for people.
    public var description: String {
        parameters.isEmpty ? text : "\(text) -- [\(parameters.map(\.description).joined(separator: ", "))]"
    }
}
