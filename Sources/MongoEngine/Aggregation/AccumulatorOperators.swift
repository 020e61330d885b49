internal import BSON
internal import MongoProtocol

/// One accumulated field of a `$group`.
struct CompiledAccumulator: Sendable {
    /// What is gathered from each document.
    let input: CompiledExpression
    /// Starts a group's state.
    let make: @Sendable () -> any Accumulator
}

/// One operator that `$group` accumulates with.
struct AccumulatorOperator: Sendable {
    /// Reads what stands behind the operator's name.
    let compile: @Sendable (_ name: String, BSONValue, ExpressionScope) throws -> CompiledAccumulator

    /// An operator over one expression.
    static func unary(_ make: @escaping @Sendable () -> any Accumulator) -> AccumulatorOperator {
        AccumulatorOperator { name, value, scope in
            if case .array = value {
                throw MongoError(.init(40237), "The \(name) accumulator is a unary operator")
            }
            return CompiledAccumulator(input: try scope.compile(value), make: make)
        }
    }

    /// An operator over `input`, keeping `n` of its values.
    static func many(_ make: @escaping @Sendable (Int) -> any Accumulator) -> AccumulatorOperator {
        AccumulatorOperator { name, value, scope in
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
            let count = try scope.compile(n).evaluate(
                BSONDocument(), ExpressionVariables(now: BSONDate(millisecondsSince1970: 0)))
            guard let count, count.isNumber else {
                throw MongoError(.init(5_787_902), "Value for 'n' must be of integral type, but found \(n)")
            }
            guard let limit = count.int else {
                throw MongoError(.init(5_787_903), "Value for 'n' must be of integral type, but found \(n)")
            }
            guard limit > 0 else {
                throw MongoError(.init(5_787_908), "'n' must be greater than 0, found \(limit)")
            }
            return CompiledAccumulator(input: try scope.compile(input), make: { make(limit) })
        }
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
        "$count": AccumulatorOperator { _, value, _ in
            guard value.document?.isEmpty == true else {
                throw MongoError(.typeMismatch, "$count takes no arguments, i.e. $count:{}")
            }
            return CompiledAccumulator(input: .constant(.int32(1)), make: { SumAccumulator() })
        },
    ]

    static func compile(_ name: String, _ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledAccumulator {
        guard let found = table[name] else {
            throw MongoError(.init(15952), "unknown group operator '\(name)'")
        }
        return try found.compile(name, value, scope)
    }
}
