internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// The operators that pick some elements of an array.
    static let picks: [String: ExpressionOperator] = [
        "$firstN": pick { Array($0.prefix($1)) },
        "$lastN": pick { Array($0.suffix($1)) },
        "$minN": pick { extremes($0, $1, largest: false) },
        "$maxN": pick { extremes($0, $1, largest: true) },
    ]

    /// The operators on timestamps.
    static let timestamps: [String: ExpressionOperator] = [
        "$tsSecond": timestampPart("$tsSecond", 5_687_301) { $0.seconds },
        "$tsIncrement": timestampPart("$tsIncrement", 5_687_302) { $0.increment },
    ]

    /// `{n: …, input: …}`.
    private static func pick(_ body: @escaping @Sendable ([BSONValue], Int) -> [BSONValue]) -> ExpressionOperator {
        ExpressionOperator { name, value, scope in
            let (n, input) = try AccumulatorLimit.arguments(name, value)
            let limit = AccumulatorLimit(try scope.compile(n))
            let list = try scope.compile(input)
            return CompiledExpression { root, variables in
                let count = try limit.value(root, variables)
                guard let array = try list.evaluate(root, variables)?.array else {
                    throw MongoError(.init(5_788_200), "Input must be an array")
                }
                return .array(BSONArray(body(Array(array), count)))
            }
        }
    }

    private static func extremes(_ values: [BSONValue], _ count: Int, largest: Bool) -> [BSONValue] {
        let sign = largest ? -1 : 1
        let sorted = values.filter { !isNullish($0) }.sorted { compareValues($0, $1) * sign < 0 }
        return Array(sorted.prefix(count))
    }

    private static func timestampPart(
        _ name: String, _ code: Int32, _ part: @escaping @Sendable (BSONTimestamp) -> UInt32
    ) -> ExpressionOperator {
        .unary { value in
            if isNullish(value) { return .null }
            guard case .timestamp(let timestamp)? = value else {
                throw MongoError(
                    .init(code), "Argument to \(name) must be a timestamp, but is \(typeName(value))")
            }
            return .int64(Int64(part(timestamp)))
        }
    }
}
