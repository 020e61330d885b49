/// Reads SQLite's schema by its table-valued pragmas.
struct SQLiteReflection {
    let connection: SQLConnection
    let views: Bool

    func metadata() async throws(SQLError) -> Metadata {
        let names = try await rows(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', ?) AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
            [.text(views ? "view" : "table")])
        var tables: [Table] = []
        for row in names { tables.append(try await table(try row.get("name"), try row.get("sql"))) }
        return Metadata(tables)
    }

    private func table(_ name: String, _ words: String?) async throws(SQLError) -> Table {
        var keys = try await keys(name)
        let checks = SQLiteChecksReader.checks(words ?? "")
        var columns: [Column] = []
        let found = try await rows(
            "SELECT name, type, \"notnull\" AS needed, pk, dflt_value AS standard, hidden FROM pragma_table_xinfo(?)",
            [.text(name)])
        for row in found {
            let isKey = try row.get("pk", as: Int.self) > 0
            let hidden = try row.get("hidden", as: Int.self)
            // 1 is a virtual table's own, 2 and 3 are computed.
            guard hidden != 1 else { continue }
            let name = try row.get("name", as: String.self)
            let declared = try row.get("type", as: String.self)
            let type = SQLiteChecks.enumeration(name, checks) ?? TypeNames.type(declared)
            var column = Column(
                name, type, primaryKey: isKey,
                nullable: try !row.get("needed", as: Bool.self) && !isKey,
                serverDefault: ReflectedDefault.read(try row.get("standard"), type))
            column.isGenerated = hidden > 1
            columns.append(column)
        }
        // Those that stand in for types are made again by the types.
        let implied = Set(columns.compactMap { column in SQLiteChecks.check(of: column).flatMap { try? $0.sql() } })
        for check in checks {
            let words = try check.sql()
            if !implied.contains(words) { keys.checks.append(check) }
        }
        return Table(name, columns: columns, constraints: keys.constraints, indexes: keys.indexes)
    }

    private func keys(_ table: String) async throws(SQLError) -> ReflectedKeys {
        var keys = ReflectedKeys()
        let indexes = try await rows(
            "SELECT name, \"unique\" AS isUnique, origin FROM pragma_index_list(?) WHERE NOT partial ORDER BY seq DESC",
            [.text(table)])
        for index in indexes {
            let name = try index.get("name", as: String.self)
            let parts = try await rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", [.text(name)])
            // A part without a name is an expression, which has no like here.
            let columns = parts.compactMap { $0["name"].flatMap { String(sqlValue: $0) } }
            guard columns.count == parts.count else { continue }
            switch try index.get("origin", as: String.self) {
            case "u": keys.unique.append(columns)
            case "c": keys.indexes.append(Index(name, on: columns, unique: try index.get("isUnique")))
            default: break
            }
        }
        let parts = try await rows(
            "SELECT id, \"table\" AS other, \"from\" AS own, \"to\" AS key, on_delete, on_update "
                + "FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq",
            [.text(table)])
        var seen: [Int: [SQLRow]] = [:]
        var order: [Int] = []
        for part in parts {
            let id = try part.get("id", as: Int.self)
            if seen[id] == nil { order.append(id) }
            seen[id, default: []].append(part)
        }
        for id in order { if let parts = seen[id] { keys.foreign.append(try await foreignKey(parts)) } }
        return keys
    }

    private func foreignKey(_ parts: [SQLRow]) async throws(SQLError) -> ForeignKey {
        var own: [String] = []
        var referenced: [String] = []
        for part in parts {
            own.append(try part.get("own"))
            if let name = try part.get("key", as: String?.self) { referenced.append(name) }
        }
        if referenced.isEmpty {
            // Without names it is the other table's primary key.
            let key = try await rows(
                "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk",
                [try parts[0].get("other", as: SQLValue.self)])
            for part in key { referenced.append(try part.get("name")) }
        }
        let action = { (name: String) throws(SQLError) in
            ForeignKey.Action(rawValue: try parts[0].get(name, as: String.self)) ?? .noAction
        }
        return ForeignKey(
            own, references: try parts[0].get("other"), referenced, onDelete: try action("on_delete"),
            onUpdate: try action("on_update"))
    }

    private func rows(_ text: String, _ values: [SQLValue]) async throws(SQLError) -> [SQLRow] {
        try await connection.fetch(TextStatement(text: text, values, isReadOnly: true))
    }
}
