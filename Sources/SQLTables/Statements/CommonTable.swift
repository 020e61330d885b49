/// A query that a statement names at its beginning, by `WITH`, and then reads as a table.
struct CommonTable: Sendable {
    /// Tells tables of the same name apart.
    final class Identity: Sendable {}

    let identity: Identity
    let name: String
    /// The query; nil for the table that its own recursive part reads.
    let query: (any SQLQuery)?
    let isRecursive: Bool
}

extension SQLQuery {
    /// The query's rows as a common table (`WITH name AS (…)`): named once, where the statement begins, however often and
    /// deep it is read.
    ///
    /// ```swift
    /// let totals = select(d.team_id.as("team"), d.pay.sum.as("total")).groupBy(d.team_id).cte("totals")
    /// let best = select(totals.team).from(totals)
    ///     .where(totals.total == select(totals.total.maximum).from(totals).scalar)
    /// ```
    ///
    /// In an insert, an update or a delete it stands before the query within that reads it.
    public func cte(_ name: String) -> Subquery {
        let table = CommonTable(identity: .init(), name: name, query: self, isRecursive: false)
        return Subquery(.common(table), alias: name, columns: resultColumns)
    }
}

extension Select {
    /// A common table that reads itself (`WITH RECURSIVE`): this query's rows, and again and again those that `part` finds from
    /// the rows before, until there are no more.
    ///
    /// ```swift
    /// let above = select(p.id, p.boss).where(p.id == 7).cte("above") { above in
    ///     select(p.id, p.boss).from(p).join(above, on: p.id == above.boss)
    /// }
    /// let names = select(p.name).from(p).join(above, on: p.id == above.id)
    /// ```
    ///
    /// MySQL and MariaDB take the columns' types from this query: a text that grows begins as `cast(to: .string(200))`.
    /// - Parameters:
    ///   - distinct: Whether a row that was found before is found no more, which ends circles.
    ///   - part: Gives the query that finds more rows; it is given the table.
    public func cte(
        _ name: String, distinct: Bool = false, recursion part: (Subquery) -> Select
    ) -> Subquery {
        let identity = CommonTable.Identity()
        let own = CommonTable(identity: identity, name: name, query: nil, isRecursive: true)
        let more = part(Subquery(.common(own), alias: name, columns: resultColumns))
        let whole = Compound(first: self, others: [(distinct ? .union : .unionAll, more)])
        let table = CommonTable(identity: identity, name: name, query: whole, isRecursive: true)
        return Subquery(.common(table), alias: name, columns: resultColumns)
    }
}

/// The common tables of a query, while it is written.
struct CommonTables {
    private struct Known {
        let identity: CommonTable.Identity
        /// What it is; nil while that is being written.
        var compiled: CompiledSQL?
    }

    private var known: [String: Known] = [:]
    private var order: [String] = []
    private var isRecursive = false

    /// Whether a table is written already, or being written.
    func has(_ table: CommonTable) -> Bool { known[table.name]?.identity === table.identity }

    /// Takes note that a table is being written, unless there is another one of its name.
    mutating func begin(_ table: CommonTable) {
        isRecursive = isRecursive || table.isRecursive
        if known[table.name] == nil { known[table.name] = Known(identity: table.identity, compiled: nil) }
    }

    /// Keeps what a table is, behind those that it reads.
    /// - Throws: ``SQLError`` of kind `usage` where another one has its name, and is not the same to the letter.
    mutating func end(_ table: CommonTable, _ compiled: CompiledSQL) throws(SQLError) {
        if has(table) {
            known[table.name]?.compiled = compiled
            order.append(table.name)
        } else if known[table.name]?.compiled != compiled {
            throw SQLError(.usage, "Two different queries have the name '\(table.name)'")
        }
    }

    /// `WITH a AS (…), b AS (…) `, or nothing.
    func clause(_ dialect: SQLDialect) throws(SQLError) -> CompiledSQL? {
        guard !order.isEmpty else { return nil }
        var parts: [String] = []
        var parameters: [SQLValue] = []
        for name in order {
            guard let compiled = known[name]?.compiled else { continue }
            parts.append("\(try dialect.quoted(name)) AS (\(compiled.text))")
            parameters += compiled.parameters
        }
        let words = isRecursive ? "WITH RECURSIVE " : "WITH "
        return CompiledSQL(text: words + parts.joined(separator: ", ") + " ", parameters: parameters)
    }
}

extension SQLWriter {
    /// Writes a query. The outermost one begins with the common tables that it and all within it read.
    mutating func query(_ write: (inout SQLWriter) throws(SQLError) -> Void) throws(SQLError) {
        guard commonTables == nil else { return try nested(write) }
        let (start, bound) = (text.utf8.count, parameters.count)
        commonTables = CommonTables()
        try nested(write)
        defer { commonTables = nil }
        guard let clause = try commonTables?.clause(dialect) else { return }
        text.insert(contentsOf: clause.text, at: text.utf8.index(text.startIndex, offsetBy: start))
        parameters.insert(contentsOf: clause.parameters, at: bound)
    }

    /// Writes the name of a common table, and sees to it that the query begins with it.
    mutating func commonTable(_ table: CommonTable) throws(SQLError) {
        try identifier(table.name)
        guard commonTables?.has(table) != true else { return }
        guard let query = table.query else {
            throw SQLError(.usage, "'\(table.name)' is read outside of its recursive part: use what cte(…) gives")
        }
        commonTables?.begin(table)
        let (before, bound, qualified) = (text, parameters, qualifies)
        (text, parameters, qualifies) = ("", [], true)
        defer { (text, parameters, qualifies) = (before, bound, qualified) }
        try nested { (writer) throws(SQLError) in try query.write(to: &writer) }
        try commonTables?.end(table, CompiledSQL(text: text, parameters: parameters))
    }
}
