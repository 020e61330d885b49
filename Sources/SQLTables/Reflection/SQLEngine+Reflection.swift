extension SQLEngine {
    /// Reads which tables a database has: columns, keys and indexes; checks and the program's own defaults are left out.
    public func reflect() async throws -> Metadata {
        try await withConnection(readOnly: true) { connection in
            connection.dialect.family == .sqlite
                ? try await SQLiteReflection(connection: connection).metadata()
                : try await MariaDBReflection(connection: connection).metadata()
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
