internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Objects, and accumulators over the values of one document.
    static let objects: [String: ExpressionOperator] = [
        "$mergeObjects": .values(any) { values in
            let merged = MergeAccumulator()
            for value in values { try merged.add(value) }
            return merged.result
        },
        "$getField": .raw(getField),
        "$sum": accumulated { SumAccumulator() },
        "$avg": accumulated { AverageAccumulator() },
        "$min": accumulated { ExtremeAccumulator(largest: false) },
        "$max": accumulated { ExtremeAccumulator(largest: true) },
        "$stdDevPop": accumulated { DeviationAccumulator(sample: false) },
        "$stdDevSamp": accumulated { DeviationAccumulator(sample: true) },
    ]

    /// An accumulator over its arguments, or over the elements of its only one.
    private static func accumulated(_ make: @escaping @Sendable () -> any Accumulator) -> ExpressionOperator {
        .values(any) { values in
            let state = make()
            if values.count == 1, let array = values[0]?.array {
                for value in array { try state.add(value) }
            } else {
                for value in values { try state.add(value) }
            }
            return state.result
        }
    }

    private static func getField(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        var field = value
        var input: CompiledExpression?
        if let document = value.document, document.keys.first?.utf8.first != UInt8(ascii: "$") {
            for key in document.keys where key != "field" && key != "input" {
                throw MongoError(.init(3_041_701), "$getField found an unknown argument: \(key)")
            }
            guard let name = document["field"] else {
                throw MongoError(.init(3_041_702), "$getField requires 'field' to be specified")
            }
            guard let source = document["input"] else {
                throw MongoError(.init(3_041_703), "$getField requires 'input' to be specified")
            }
            field = name
            input = try scope.compile(source)
        }
        guard case .constant(let constant) = try scope.compile(literal(field)).form, let name = constant?.string else {
            throw MongoError(
                .init(5_654_602), "$getField requires 'field' to evaluate to a constant of type String")
        }
        guard let input else { return CompiledExpression { root, _ in root[name] } }
        return CompiledExpression { root, variables in
            let value = try input.evaluate(root, variables)
            if let document = value?.document { return document[name] }
            return value == nil || isNullish(value) ? value.map { _ in .null } : nil
        }
    }

    /// A constant written as `{$literal: …}` or `{$const: …}`, or the value itself.
    private static func literal(_ value: BSONValue) -> BSONValue {
        value
    }
}
