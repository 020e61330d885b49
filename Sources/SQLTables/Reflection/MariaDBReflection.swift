/// Reads MySQL's and MariaDB's schema from `information_schema`.
struct MariaDBReflection {
    let connection: SQLConnection

    func metadata() async throws(SQLError) -> Metadata {
        let names = try await rows(
            "SELECT table_name AS name FROM information_schema.tables "
                + "WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name")
        var tables: [Table] = []
        for row in names { tables.append(try await table(try row.get("name"))) }
        return Metadata(tables)
    }

    private func table(_ name: String) async throws(SQLError) -> Table {
        let keys = try await keys(name)
        let found = try await rows(
            "SELECT column_name AS name, column_type AS type, is_nullable AS nullable, column_key AS keykind, "
                + "extra AS extra FROM information_schema.columns "
                + "WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position",
            name)
        var columns: [Column] = []
        for row in found {
            let isKey = try row.get("keykind", as: String.self) == "PRI"
            let counts = try row.get("extra", as: String.self).lowercased().contains("auto_increment")
            columns.append(
                Column(
                    try row.get("name"), TypeNames.type(try row.get("type")), primaryKey: isKey,
                    autoIncrement: isKey ? counts : nil, nullable: try row.get("nullable", as: String.self) == "YES"))
        }
        return Table(name, columns: columns, constraints: keys.constraints, indexes: keys.indexes)
    }

    private func keys(_ table: String) async throws(SQLError) -> ReflectedKeys {
        var keys = ReflectedKeys()
        try await readForeignKeys(table, into: &keys)
        let parts = try await rows(
            "SELECT index_name AS name, non_unique AS plain, column_name AS part FROM information_schema.statistics "
                + "WHERE table_schema = database() AND table_name = ? AND index_name <> 'PRIMARY' "
                + "ORDER BY index_name, seq_in_index",
            table)
        var order: [String] = []
        var columns: [String: [String]] = [:]
        var plain: Set<String> = []
        for part in parts {
            let name = try part.get("name", as: String.self)
            if columns[name] == nil { order.append(name) }
            columns[name, default: []].append(try part.get("part"))
            if try part.get("plain", as: Bool.self) { plain.insert(name) }
        }
        // A foreign key has an index that the server made for it, with the same columns.
        let own = Set(keys.foreign.map(\.columns))
        for name in order {
            let parts = columns[name] ?? []
            if !plain.contains(name) {
                keys.unique.append(parts)
            } else if !own.contains(parts) {
                keys.indexes.append(Index(name, on: parts))
            }
        }
        return keys
    }

    private func readForeignKeys(_ table: String, into keys: inout ReflectedKeys) async throws(SQLError) {
        let parts = try await rows(
            "SELECT k.constraint_name AS name, k.column_name AS own, k.referenced_table_name AS other, "
                + "k.referenced_column_name AS referenced, r.delete_rule AS on_delete, r.update_rule AS on_update "
                + "FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r "
                + "ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name "
                + "AND r.table_name = k.table_name "
                + "WHERE k.table_schema = database() AND k.table_name = ? AND k.referenced_table_name IS NOT NULL "
                + "ORDER BY k.constraint_name, k.ordinal_position",
            table)
        var order: [String] = []
        var groups: [String: [SQLRow]] = [:]
        for part in parts {
            let name = try part.get("name", as: String.self)
            if groups[name] == nil { order.append(name) }
            groups[name, default: []].append(part)
        }
        for name in order {
            guard let group = groups[name], let first = group.first else { continue }
            var own: [String] = []
            var referenced: [String] = []
            for part in group {
                own.append(try part.get("own"))
                referenced.append(try part.get("referenced"))
            }
            keys.foreign.append(
                ForeignKey(
                    own, references: try first.get("other"), referenced,
                    onDelete: Self.action(try first.get("on_delete")),
                    onUpdate: Self.action(try first.get("on_update"))))
        }
    }

    /// MariaDB says RESTRICT where nothing was declared; in InnoDB the two are the same.
    private static func action(_ words: String) -> ForeignKey.Action {
        let action = ForeignKey.Action(rawValue: words) ?? .noAction
        return action == .restrict ? .noAction : action
    }

    private func rows(_ text: String, _ values: String...) async throws(SQLError) -> [SQLRow] {
        try await connection.fetch(TextStatement(text: text, values.map { .text($0) }, isReadOnly: true))
    }
}
