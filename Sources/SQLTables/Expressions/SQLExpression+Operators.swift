extension SQLExpression {
    /// Equal; `IS NULL` for no value.
    public static func == (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.equal, b) }
    /// Equal; `IS NULL` for no value.
    public static func == (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.equal, .value(b))
    }
    /// Different; `IS NOT NULL` for no value.
    public static func != (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.notEqual, b) }
    /// Different; `IS NOT NULL` for no value.
    public static func != (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.notEqual, .value(b))
    }
    /// Less.
    public static func < (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.less, b) }
    /// Less.
    public static func < (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.less, .value(b))
    }
    /// Less or equal.
    public static func <= (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.lessOrEqual, b) }
    /// Less or equal.
    public static func <= (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.lessOrEqual, .value(b))
    }
    /// Greater.
    public static func > (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.greater, b) }
    /// Greater.
    public static func > (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.greater, .value(b))
    }
    /// Greater or equal.
    public static func >= (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.greaterOrEqual, b) }
    /// Greater or equal.
    public static func >= (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.greaterOrEqual, .value(b))
    }
    /// The sum.
    public static func + (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.add, b) }
    /// The sum.
    public static func + (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.add, .value(b))
    }
    /// The difference.
    public static func - (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.subtract, b) }
    /// The difference.
    public static func - (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.subtract, .value(b))
    }
    /// The product.
    public static func * (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.multiply, b) }
    /// The product.
    public static func * (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.multiply, .value(b))
    }
    /// The quotient; of two whole numbers SQLite gives a whole one.
    public static func / (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.divide, b) }
    /// The quotient; of two whole numbers SQLite gives a whole one.
    public static func / (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.divide, .value(b))
    }
    /// The remainder.
    public static func % (a: SQLExpression, b: SQLExpression) -> SQLExpression { a.infix(.modulo, b) }
    /// The remainder.
    public static func % (a: SQLExpression, b: some SQLConvertible) -> SQLExpression {
        a.infix(.modulo, .value(b))
    }
    /// Both.
    public static func && (a: SQLExpression, b: SQLExpression) -> SQLExpression { .all([a, b]) }
    /// One of the two.
    public static func || (a: SQLExpression, b: SQLExpression) -> SQLExpression { .any([a, b]) }
    /// Not.
    public static prefix func ! (a: SQLExpression) -> SQLExpression { SQLExpression(.not(a)) }
    /// The number with the other sign.
    public static prefix func - (a: SQLExpression) -> SQLExpression { SQLExpression(.negative(a)) }

    /// All of the conditions; with none, true.
    public static func all(_ conditions: [SQLExpression]) -> SQLExpression { combined(conditions, all: true) }
    /// One of the conditions at least; with none, false.
    public static func any(_ conditions: [SQLExpression]) -> SQLExpression { combined(conditions, all: false) }

    /// Conditions of the same kind stand in one list, so that a long chain nests no deeper.
    private static func combined(_ conditions: [SQLExpression], all: Bool) -> SQLExpression {
        var flat: [SQLExpression] = []
        for condition in conditions {
            if case .joined(let inner, all) = condition.node { flat += inner } else { flat.append(condition) }
        }
        return SQLExpression(.joined(flat, all: all))
    }

    private func infix(_ operation: Infix, _ other: SQLExpression) -> SQLExpression {
        if case .value(.null) = other.node {
            if operation == .equal { return SQLExpression(.isNull(self, true)) }
            if operation == .notEqual { return SQLExpression(.isNull(self, false)) }
        }
        return SQLExpression(.infix(self, operation, other))
    }
}
