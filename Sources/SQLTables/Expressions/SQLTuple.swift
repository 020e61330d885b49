/// Several values that are compared together: `tuple(d.last_name, d.id) > tuple("Lovelace", 7)`.
///
/// Of two tuples that is the less whose first different value is. So a page that goes on behind a row needs no offset.
public struct SQLTuple: Sendable {
    let parts: [SQLExpression]

    private var row: SQLExpression { SQLExpression(.row(parts)) }

    /// One of some rows; of none it is false.
    public func `in`(_ rows: [[SQLExpression]]) -> SQLExpression { list(rows, negated: false) }
    /// None of some rows; of none it is true.
    public func notIn(_ rows: [[SQLExpression]]) -> SQLExpression { list(rows, negated: true) }
    /// One of the rows of a query with as many columns.
    public func `in`(_ query: some SQLQuery) -> SQLExpression { SQLExpression(.inSelect(row, query, negated: false)) }
    /// None of the rows of a query with as many columns.
    public func notIn(_ query: some SQLQuery) -> SQLExpression {
        SQLExpression(.inSelect(row, query, negated: true))
    }

    /// Equal in all values.
    public static func == (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.equal, b) }
    /// Different in a value.
    public static func != (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.notEqual, b) }
    /// Less in the first value that is different.
    public static func < (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.less, b) }
    /// Less in the first value that is different, or equal.
    public static func <= (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.lessOrEqual, b) }
    /// Greater in the first value that is different.
    public static func > (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.greater, b) }
    /// Greater in the first value that is different, or equal.
    public static func >= (a: SQLTuple, b: SQLTuple) -> SQLExpression { a.infix(.greaterOrEqual, b) }

    private func infix(_ operation: SQLExpression.Infix, _ other: SQLTuple) -> SQLExpression {
        guard parts.count == other.parts.count else { return Self.different(parts.count, other.parts.count) }
        return SQLExpression(.infix(row, operation, other.row))
    }

    private func list(_ rows: [[SQLExpression]], negated: Bool) -> SQLExpression {
        if let odd = rows.first(where: { $0.count != parts.count }) { return Self.different(parts.count, odd.count) }
        return SQLExpression(.list(row, rows.map { SQLExpression(.row($0)) }, negated: negated))
    }

    private static func different(_ count: Int, _ other: Int) -> SQLExpression {
        SQLExpression(.invalid("A tuple of \(count) is compared with one of \(other)"))
    }
}

/// Values that are compared together.
public func tuple(_ first: SQLExpression, _ second: SQLExpression, _ others: SQLExpression...) -> SQLTuple {
    SQLTuple(parts: [first, second] + others)
}
