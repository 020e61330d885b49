/// Several queries' rows put together.
public struct Compound: SQLQuery {
    enum Operation: String, Sendable {
        case union = "UNION"
        case unionAll = "UNION ALL"
        case intersect = "INTERSECT"
        case except = "EXCEPT"
    }

    var first: Select
    var others: [(operation: Operation, query: Select)]
    var order: [SQLOrder] = []
    var limitCount: Int?
    var offsetCount: Int?

    /// In this order of result columns: `.label("name")`.
    public func orderBy(_ order: any SQLSortable...) -> Compound { with { $0.order += order.map(\.order) } }
    /// At most so many rows.
    public func limit(_ count: Int) -> Compound { with { $0.limitCount = count } }
    /// Without the first rows.
    public func offset(_ count: Int) -> Compound { with { $0.offsetCount = count } }
    /// And the rows of another query, each once.
    public func union(_ other: Select) -> Compound { with { $0.others.append((.union, other)) } }
    /// And the rows of another query.
    public func unionAll(_ other: Select) -> Compound { with { $0.others.append((.unionAll, other)) } }

    private func with(_ change: (inout Compound) -> Void) -> Compound {
        var copy = self
        change(&copy)
        return copy
    }

    /// Writes the queries one after the other.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        try writer.query { (writer) throws(SQLError) in try writeParts(to: &writer) }
    }

    private func writeParts(to writer: inout SQLWriter) throws(SQLError) {
        try writer.member(first, 0)
        for (index, other) in others.enumerated() {
            writer.append(" \(other.operation.rawValue) ")
            try writer.member(other.query, index + 1)
        }
        try writer.order(order)
        try writer.limit(limitCount, offset: offsetCount)
    }
}

extension Select {
    /// The rows of both queries, each once.
    public func union(_ other: Select) -> Compound { Compound(first: self, others: [(.union, other)]) }
    /// The rows of both queries.
    public func unionAll(_ other: Select) -> Compound { Compound(first: self, others: [(.unionAll, other)]) }
    /// The rows that both queries give.
    public func intersect(_ other: Select) -> Compound { Compound(first: self, others: [(.intersect, other)]) }
    /// The rows that the other query does not give.
    public func except(_ other: Select) -> Compound { Compound(first: self, others: [(.except, other)]) }
}

extension SQLWriter {
    /// A query of several. One with an order or a limit of its own is a table, since SQLite knows no brackets here.
    fileprivate mutating func member(_ query: Select, _ index: Int) throws(SQLError) {
        guard !query.order.isEmpty || query.limitCount != nil || query.offsetCount != nil else {
            return try query.write(to: &self)
        }
        append("SELECT * FROM (")
        try query.write(to: &self)
        append(") AS ")
        try identifier("member_\(index)")
    }
}
