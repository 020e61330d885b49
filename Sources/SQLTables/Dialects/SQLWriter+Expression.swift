extension SQLWriter {
    /// An expression, without brackets around the whole.
    mutating func expression(_ expression: SQLExpression) throws(SQLError) {
        try nested { (writer) throws(SQLError) in try writer.write(expression.node) }
    }

    /// An expression within another: in brackets where it is made of parts.
    mutating func operand(_ expression: SQLExpression) throws(SQLError) {
        switch expression.node {
        case .infix, .not, .negative, .isNull, .between, .list, .inSelect, .like, .joined, .cases:
            append("(")
            try self.expression(expression)
            append(")")
        default: try self.expression(expression)
        }
    }

    /// An expression that is compared with another: a value as the column that it is compared with keeps it.
    private mutating func operand(_ expression: SQLExpression, comparedWith other: SQLExpression) throws(SQLError) {
        if case .row(let parts) = expression.node, case .row(let others) = other.node {
            return try row(parts, comparedWith: others)
        }
        guard case .value(let value) = expression.node, let type = other.type else { return try operand(expression) }
        bind(dialect.compared(value, with: type))
        decimalOrder(other)
    }

    /// In SQLite: gives an expression the order of numbers where its digits are a text. What a function or a query passes on
    /// has lost the column's order.
    mutating func decimalOrder(_ expression: SQLExpression) {
        guard dialect.family == .sqlite, expression.longDecimal != nil, !expression.isPlainColumn else { return }
        append(" COLLATE \(DecimalText.collation)")
    }

    private mutating func row(_ parts: [SQLExpression], comparedWith others: [SQLExpression]) throws(SQLError) {
        append("(")
        for (index, part) in parts.enumerated() {
            if index > 0 { append(", ") }
            try operand(part, comparedWith: others[index])
        }
        append(")")
    }

    private mutating func write(_ node: SQLExpression.Node) throws(SQLError) {
        switch node {
        case .column(let column):
            if qualifies {
                try identifier(column.table)
                append(".")
            }
            try identifier(column.name)
        case .label(let name): try identifier(name)
        case .value(let value): bind(value)
        case .infix(let left, let operation, let right): try infix(left, operation, right)
        case .not(let inner):
            append("NOT ")
            try operand(inner)
        case .negative(let inner):
            if try isExact(.value(0), .subtract, inner) { return }
            append("-")
            guard case .value(let value) = inner.node, inlines else { return try operand(inner) }
            // Of a negative number that stands in the text, two signs would begin a comment.
            append("(")
            bind(value)
            append(")")
        case .isNull(let inner, let isNull):
            try operand(inner)
            append(isNull ? " IS NULL" : " IS NOT NULL")
        case .between(let inner, let low, let high):
            try operand(inner)
            append(" BETWEEN ")
            try operand(low, comparedWith: inner)
            append(" AND ")
            try operand(high, comparedWith: inner)
        case .list(let inner, let values, let negated): try valueList(inner, values, negated)
        case .inSelect(let inner, let query, let negated):
            try operand(inner)
            append(negated ? " NOT IN " : " IN ")
            try isIn(query)
        case .like(let inner, let pattern, let escape, let negated):
            try operand(inner)
            append(negated ? " NOT LIKE " : " LIKE ")
            try operand(pattern)
            guard escape.unicodeScalars.count == 1, escape != "%", escape != "_" else {
                throw SQLError(.usage, "'\(escape)' cannot stand before the characters of a pattern")
            }
            append(" ESCAPE " + dialect.literal(.text(String(escape))))
        case .joined(let conditions, let all): try joined(conditions, all)
        case .function("sum", let arguments, let distinct)
        where dialect.family == .sqlite && arguments.first?.longDecimal != nil:
            try function(SQLiteDecimals.sum, arguments, distinct)
        case .function(let name, let arguments, let distinct): try function(name, arguments, distinct)
        case .countAll: append("count(*)")
        case .over(let function, let partition, let order, let frame): try over(function, partition, order, frame)
        case .cases(let base, let branches, let otherwise): try cases(base, branches, otherwise)
        case .cast(let inner, let type):
            append("CAST(")
            try expression(inner)
            append(" AS \(try dialect.castName(type)))")
        case .subquery(let query): try subquery(query)
        case .exists(let query):
            append("EXISTS ")
            try subquery(query)
        case .inserted(let column): try inserted(column)
        case .row(let parts):
            append("(")
            try list(parts) { (writer, part) throws(SQLError) in try writer.expression(part) }
            append(")")
        case .collate(let inner, let name):
            guard Self.isName(name) else { throw SQLError(.usage, "'\(name)' is no collation's name") }
            try operand(inner)
            append(" COLLATE \(name)")
        case .now(let type): append(dialect.now(type) ?? "NULL")
        case .part(let inner, let part):
            let isSQLite = dialect.family == .sqlite
            append(isSQLite ? "CAST(strftime('\(part.rawValue)', " : "EXTRACT(\(part.word) FROM ")
            try expression(inner)
            append(isSQLite ? ") AS INTEGER)" : ")")
        case .joinedTexts(let inner, let separator): try joinedTexts(inner, separator)
        case .json(let inner, let path): try json(inner, path)
        case .invalid(let message): throw SQLError(.usage, message)
        }
    }

    private mutating func subquery(_ query: any SQLQuery) throws(SQLError) {
        append("(")
        try query.write(to: &self)
        append(")")
    }

    /// The rows to be one of. MySQL and MariaDB take no LIMIT there, but one level deeper.
    private mutating func isIn(_ query: any SQLQuery) throws(SQLError) {
        let limits = (query as? Select)?.limitCount ?? (query as? Compound)?.limitCount
        guard limits != nil, dialect.family == .mysql else { return try subquery(query) }
        append("(SELECT * FROM ")
        try subquery(query)
        append(" AS `page`)")
    }

    private mutating func infix(
        _ left: SQLExpression, _ operation: SQLExpression.Infix, _ right: SQLExpression
    ) throws(SQLError) {
        if operation == .concatenate, dialect.family == .mysql {
            // There `||` is "or".
            return try function("concat", [left, right], false)
        }
        if try isExact(left, operation, right) { return }
        try operand(left, comparedWith: right)
        append(operation == .same && dialect.family == .mysql ? " <=> " : " \(operation.rawValue) ")
        try operand(right, comparedWith: left)
        if case .value = right.node { return }
        if !left.isPlainColumn { decimalOrder(right) }
    }

    /// In SQLite: writes a sum, a difference or a product of numbers whose digits are texts, if it is one.
    private mutating func isExact(
        _ left: SQLExpression, _ operation: SQLExpression.Infix, _ right: SQLExpression
    ) throws(SQLError) -> Bool {
        let name: String
        switch operation {
        case .add: name = SQLiteDecimals.add
        case .subtract: name = SQLiteDecimals.subtract
        case .multiply: name = SQLiteDecimals.multiply
        default: return false
        }
        // A declaration stays with what each program has.
        guard dialect.family == .sqlite, !inlines, left.longDecimal ?? right.longDecimal != nil else { return false }
        try function(name, [left, right], false)
        return true
    }

    /// `IN` of no values is an error of syntax in MySQL, so its answer stands there instead.
    private mutating func valueList(
        _ inner: SQLExpression, _ values: [SQLExpression], _ negated: Bool
    ) throws(SQLError) {
        guard !values.isEmpty else { return append(negated ? "1 = 1" : "1 = 0") }
        try operand(inner)
        append(negated ? " NOT IN (" : " IN (")
        if case .row = inner.node, dialect.family == .sqlite { append("VALUES ") }
        try list(values) { (writer, value) throws(SQLError) in try writer.operand(value, comparedWith: inner) }
        append(")")
    }

    private mutating func joined(_ conditions: [SQLExpression], _ all: Bool) throws(SQLError) {
        guard !conditions.isEmpty else { return append(all ? "1 = 1" : "1 = 0") }
        guard conditions.count > 1 else { return try expression(conditions[0]) }
        for (index, condition) in conditions.enumerated() {
            if index > 0 { append(all ? " AND " : " OR ") }
            // Only what binds less tightly than AND and OR needs brackets.
            if case .joined = condition.node { try operand(condition) } else { try expression(condition) }
        }
    }

    private mutating func function(
        _ name: String, _ arguments: [SQLExpression], _ distinct: Bool
    ) throws(SQLError) {
        guard Self.isName(name) else { throw SQLError(.usage, "'\(name)' is no function's name") }
        append(dialect.functionName(name) + (distinct ? "(DISTINCT " : "("))
        let isSorting = name == "min" || name == "max"
        try list(arguments) { (writer, argument) throws(SQLError) in
            try writer.expression(argument)
            if isSorting { writer.decimalOrder(argument) }
        }
        append(")")
    }

    /// Whether a name that stands without quotes is one: letters, digits and `_`, no digit first.
    private static func isName(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        } && name.utf8.first.map { $0 > UInt8(ascii: "9") } == true && name.utf8.count <= 64
    }

    private mutating func over(
        _ function: SQLExpression, _ partition: [SQLExpression], _ order: [SQLOrder], _ frame: SQLFrame?
    ) throws(SQLError) {
        if case .function(let name, let arguments, let distinct) = function.node {
            // The exact sum is no window function.
            try self.function(name, arguments, distinct)
        } else {
            try expression(function)
        }
        append(" OVER (")
        if !partition.isEmpty {
            append("PARTITION BY ")
            try list(partition) { (writer, part) throws(SQLError) in try writer.expression(part) }
        }
        try self.order(order, isFirst: partition.isEmpty)
        if let frame { append(try frame.words()) }
        append(")")
    }

    private mutating func cases(
        _ base: SQLExpression?, _ branches: [(SQLExpression, SQLExpression)], _ otherwise: SQLExpression?
    ) throws(SQLError) {
        guard !branches.isEmpty else { throw SQLError(.usage, "A case needs at least one branch") }
        append("CASE")
        if let base {
            append(" ")
            try operand(base)
        }
        for (condition, value) in branches {
            append(" WHEN ")
            try expression(condition)
            append(" THEN ")
            try operand(value)
        }
        if let otherwise {
            append(" ELSE ")
            try operand(otherwise)
        }
        append(" END")
    }

    private mutating func inserted(_ column: String) throws(SQLError) {
        append(dialect.family == .sqlite ? "excluded." : "VALUES(")
        try identifier(column)
        if dialect.family == .mysql { append(")") }
    }
}

extension SQLExpression {
    /// Tells of each column that the expression names outside of subqueries.
    func visitColumns(_ visit: (SQLColumn) -> Void) {
        switch node {
        case .column(let column): visit(column)
        case .infix(let left, _, let right): for part in [left, right] { part.visitColumns(visit) }
        case .not(let inner), .negative(let inner), .isNull(let inner, _), .cast(let inner, _),
            .inSelect(let inner, _, _), .collate(let inner, _), .part(let inner, _), .joinedTexts(let inner, _),
            .json(let inner, _):
            inner.visitColumns(visit)
        case .between(let inner, let low, let high): for part in [inner, low, high] { part.visitColumns(visit) }
        case .list(let inner, let values, _): for part in [inner] + values { part.visitColumns(visit) }
        case .like(let inner, let pattern, _, _): for part in [inner, pattern] { part.visitColumns(visit) }
        case .joined(let parts, _), .function(_, let parts, _), .row(let parts):
            for part in parts { part.visitColumns(visit) }
        case .over(let function, let partition, let order, _):
            for part in [function] + partition + order.map(\.expression) { part.visitColumns(visit) }
        case .cases(let base, let branches, let otherwise):
            base?.visitColumns(visit)
            for (condition, value) in branches {
                condition.visitColumns(visit)
                value.visitColumns(visit)
            }
            otherwise?.visitColumns(visit)
        case .label, .value, .countAll, .subquery, .exists, .inserted, .now, .invalid: break
        }
    }
}
