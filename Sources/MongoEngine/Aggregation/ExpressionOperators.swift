internal import BSON
internal import MongoProtocol

/// One operator of the expression language.
struct ExpressionOperator: Sendable {
    typealias Compile = @Sendable (BSONValue, ExpressionScope) throws -> CompiledExpression

    /// Makes an expression of what stands behind the operator's name.
    let compile: @Sendable (_ name: String, BSONValue, ExpressionScope) throws -> CompiledExpression

    /// An operator that takes what stands behind it as it is.
    static func raw(_ compile: @escaping Compile) -> ExpressionOperator {
        ExpressionOperator { _, value, scope in try compile(value, scope) }
    }

    /// An operator over a list of expressions, which it evaluates as it likes.
    static func list(
        _ arity: ClosedRange<Int>, _ make: @escaping @Sendable ([CompiledExpression]) -> CompiledExpression.Body
    ) -> ExpressionOperator {
        ExpressionOperator { name, value, scope in
            let arguments: [CompiledExpression] =
                if case .array(let array) = value {
                    try array.map(scope.compile)
                } else {
                    [try scope.compile(value)]
                }
            guard arity.contains(arguments.count) else { throw Self.wrongArity(name, arity, arguments.count) }
            return CompiledExpression(make(arguments))
        }
    }

    /// An operator over one value; nil is a missing one.
    static func unary(_ body: @escaping @Sendable (BSONValue?) throws -> BSONValue?) -> ExpressionOperator {
        list(1...1) { arguments in
            let argument = arguments[0]
            return { root, variables in try body(argument.evaluate(root, variables)) }
        }
    }

    /// An operator over two values; nil is a missing one.
    static func binary(_ body: @escaping @Sendable (BSONValue?, BSONValue?) throws -> BSONValue?) -> ExpressionOperator
    {
        list(2...2) { arguments in
            let left = arguments[0]
            let right = arguments[1]
            return { root, variables in
                try body(left.evaluate(root, variables), right.evaluate(root, variables))
            }
        }
    }

    /// An operator over several values, all evaluated first; nil is a missing one.
    static func values(
        _ arity: ClosedRange<Int>, _ body: @escaping @Sendable ([BSONValue?]) throws -> BSONValue?
    ) -> ExpressionOperator {
        list(arity) { arguments in
            { root, variables in try body(arguments.map { try $0.evaluate(root, variables) }) }
        }
    }

    private static func wrongArity(_ name: String, _ arity: ClosedRange<Int>, _ count: Int) -> MongoError {
        if arity.lowerBound == arity.upperBound {
            return MongoError(
                .init(16020),
                "Expression \(name) takes exactly \(arity.lowerBound) arguments. \(count) were passed in.")
        }
        return MongoError(
            .init(28667),
            "Expression \(name) takes at least \(arity.lowerBound) arguments, and at most \(arity.upperBound), "
                + "but \(count) were passed in.")
    }
}

/// The table of all operators: one row each, the families in files of their own.
enum ExpressionOperators {
    /// As many arguments as a document can hold.
    static let any = 0...Int.max

    private static let families: [[String: ExpressionOperator]] = [
        arithmetic, logic, arrays, iteration, objects, strings, regexes, types, dates, picks, timestamps,
    ]

    private static let table: [String: ExpressionOperator] = families.reduce(into: [:]) { table, family in
        table.merge(family) { first, _ in first }
    }

    /// Whether there is an operator of this name.
    static func contains(_ name: String) -> Bool { table[name] != nil }

    static func compile(_ name: String, _ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        guard let found = table[name] else {
            throw MongoError(.invalidPipelineOperator, "Unrecognized expression '\(name)'")
        }
        return try found.compile(name, value, scope)
    }
}
