internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Operators that evaluate an expression for each element of an array.
    static let iteration: [String: ExpressionOperator] = [
        "$filter": .raw(filter),
        "$map": .raw(map),
        "$reduce": .raw(reduce),
        "$zip": .raw(zipped),
    ]

    /// Splits an operator's object into its known parts.
    static func parts(
        _ name: String, _ value: BSONValue, _ known: [String], notObject: Int32, unknown: Int32
    ) throws -> [String: BSONValue] {
        guard let document = value.document else {
            throw MongoError(.init(notObject), "\(name) only supports an object as its argument")
        }
        var parts: [String: BSONValue] = [:]
        for (key, value) in document {
            guard known.contains(key) else {
                throw MongoError(.init(unknown), "Unrecognized parameter to \(name): \(key)")
            }
            parts[key] = value
        }
        return parts
    }

    /// A part that has to be there.
    static func required(
        _ name: String, _ parts: [String: BSONValue], _ key: String, _ code: Int32
    ) throws -> BSONValue {
        guard let value = parts[key] else {
            throw MongoError(.init(code), "Missing '\(key)' parameter to \(name)")
        }
        return value
    }

    private static func variable(_ parts: [String: BSONValue]) throws -> String {
        guard let name = parts["as"] else { return "this" }
        guard let text = name.string else {
            throw MongoError(.failedToParse, "the 'as' parameter must be a string")
        }
        return text
    }

    private static func filter(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts(
            "$filter", value, ["input", "as", "cond", "limit"], notObject: 28646, unknown: 28647)
        let input = try scope.compile(try required("$filter", parts, "input", 28648))
        let name = try variable(parts)
        let condition = try scope.adding([name]).compile(try required("$filter", parts, "cond", 28650))
        let limit = try parts["limit"].map(scope.compile)
        return CompiledExpression { root, variables in
            let list = try input.evaluate(root, variables)
            if isNullish(list) { return .null }
            guard let array = list?.array else {
                throw MongoError(.init(28651), "input to $filter must be an array not \(typeName(list))")
            }
            var most = Int.max
            if let limit {
                let value = try limit.evaluate(root, variables)
                if !isNullish(value) {
                    guard let count = value?.int64.flatMap({ Int32(exactly: $0) }) else {
                        throw MongoError(
                            .init(327391),
                            "$filter: limit must be represented as a 32-bit integral value: \(typeName(value))")
                    }
                    guard count > 0 else {
                        throw MongoError(.init(327392), "$filter: limit must be greater than 0: \(count)")
                    }
                    most = Int(count)
                }
            }
            var kept: [BSONValue] = []
            var budget = ValueBudget("$filter")
            for element in array {
                try budget.step()
                if kept.count >= most { break }
                if try isTrue(condition.evaluate(root, variables.binding(name, element))) { kept.append(element) }
            }
            return .array(BSONArray(kept))
        }
    }

    private static func map(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts("$map", value, ["input", "as", "in"], notObject: 16878, unknown: 16879)
        let input = try scope.compile(try required("$map", parts, "input", 16880))
        let name = try variable(parts)
        let body = try scope.adding([name]).compile(try required("$map", parts, "in", 16882))
        return CompiledExpression { root, variables in
            let list = try input.evaluate(root, variables)
            if isNullish(list) { return .null }
            guard let array = list?.array else {
                throw MongoError(.init(16883), "input to $map must be an array not \(typeName(list))")
            }
            var budget = ValueBudget("$map")
            let mapped = try array.map { element in
                try budget.step()
                let result = try body.evaluate(root, variables.binding(name, element)) ?? .null
                try budget.take(result)
                return result
            }
            return .array(BSONArray(mapped))
        }
    }

    private static func reduce(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts("$reduce", value, ["input", "initialValue", "in"], notObject: 40075, unknown: 40076)
        let input = try scope.compile(try required("$reduce", parts, "input", 40077))
        let initial = try scope.compile(try required("$reduce", parts, "initialValue", 40078))
        let body = try scope.adding(["this", "value"]).compile(try required("$reduce", parts, "in", 40079))
        return CompiledExpression { root, variables in
            let list = try input.evaluate(root, variables)
            if isNullish(list) { return .null }
            guard let array = list?.array else {
                throw MongoError(.init(40080), "$reduce requires that 'input' be an array, found: \(typeName(list))")
            }
            var result = try initial.evaluate(root, variables)
            var budget = ValueBudget("$reduce")
            for element in array {
                try budget.step()
                result = try body.evaluate(
                    root, variables.binding("value", result).binding("this", element))
            }
            return result
        }
    }

    private static func zipped(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts(
            "$zip", value, ["inputs", "useLongestLength", "defaults"], notObject: 34460, unknown: 34464)
        guard let inputs = try required("$zip", parts, "inputs", 34465).array else {
            throw MongoError(.init(34461), "inputs must be an array of expressions, found \(typeName(parts["inputs"]))")
        }
        if inputs.isEmpty { throw MongoError(.init(34465), "$zip requires at least one input array") }
        var isLongest = false
        if let flag = parts["useLongestLength"] {
            guard let value = flag.bool else {
                throw MongoError(.init(34463), "useLongestLength must be a bool, found \(typeName(flag))")
            }
            isLongest = value
        }
        var defaults: [CompiledExpression] = []
        if let value = parts["defaults"] {
            guard let array = value.array else {
                throw MongoError(.init(34462), "defaults must be an array of expressions, found \(typeName(value))")
            }
            defaults = try array.map(scope.compile)
            guard isLongest else {
                throw MongoError(.init(34466), "cannot specify defaults unless useLongestLength is true")
            }
            guard defaults.count == inputs.count else {
                throw MongoError(.init(34467), "defaults and inputs must have the same length")
            }
        }
        let (compiled, fallbacks, longest) = (try inputs.map(scope.compile), defaults, isLongest)
        return CompiledExpression { root, variables in
            var lists: [[BSONValue]] = []
            for input in compiled {
                let value = try input.evaluate(root, variables)
                if isNullish(value) { return .null }
                guard let array = value?.array else {
                    throw MongoError(.init(34468), "$zip found a non-array expression in input: \(typeName(value))")
                }
                lists.append(Array(array))
            }
            let counts = lists.map(\.count)
            let count = (longest ? counts.max() : counts.min()) ?? 0
            let padding = try fallbacks.map { try $0.evaluate(root, variables) ?? .null }
            var budget = ValueBudget("$zip")
            let rows: [BSONValue] = try (0..<count).map { row in
                let cells: [BSONValue] = try lists.indices.map { column in
                    let list = lists[column]
                    let cell = row < list.count ? list[row] : column < padding.count ? padding[column] : .null
                    try budget.take(cell)
                    return cell
                }
                return .array(BSONArray(cells))
            }
            return .array(BSONArray(rows))
        }
    }
}
