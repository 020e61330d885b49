/// Reads MySQL's and MariaDB's schema from `information_schema`.
struct MariaDBReflection {
    let connection: SQLConnection
    let views: Bool

    func metadata() async throws(SQLError) -> Metadata {
        let names = try await rows(
            "SELECT table_name AS name FROM information_schema.tables "
                + "WHERE table_schema = database() AND table_type IN ('BASE TABLE', ?) ORDER BY table_name",
            views ? "VIEW" : "BASE TABLE")
        var tables: [Table] = []
        for row in names { tables.append(try await table(try row.get("name"))) }
        return Metadata(tables)
    }

    private func table(_ name: String) async throws(SQLError) -> Table {
        var keys = try await keys(name)
        let json = try await readChecks(name, into: &keys)
        let found = try await rows(
            "SELECT column_name AS name, column_type AS type, is_nullable AS nullable, column_key AS keykind, "
                + "extra AS extra, column_default AS standard FROM information_schema.columns "
                + "WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position",
            name)
        var columns: [Column] = []
        for row in found {
            let name = try row.get("name", as: String.self)
            let isKey = try row.get("keykind", as: String.self) == "PRI"
            let extra = try row.get("extra", as: String.self).lowercased()
            let type = json.contains(name) ? .json : TypeNames.type(try row.get("type"))
            var column = Column(
                name, type, primaryKey: isKey, autoIncrement: isKey ? extra.contains("auto_increment") : nil,
                nullable: try row.get("nullable", as: String.self) == "YES",
                serverDefault: standard(try row.get("standard"), type, extra))
            column.isGenerated = extra.contains("virtual generated") || extra.contains("stored generated")
            columns.append(column)
        }
        return Table(name, columns: columns, constraints: keys.constraints, indexes: keys.indexes)
    }

    /// MariaDB shows defaults as SQL, MySQL values as they are and expressions with a note beside them.
    private func standard(_ words: String?, _ type: ColumnType, _ extra: String) -> Column.ServerDefault? {
        guard let words, connection.dialect == .mysql, !extra.contains("default_generated") else {
            return ReflectedDefault.read(words, type, escapes: true)
        }
        return ReflectedDefault.read(plain: words, type)
    }

    /// Reads the checks, and which columns are JSON: MariaDB has a long text with a check for that.
    private func readChecks(_ table: String, into keys: inout ReflectedKeys) async throws(SQLError) -> Set<String> {
        let isMariaDB = connection.dialect == .mariadb
        let checks = try await rows(
            isMariaDB
                ? "SELECT constraint_name AS name, check_clause AS clause, level = 'Column' AS single "
                    + "FROM information_schema.check_constraints "
                    + "WHERE constraint_schema = database() AND table_name = ? ORDER BY single DESC, name"
                : "SELECT c.constraint_name AS name, c.check_clause AS clause, 0 AS single "
                    + "FROM information_schema.table_constraints t JOIN information_schema.check_constraints c "
                    + "ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name "
                    + "WHERE t.constraint_schema = database() AND t.table_name = ? AND t.constraint_type = 'CHECK' "
                    + "ORDER BY name",
            table)
        var names: Set<String> = []
        for check in checks {
            let name = try check.get("name", as: String.self)
            let clause = try check.get("clause", as: String.self)
            let isSingle = try check.get("single", as: Bool.self)
            if isSingle, clause == "json_valid(\(try connection.dialect.quoted(name)))" {
                names.insert(name)
            } else {
                // A column's own check has no name; the server shows the column's.
                keys.checks.append(Check(isSingle ? nil : name, .words(clause)))
            }
        }
        return names
    }

    private func keys(_ table: String) async throws(SQLError) -> ReflectedKeys {
        var keys = ReflectedKeys()
        try await readForeignKeys(table, into: &keys)
        let parts = try await rows(
            "SELECT index_name AS name, non_unique AS plain, column_name AS part, sub_part AS length "
                + "FROM information_schema.statistics WHERE table_schema = database() AND table_name = ? "
                + "AND index_name <> 'PRIMARY' AND index_type IN ('BTREE', 'HASH') "
                + "ORDER BY index_name, seq_in_index",
            table)
        var order: [String] = []
        var columns: [String: [String]] = [:]
        var plain: Set<String> = []
        var partial: Set<String> = []
        for part in parts {
            let name = try part.get("name", as: String.self)
            if columns[name] == nil { order.append(name) }
            // An expression has no name, a part of a text a length: a declaration says neither.
            if try part.get("part", as: String?.self) == nil || part["length"]?.isNull == false { partial.insert(name) }
            columns[name, default: []].append(try part.get("part", as: String?.self) ?? "")
            if try part.get("plain", as: Bool.self) { plain.insert(name) }
        }
        // A foreign key has an index that the server made for it, with the same columns.
        let own = Set(keys.foreign.map(\.columns))
        for name in order where !partial.contains(name) {
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
