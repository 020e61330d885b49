extension SQLEngine {
    /// Reads which tables a database has: columns with their defaults, keys and indexes.
    ///
    /// Left out are checks, indexes of expressions and of parts of a table or text, and what only the program knew, such as
    /// its own defaults.
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

    /// The keys as constraints.
    var constraints: [TableConstraint] {
        foreign.map { .foreignKey($0) } + unique.map { TableConstraint(content: .unique($0)) }
    }
}
