/// A function of the database: `function("lower", developers.first_name)`.
///
/// A name that is no identifier makes the statement an error.
public func function(_ name: String, _ arguments: SQLExpression...) -> SQLExpression {
    SQLExpression(.function(name, arguments, distinct: false))
}

/// The number of rows.
public func count() -> SQLExpression { SQLExpression(.countAll) }

/// The number of values that are not null; of different ones with `distinct`.
public func count(_ value: SQLExpression, distinct: Bool = false) -> SQLExpression {
    SQLExpression(.function("count", [value], distinct: distinct))
}

/// Makes `case when … then … else … end`.
///
/// ```swift
/// caseWhen((d.age < 18, "young"), (d.age < 65, "grown"), else: "old")
/// ```
public func caseWhen(_ branches: (SQLExpression, SQLExpression)..., `else`: SQLExpression? = nil) -> SQLExpression {
    SQLExpression(.cases(base: nil, branches, otherwise: `else`))
}

extension SQLExpression {
    /// The sum of a group's values.
    public var sum: SQLExpression { SQLExpression(.function("sum", [self], distinct: false)) }
    /// The mean of a group's values.
    public var average: SQLExpression { SQLExpression(.function("avg", [self], distinct: false)) }
    /// The least of a group's values.
    public var minimum: SQLExpression { SQLExpression(.function("min", [self], distinct: false)) }
    /// The greatest of a group's values.
    public var maximum: SQLExpression { SQLExpression(.function("max", [self], distinct: false)) }

    /// A window function: the value over rows around this one.
    /// - Parameters:
    ///   - partition: Rows with the same values belong together.
    ///   - order: How they follow each other.
    ///   - frame: Which of them count; by default all to this one where there is an order, and all where there is none.
    public func over(
        partitionBy partition: [SQLExpression] = [], orderBy order: [SQLOrder] = [], frame: SQLFrame? = nil
    ) -> SQLExpression {
        SQLExpression(.over(self, partition: partition, order: order, frame: frame))
    }

    /// In ascending order.
    public var ascending: SQLOrder { SQLOrder(expression: self, isDescending: false) }
    /// In descending order.
    public var descending: SQLOrder { SQLOrder(expression: self, isDescending: true) }
    /// Under a name in the result.
    public func `as`(_ name: String) -> SQLSelection { SQLSelection(content: .expression(self, name: name)) }
}

/// What a query is sorted by.
public struct SQLOrder: Sendable {
    let expression: SQLExpression
    let isDescending: Bool
    /// Whether rows without a value stand at the end; nil where the database's own way will do.
    var hasNullsLast: Bool?

    /// Rows without a value come first, as they do by themselves in an ascending order.
    public var nullsFirst: SQLOrder {
        SQLOrder(expression: expression, isDescending: isDescending, hasNullsLast: false)
    }
    /// Rows without a value come last.
    public var nullsLast: SQLOrder { SQLOrder(expression: expression, isDescending: isDescending, hasNullsLast: true) }
}

/// A column of a result.
public struct SQLSelection: Sendable {
    enum Content: Sendable {
        case expression(SQLExpression, name: String?)
        case all(Table)
        case rows(Subquery)
    }

    let content: Content
}

/// What can stand in a result: an expression, an expression with a name, a table for all of its columns.
public protocol SQLSelectable: Sendable {
    /// The column, or the columns.
    var selection: SQLSelection { get }
}

extension SQLSelection: SQLSelectable {
    /// The column itself.
    public var selection: SQLSelection { self }
}

extension SQLExpression: SQLSelectable {
    /// The expression under the name that the database gives it: a column's name for a column.
    public var selection: SQLSelection { SQLSelection(content: .expression(self, name: nil)) }
}

extension Table: SQLSelectable {
    /// All columns of the table, in order.
    public var selection: SQLSelection { SQLSelection(content: .all(self)) }
}

/// What a query can be sorted by: an expression, in ascending order, or an order.
public protocol SQLSortable: Sendable {
    /// The order.
    var order: SQLOrder { get }
}

extension SQLOrder: SQLSortable {
    /// The order itself.
    public var order: SQLOrder { self }
}

extension SQLExpression: SQLSortable {
    /// In ascending order.
    public var order: SQLOrder { ascending }
}
