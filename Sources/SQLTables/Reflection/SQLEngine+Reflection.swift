extension SQLEngine {
    /// Reads which tables a database has: columns with their defaults, keys, checks and indexes.
    ///
    /// Left out are indexes of expressions and of parts of a table or text, and what only the program knew, such as its own
    /// defaults. Defaults and checks that are expressions are kept in the database's own SQL.
    /// - Parameter views: Whether views count as tables, which then have columns alone.
    public func reflect(views: Bool = false) async throws -> Metadata {
        try await withConnection(readOnly: true) { connection in
            connection.dialect.family == .sqlite
                ? try await SQLiteReflection(connection: connection, views: views).metadata()
                : try await MariaDBReflection(connection: connection, views: views).metadata()
        }
    }
}

/// What is known of a table's keys while it is read.
struct ReflectedKeys {
    var foreign: [ForeignKey] = []
    var unique: [[String]] = []
    var indexes: [Index] = []
    var checks: [Check] = []

    /// The keys as constraints.
    var constraints: [TableConstraint] {
        foreign.map { .foreignKey($0) } + unique.map { TableConstraint(content: .unique($0)) }
            + checks.map { TableConstraint(content: .check($0)) }
    }
}
