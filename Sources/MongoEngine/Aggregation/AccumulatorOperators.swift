internal import BSON
internal import MongoProtocol

/// One accumulated field of a `$group`.
struct CompiledAccumulator: Sendable {
    /// Starts a group's state: given the group's id, as the fields that an `n` may refer to.
    typealias Make = @Sendable (_ id: BSONDocument, ExpressionVariables) throws -> any Accumulator

    /// What is gathered from each document.
    let input: CompiledExpression
    let make: Make
}

/// One operator that `$group` accumulates with.
struct AccumulatorOperator: Sendable {
    /// Reads what stands behind the operator's name.
    let compile: @Sendable (_ name: String, BSONValue, PipelineEnvironment) throws -> CompiledAccumulator

    /// An operator over one expression.
    static func unary(_ make: @escaping @Sendable () -> any Accumulator) -> AccumulatorOperator {
        AccumulatorOperator { name, value, environment in
            if case .array = value {
                throw MongoError(.init(40237), "The \(name) accumulator is a unary operator")
            }
            return CompiledAccumulator(input: try environment.scope.compile(value)) { _, _ in make() }
        }
    }

    /// An operator over `input`, keeping `n` of its values.
    static func many(_ make: @escaping @Sendable (Int) -> any Accumulator) -> AccumulatorOperator {
        AccumulatorOperator { name, value, environment in
            let (n, input) = try AccumulatorLimit.arguments(name, value)
            let limit = try AccumulatorLimit(n, environment)
            return CompiledAccumulator(input: try environment.scope.compile(input)) { id, variables in
                make(try limit.value(id, variables))
            }
        }
    }
}

/// The `n` of an accumulator: a constant, or an expression over the group's id.
struct AccumulatorLimit: Sendable {
    private let expression: CompiledExpression

    init(_ expression: CompiledExpression) { self.expression = expression }

    /// - Throws: MongoDB's errors for a constant that is no positive integer.
    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
        expression = try environment.scope.compile(value)
        // A literal is checked even where no document comes by.
        if case .constant = expression.form { _ = try self.value([:], environment.variables) }
    }

    /// The fields of an operator's specification, `{input: …, n: …}`.
    /// - Throws: MongoDB's errors for one that is no document, lacks a field or has another.
    static func arguments(_ name: String, _ value: BSONValue) throws -> (n: BSONValue, input: BSONValue) {
        guard let document = value.document else {
            throw MongoError(.init(5_787_801), "specification must be an object; found \(name): \(value)")
        }
        for key in document.keys where key != "input" && key != "n" {
            throw MongoError(.init(5_787_901), "Unknown argument for 'n' operator: \(key)")
        }
        guard let n = document["n"] else { throw MongoError(.init(5_787_906), "Missing value for 'n'") }
        guard let input = document["input"] else {
            throw MongoError(.init(5_787_907), "Missing value for 'input'")
        }
        return (n, input)
    }

    /// The number of values to keep.
    func value(_ id: BSONDocument, _ variables: ExpressionVariables) throws -> Int {
        let count = try expression.evaluate(id, variables)
        guard let count, count.isNumber else {
            throw MongoError(
                .init(5_787_902),
                "Value for 'n' must be of integral type, but found \(count.map(\.description) ?? "missing")")
        }
        guard let limit = count.int else {
            throw MongoError(.init(5_787_903), "Value for 'n' must be of integral type, but found \(count)")
        }
        guard limit > 0 else { throw MongoError(.init(5_787_908), "'n' must be greater than 0, found \(limit)") }
        return limit
    }
}

/// The table of accumulators: one row each.
enum AccumulatorOperators {
    private static let table: [String: AccumulatorOperator] = [
        "$sum": .unary { SumAccumulator() },
        "$avg": .unary { AverageAccumulator() },
        "$min": .unary { ExtremeAccumulator(largest: false) },
        "$max": .unary { ExtremeAccumulator(largest: true) },
        "$first": .unary { EndAccumulator(last: false) },
        "$last": .unary { EndAccumulator(last: true) },
        "$push": .unary { PushAccumulator() },
        "$addToSet": .unary { SetAccumulator() },
        "$mergeObjects": .unary { MergeAccumulator() },
        "$stdDevPop": .unary { DeviationAccumulator(sample: false) },
        "$stdDevSamp": .unary { DeviationAccumulator(sample: true) },
        "$firstN": .many { EndsAccumulator(last: false, limit: $0) },
        "$lastN": .many { EndsAccumulator(last: true, limit: $0) },
        "$minN": .many { ExtremesAccumulator(largest: false, limit: $0) },
        "$maxN": .many { ExtremesAccumulator(largest: true, limit: $0) },
        "$top": .ranked(bottom: false, many: false),
        "$topN": .ranked(bottom: false, many: true),
        "$bottom": .ranked(bottom: true, many: false),
        "$bottomN": .ranked(bottom: true, many: true),
        "$percentile": .percentile,
        "$median": .median,
        "$count": AccumulatorOperator { _, value, _ in
            guard value.document?.isEmpty == true else {
                throw MongoError(.typeMismatch, "$count takes no arguments, i.e. $count:{}")
            }
            return CompiledAccumulator(input: .constant(.int32(1))) { _, _ in SumAccumulator() }
        },
    ]

    static func compile(
        _ name: String, _ value: BSONValue, _ environment: PipelineEnvironment
    ) throws -> CompiledAccumulator {
        guard let found = table[name] else {
            throw MongoError(.init(15952), "unknown group operator '\(name)'")
        }
        return try found.compile(name, value, environment)
    }
}
