/// A part of a statement that has a value: a column, a bound value, a comparison, a function's result.
///
/// Values are always bound, identifiers always quoted: no text of an expression reaches the SQL as it is.
public struct SQLExpression: Sendable {
    indirect enum Node: Sendable {
        case column(SQLColumn)
        case label(String)
        case value(SQLValue)
        case infix(SQLExpression, Infix, SQLExpression)
        case not(SQLExpression)
        case negative(SQLExpression)
        case isNull(SQLExpression, Bool)
        case between(SQLExpression, SQLExpression, SQLExpression)
        case list(SQLExpression, [SQLExpression], negated: Bool)
        case inSelect(SQLExpression, any SQLQuery, negated: Bool)
        case like(SQLExpression, SQLExpression, escape: Character, negated: Bool)
        case joined([SQLExpression], all: Bool)
        case function(String, [SQLExpression], distinct: Bool)
        case countAll
        case over(SQLExpression, partition: [SQLExpression], order: [SQLOrder], frame: SQLFrame?)
        case cases(base: SQLExpression?, [(SQLExpression, SQLExpression)], otherwise: SQLExpression?)
        case cast(SQLExpression, ColumnType)
        case subquery(any SQLQuery)
        case exists(any SQLQuery)
        case inserted(String)
        case row([SQLExpression])
        case collate(SQLExpression, String)
        case now(ColumnType)
        case part(SQLExpression, SQLDatePart)
        case joinedTexts(SQLExpression, String)
        case json(SQLExpression, [String])
        case invalid(String)
    }

    /// An operator between two expressions; the SQL of a few depends on the dialect.
    enum Infix: String, Sendable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case concatenate = "||"
        case same = "IS"
    }

    let node: Node

    init(_ node: Node) { self.node = node }

    /// A bound value.
    public static func value(_ value: some SQLConvertible) -> SQLExpression { SQLExpression(.value(value.sqlValue)) }
    /// No value.
    public static var null: SQLExpression { SQLExpression(.value(.null)) }
    /// The result column that was named by `as(_:)`, for `orderBy` and `groupBy`.
    public static func label(_ name: String) -> SQLExpression { SQLExpression(.label(name)) }
    /// In an upsert: the value that the insert would have put into the column.
    public static func inserted(_ column: String) -> SQLExpression { SQLExpression(.inserted(column)) }
}

/// A column as an expression names it.
struct SQLColumn: Sendable, Hashable {
    /// The name of its table in the query: the alias, where it has one.
    let table: String
    let name: String
    /// The table's own name; nil for a column of a subquery.
    var origin: String?
    /// What it holds, where that is known.
    var type: ColumnType?
}

extension SQLExpression: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// A bound text.
    public init(stringLiteral value: String) { self.init(.value(.text(value))) }
    /// A bound whole number.
    public init(integerLiteral value: Int64) { self.init(.value(.integer(value))) }
    /// A bound number.
    public init(floatLiteral value: Double) { self.init(.value(.double(value))) }
    /// A bound truth value.
    public init(booleanLiteral value: Bool) { self.init(.value(.bool(value))) }
    /// No value.
    public init(nilLiteral: ()) { self.init(.value(.null)) }
}
