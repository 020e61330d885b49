internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Comparison, boolean and conditional operators, literals and variables.
    static let logic: [String: ExpressionOperator] = [
        "$eq": comparison { $0 == 0 },
        "$ne": comparison { $0 != 0 },
        "$gt": comparison { $0 > 0 },
        "$gte": comparison { $0 >= 0 },
        "$lt": comparison { $0 < 0 },
        "$lte": comparison { $0 <= 0 },
        "$cmp": .binary { .int32(Int32(compare($0, $1).signum())) },
        "$and": .list(any) { arguments in
            { root, variables in
                for argument in arguments where try !isTrue(argument.evaluate(root, variables)) { return false }
                return true
            }
        },
        "$or": .list(any) { arguments in
            { root, variables in
                for argument in arguments where try isTrue(argument.evaluate(root, variables)) { return true }
                return false
            }
        },
        "$not": .unary { .bool(!isTrue($0)) },
        "$cond": ExpressionOperator(compile: conditional),
        "$ifNull": ExpressionOperator(compile: ifNull),
        "$switch": .raw(switchCase),
        "$literal": .raw { value, _ in .constant(value) },
        "$const": .raw { value, _ in .constant(value) },
        "$let": .raw(letVariables),
    ]

    /// Orders two values; a missing one stands below all.
    static func compare(_ a: BSONValue?, _ b: BSONValue?) -> Int {
        switch (a, b) {
        case (nil, nil): 0
        case (nil, _): -1
        case (_, nil): 1
        case (let x?, let y?): compareValues(x, y)
        }
    }

    /// Orders two values, the common pairs without writing them out as bytes.
    static func compareValues(_ a: BSONValue, _ b: BSONValue) -> Int {
        switch (a, b) {
        case (.int32(let x), .int32(let y)): x < y ? -1 : x > y ? 1 : 0
        case (.int64(let x), .int64(let y)): x < y ? -1 : x > y ? 1 : 0
        case (.date(let x), .date(let y)): x < y ? -1 : y < x ? 1 : 0
        case (.double(let x), .double(let y)) where !x.isNaN && !y.isNaN: x < y ? -1 : x > y ? 1 : 0
        default: BSONValue.compare(a, b)
        }
    }

    /// What expressions take as true; a missing value is false.
    static func isTrue(_ value: BSONValue?) -> Bool { value?.isTruthy ?? false }

    private static func comparison(_ test: @escaping @Sendable (Int) -> Bool) -> ExpressionOperator {
        .binary { .bool(test(compare($0, $1))) }
    }

    private static func conditional(
        _ name: String, _ value: BSONValue, _ scope: ExpressionScope
    ) throws -> CompiledExpression {
        var parts: [BSONValue?] = [nil, nil, nil]
        if case .document(let document) = value {
            for (key, value) in document {
                switch key {
                case "if": parts[0] = value
                case "then": parts[1] = value
                case "else": parts[2] = value
                default: throw MongoError(.init(17083), "Unrecognized parameter to $cond: \(key)")
                }
            }
            let names: [(String, Int32)] = [("if", 17080), ("then", 17081), ("else", 17082)]
            for (part, (name, code)) in zip(parts, names) where part == nil {
                throw MongoError(.init(code), "Missing '\(name)' parameter to $cond")
            }
        } else {
            parts = value.array.map { $0.map(Optional.some) } ?? [value]
            guard parts.count == 3 else {
                throw MongoError(
                    .init(16020), "Expression $cond takes exactly 3 arguments. \(parts.count) were passed in.")
            }
        }
        let compiled = try parts.compactMap { try $0.map(scope.compile) }
        return CompiledExpression { root, variables in
            try compiled[isTrue(compiled[0].evaluate(root, variables)) ? 1 : 2].evaluate(root, variables)
        }
    }

    private static func ifNull(
        _ name: String, _ value: BSONValue, _ scope: ExpressionScope
    ) throws -> CompiledExpression {
        let parts = try (value.array.map { Array($0) } ?? [value]).map(scope.compile)
        guard parts.count >= 2, let last = parts.last else {
            throw MongoError(
                .init(1_257_300), "$ifNull needs at least two arguments, had: \(parts.count)")
        }
        return CompiledExpression { root, variables in
            for part in parts.dropLast() {
                let value = try part.evaluate(root, variables)
                if !isNullish(value) { return value }
            }
            return try last.evaluate(root, variables)
        }
    }

    private static func switchCase(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        guard let document = value.document else {
            throw MongoError(.init(40060), "$switch requires an object as an argument, found: \(typeName(value))")
        }
        var branches: [(CompiledExpression, CompiledExpression)] = []
        var fallback: CompiledExpression?
        for (key, value) in document {
            switch key {
            case "branches":
                guard let array = value.array else {
                    throw MongoError(
                        .init(40061), "$switch expected an array for 'branches', found: \(typeName(value))")
                }
                branches = try array.map { try branch($0, scope) }
            case "default": fallback = try scope.compile(value)
            default: throw MongoError(.init(40067), "$switch found an unknown argument: \(key)")
            }
        }
        if branches.isEmpty { throw MongoError(.init(40068), "$switch requires at least one branch.") }
        let (cases, otherwise) = (branches, fallback)
        return CompiledExpression { root, variables in
            for (test, result) in cases where try isTrue(test.evaluate(root, variables)) {
                return try result.evaluate(root, variables)
            }
            guard let otherwise else {
                throw MongoError(
                    .init(40066),
                    "$switch could not find a matching branch for an input, and no default was specified.")
            }
            return try otherwise.evaluate(root, variables)
        }
    }

    private static func branch(
        _ value: BSONValue, _ scope: ExpressionScope
    ) throws -> (CompiledExpression, CompiledExpression) {
        guard let document = value.document else {
            throw MongoError(
                .init(40062), "$switch expected each branch to be an object, found: \(typeName(value))")
        }
        for key in document.keys where key != "case" && key != "then" {
            throw MongoError(.init(40063), "$switch found an unknown argument to a branch: \(key)")
        }
        guard let test = document["case"] else {
            throw MongoError(.init(40064), "$switch requires each branch have a 'case' expression")
        }
        guard let result = document["then"] else {
            throw MongoError(.init(40065), "$switch requires each branch have a 'then' expression.")
        }
        return (try scope.compile(test), try scope.compile(result))
    }

    private static func letVariables(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        guard let document = value.document else {
            throw MongoError(.init(16874), "$let only supports an object as its argument")
        }
        for key in document.keys where key != "vars" && key != "in" {
            throw MongoError(.init(16875), "Unrecognized parameter to $let: \(key)")
        }
        guard let vars = document["vars"] else {
            throw MongoError(.init(16876), "Missing 'vars' parameter to $let")
        }
        guard let body = document["in"] else { throw MongoError(.init(16877), "Missing 'in' parameter to $let") }
        guard let vars = vars.document else {
            throw MongoError(.init(10065), "invalid parameter: expected an object (vars)")
        }
        let bindings = try vars.map { ($0.key, try scope.compile($0.value)) }
        let inner = try scope.adding(vars.keys).compile(body)
        return CompiledExpression { root, variables in
            var scoped = variables
            // All are evaluated outside the new scope: none sees another.
            for (name, expression) in bindings {
                scoped = scoped.binding(name, try expression.evaluate(root, variables))
            }
            return try inner.evaluate(root, scoped)
        }
    }
}
