/// An insert of rows. Each method gives a new statement.
public struct Insert: SQLStatement {
    enum Conflict: Sendable {
        case ignore
        case update(columns: [String], set: Assignments)
    }

    let table: Table
    var rows: [Assignments]
    var source: (columns: [String], query: any SQLQuery)?
    var conflict: Conflict?
    var returned: [SQLSelection] = []

    /// An insert changes the table.
    public var isReadOnly: Bool { false }

    /// Gives these columns of the inserted rows back; MySQL cannot.
    public func returning(_ columns: any SQLSelectable...) -> Insert {
        with { $0.returned += columns.map(\.selection) }
    }
    /// Leaves a row that exists already as it is. On MySQL and MariaDB it counts among the affected rows, and RETURNING
    /// gives it.
    public func onConflictDoNothing() -> Insert { with { $0.conflict = .ignore } }
    /// Changes the row that exists already (an upsert).
    ///
    /// - Parameters:
    ///   - columns: The unique columns that may conflict. MySQL looks at all unique keys.
    ///   - set: What becomes of the row; `.inserted("x")` is the value that the insert gives for `x`.
    public func onConflict(_ columns: String..., set: Assignments) -> Insert {
        with { $0.conflict = .update(columns: columns, set: set) }
    }

    private func with(_ change: (inout Insert) -> Void) -> Insert {
        var copy = self
        change(&copy)
        return copy
    }

    /// Writes the insert.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        writer.append("INSERT INTO ")
        try writer.identifier(table.name)
        if let source {
            try writer.columnList(checked(source.columns))
            writer.append(" ")
            try write(source.query, to: &writer)
        } else {
            try writeRows(to: &writer)
        }
        switch conflict {
        case nil: break
        case .ignore: try writeNothing(to: &writer)
        case .update(let columns, let set): try writeUpdate(columns, set, to: &writer)
        }
        try writer.returning(returned, of: table)
    }

    /// The query to insert from. SQLite takes an ON behind a query without WHERE for a join's.
    private func write(_ query: any SQLQuery, to writer: inout SQLWriter) throws(SQLError) {
        let hasCondition = (query as? Select)?.conditions.isEmpty == false
        guard conflict != nil, writer.dialect.family == .sqlite, !hasCondition else {
            return try query.write(to: &writer)
        }
        writer.append("SELECT * FROM (")
        try query.write(to: &writer)
        writer.append(") AS \"source\" WHERE 1 = 1")
    }

    /// The clause that leaves a conflicting row alone. MySQL's INSERT IGNORE would let other errors pass, too, and cut
    /// texts that are too long; there a column is set to what it is.
    private func writeNothing(to writer: inout SQLWriter) throws(SQLError) {
        guard writer.dialect.family == .mysql else { return writer.append(" ON CONFLICT DO NOTHING") }
        guard let column = table.primaryKey.first ?? table.columns.first else {
            throw SQLError(.usage, "'\(table.name)' declares no columns")
        }
        let name = try writer.dialect.quoted(column.name)
        writer.append(" ON DUPLICATE KEY UPDATE \(name) = \(try writer.dialect.quoted(table.name)).\(name)")
    }

    private func writeRows(to writer: inout SQLWriter) throws(SQLError) {
        let filled = rows.map(withDefaults)
        guard let first = filled.first else { throw SQLError(.usage, "An insert needs at least one row") }
        let columns = try checked(first.list.map(\.column))
        if columns.isEmpty {
            guard filled.count == 1 else { throw SQLError(.usage, "Rows without values are inserted one by one") }
            return writer.append(writer.dialect.family == .sqlite ? " DEFAULT VALUES" : " () VALUES ()")
        }
        try writer.columnList(columns)
        writer.append(" VALUES ")
        try writer.list(filled) { (writer, row) throws(SQLError) in
            writer.append("(")
            try writer.list(try Self.sorted(row, by: columns)) { (writer, field) throws(SQLError) in
                try writer.stored(field.value, in: table, field.column)
            }
            writer.append(")")
        }
    }

    /// A row's values in the order of the first row's.
    private static func sorted(
        _ row: Assignments, by columns: [String]
    ) throws(SQLError) -> [(column: String, value: SQLExpression)] {
        if row.list.map(\.column) == columns { return row.list }
        var sorted: [(column: String, value: SQLExpression)] = []
        for column in columns {
            if let field = row.list.first(where: { $0.column == column }) { sorted.append(field) }
        }
        guard sorted.count == columns.count, row.list.count == columns.count else {
            throw SQLError(.usage, "All rows of an insert have the same columns: \(columns.joined(separator: ", "))")
        }
        return sorted
    }

    /// The insert as several, none of which binds more values than a database takes; nil where that cannot be.
    func parts(binding limit: Int) -> [Insert]? {
        let width = rows.map { withDefaults($0).list.count }.max() ?? 0
        guard source == nil, rows.count > 1, width > 0, width <= limit else { return nil }
        // An upsert's own values come on top.
        let size = Swift.max(1, (limit - Swift.min(limit - width, 100)) / width)
        return stride(from: 0, to: rows.count, by: size).map { start in
            with { $0.rows = Array(rows[start..<Swift.min(start + size, rows.count)]) }
        }
    }

    private func writeUpdate(_ columns: [String], _ set: Assignments, to writer: inout SQLWriter) throws(SQLError) {
        guard !set.list.isEmpty else { throw SQLError(.usage, "An upsert sets at least one column") }
        if writer.dialect.family == .sqlite {
            guard !columns.isEmpty else { throw SQLError(.usage, "SQLite wants the columns of the conflict") }
            writer.append(" ON CONFLICT")
            try writer.columnList(checked(columns))
            writer.append(" DO UPDATE SET ")
        } else {
            writer.append(" ON DUPLICATE KEY UPDATE ")
        }
        try writer.assignments(set, of: table)
    }

    /// The row, and the defaults of columns that it leaves out.
    private func withDefaults(_ row: Assignments) -> Assignments {
        var row = row
        for column in table.columns {
            if let make = column.defaultValue, !row.list.contains(where: { $0.column == column.name }) {
                row.list.append((column.name, SQLExpression(.value(make()))))
            }
        }
        return row
    }

    private func checked(_ columns: [String]) throws(SQLError) -> [String] {
        try table.check(columns)
        return columns
    }
}

extension Table {
    /// Inserts a row.
    public func insert(_ row: Assignments) -> Insert { Insert(table: self, rows: [row]) }
    /// Inserts rows by one statement; all have the same columns.
    public func insert(_ rows: [Assignments]) -> Insert { Insert(table: self, rows: rows) }
    /// Inserts a row from a type of one's own.
    @_disfavoredOverload
    public func insert(encoding row: some Encodable, leavingOut: Set<String> = []) throws(SQLError) -> Insert {
        insert(try Assignments(encoding: row, of: self, leavingOut: leavingOut))
    }
    /// Inserts a row from a type that writes its columns by itself.
    public func insert(encoding row: some SQLRowConvertible, leavingOut: Set<String> = []) throws(SQLError) -> Insert {
        insert(try Assignments(encoding: row, of: self, leavingOut: leavingOut))
    }
    /// Inserts rows, from a type that writes its columns by itself, by one statement.
    public func insert(
        encoding rows: [some SQLRowConvertible], leavingOut: Set<String> = []
    ) throws(SQLError) -> Insert {
        var list: [Assignments] = []
        for row in rows { list.append(try Assignments(encoding: row, of: self, leavingOut: leavingOut)) }
        return insert(list)
    }
    /// Inserts what a query gives.
    public func insert(_ columns: [String], from query: some SQLQuery) -> Insert {
        Insert(table: self, rows: [], source: (columns, query))
    }
    /// A query for all columns of the table.
    public func select() -> Select { Select(selections: [selection], source: .table(self)) }

    /// Refuses columns that the table does not have, and one that comes twice.
    func check(_ names: [String]) throws(SQLError) {
        var seen: Set<String> = []
        for name in names {
            guard columns.contains(where: { $0.name == name }) else {
                throw SQLError(.usage, "The table '\(self.name)' has no column '\(name)'")
            }
            guard seen.insert(name).inserted else { throw SQLError(.usage, "The column '\(name)' is given twice") }
        }
    }
}
