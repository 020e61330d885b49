/// Begins a query for columns: `select(d.first_name, count().as("n")).from(d).groupBy(d.first_name)`.
///
/// The tables of the columns are read where `from` names none and all are of one table.
public func select(_ columns: any SQLSelectable...) -> Select { Select(selections: columns.map(\.selection)) }

/// Begins a query for columns that are known only when the program runs.
public func select(_ columns: [any SQLSelectable]) -> Select { Select(selections: columns.map(\.selection)) }

/// A query. Each method gives a new query; conditions add up.
public struct Select: SQLQuery {
    struct Join: Sendable {
        enum Kind: String, Sendable {
            case inner = "INNER JOIN"
            case left = "LEFT JOIN"
            case cross = "CROSS JOIN"
        }

        let kind: Kind
        let source: Source
        let condition: SQLExpression?
    }

    enum Source: Sendable {
        case table(Table)
        case subquery(Subquery)
    }

    var selections: [SQLSelection]
    var source: Source?
    var joins: [Join] = []
    var conditions: [SQLExpression] = []
    var groups: [SQLExpression] = []
    var groupConditions: [SQLExpression] = []
    var order: [SQLOrder] = []
    var limitCount: Int?
    var offsetCount: Int?
    var isDistinct = false
    var lock: SQLLock?

    /// From a table.
    public func from(_ table: Table) -> Select { with { $0.source = .table(table) } }
    /// From another query's rows.
    public func from(_ subquery: Subquery) -> Select { with { $0.source = .subquery(subquery) } }

    /// With the rows of another table for which the condition holds.
    public func join(_ table: Table, on condition: SQLExpression) -> Select {
        with { $0.joins.append(.init(kind: .inner, source: .table(table), condition: condition)) }
    }
    /// With the rows of another query for which the condition holds.
    public func join(_ subquery: Subquery, on condition: SQLExpression) -> Select {
        with { $0.joins.append(.init(kind: .inner, source: .subquery(subquery), condition: condition)) }
    }
    /// With the rows of another table for which the condition holds, or with none.
    public func leftJoin(_ table: Table, on condition: SQLExpression) -> Select {
        with { $0.joins.append(.init(kind: .left, source: .table(table), condition: condition)) }
    }
    /// With the rows of another query for which the condition holds, or with none.
    public func leftJoin(_ subquery: Subquery, on condition: SQLExpression) -> Select {
        with { $0.joins.append(.init(kind: .left, source: .subquery(subquery), condition: condition)) }
    }
    /// With each row of another table.
    public func crossJoin(_ table: Table) -> Select {
        with { $0.joins.append(.init(kind: .cross, source: .table(table), condition: nil)) }
    }

    /// With each row of another query.
    public func crossJoin(_ subquery: Subquery) -> Select {
        with { $0.joins.append(.init(kind: .cross, source: .subquery(subquery), condition: nil)) }
    }

    /// Only rows for which this holds too.
    public func `where`(_ condition: SQLExpression) -> Select { with { $0.conditions.append(condition) } }
    /// A row for each group of rows with the same values.
    public func groupBy(_ expressions: SQLExpression...) -> Select { with { $0.groups += expressions } }
    /// Only groups for which this holds too.
    public func having(_ condition: SQLExpression) -> Select { with { $0.groupConditions.append(condition) } }
    /// In this order; later orders decide between rows that earlier ones find equal.
    public func orderBy(_ order: any SQLSortable...) -> Select { with { $0.order += order.map(\.order) } }
    /// At most so many rows.
    public func limit(_ count: Int) -> Select { with { $0.limitCount = count } }
    /// Without the first rows.
    public func offset(_ count: Int) -> Select { with { $0.offsetCount = count } }
    /// Each row once.
    public func distinct() -> Select { with { $0.isDistinct = true } }
    /// Locks the rows until the transaction's end, such that others neither change nor lock them; SQLite, where a writing
    /// transaction is alone anyway, needs nothing.
    /// - Parameter others: What becomes of rows that another transaction has locked.
    public func forUpdate(_ others: SQLLock.Others = .wait) -> Select {
        with { $0.lock = SQLLock(isShared: false, others: others) }
    }
    /// Locks the rows until the transaction's end, such that others do not change them; see ``forUpdate(_:)``.
    public func forShare(_ others: SQLLock.Others = .wait) -> Select {
        with { $0.lock = SQLLock(isShared: true, others: others) }
    }

    /// A query that locks needs a connection that writes.
    public var isReadOnly: Bool { lock == nil }

    private func with(_ change: (inout Select) -> Void) -> Select {
        var copy = self
        change(&copy)
        return copy
    }

    /// Writes the query.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        try writer.query { (writer) throws(SQLError) in try writeParts(to: &writer) }
    }

    private func writeParts(to writer: inout SQLWriter) throws(SQLError) {
        writer.append(isDistinct ? "SELECT DISTINCT " : "SELECT ")
        guard !selections.isEmpty else { throw SQLError(.usage, "A select needs at least one column") }
        try writer.list(selections) { (writer, selection) throws(SQLError) in try writer.selection(selection) }
        try writeSources(to: &writer)
        try writer.condition("WHERE", conditions)
        if !groups.isEmpty {
            writer.append(" GROUP BY ")
            try writer.list(groups) { (writer, group) throws(SQLError) in try writer.expression(group) }
        }
        try writer.condition("HAVING", groupConditions)
        try writer.order(order)
        try writer.limit(limitCount, offset: offsetCount)
        if let lock { writer.append(lock.words(writer.dialect)) }
    }

    private func writeSources(to writer: inout SQLWriter) throws(SQLError) {
        var found = source
        if found == nil { found = try impliedSource() }
        guard let source = found else { return }
        writer.append(" FROM ")
        try writer.source(source)
        for join in joins {
            writer.append(" \(join.kind.rawValue) ")
            try writer.source(join.source)
            if let condition = join.condition {
                writer.append(" ON ")
                try writer.expression(condition)
            }
        }
    }

    /// The one table that the result's columns are of.
    private func impliedSource() throws(SQLError) -> Source? {
        for selection in selections {
            if case .all(let table) = selection.content { return .table(table) }
            if case .rows(let subquery) = selection.content { return .subquery(subquery) }
        }
        var tables: [String: SQLColumn] = [:]
        for selection in selections {
            if case .expression(let expression, _) = selection.content {
                expression.visitColumns { tables[$0.table] = $0 }
            }
        }
        guard let column = tables.values.first else { return nil }
        guard tables.count == 1 else {
            throw SQLError(
                .usage,
                "The columns are of several tables (\(tables.keys.sorted().joined(separator: ", "))): say from(…)"
            )
        }
        guard let origin = column.origin else {
            throw SQLError(.usage, "The columns are of the query '\(column.table)': say from(…)")
        }
        let table = Table(origin, columns: [])
        return .table(origin == column.table ? table : table.as(column.table))
    }
}
