internal import BSON
internal import MongoProtocol

extension AccumulatorOperator {
    /// `$percentile`: the numbers below which given shares of all lie.
    static let percentile = AccumulatorOperator { name, value, environment in
        let (input, fields) = try arguments(name, value, ["input", "p", "method"], environment)
        let shares = try environment.scope.constant(fields["p"] ?? .null, environment.variables)
        guard let list = shares?.array, !list.isEmpty else {
            throw MongoError(
                .init(7_750_301),
                "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "
                    + (shares.map(\.description) ?? "missing"))
        }
        let wanted: [Double] = try list.map { share in
            guard share.isNumber, let number = share.double else {
                throw MongoError(
                    .init(7_750_302),
                    "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: \(share)")
            }
            guard (0...1).contains(number) else {
                throw MongoError(
                    .init(7_750_303),
                    "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: \(share)")
            }
            return number
        }
        return CompiledAccumulator(input: input) { _, _ in PercentileAccumulator(wanted, isSingle: false) }
    }

    /// `$median`: the percentile of one half.
    static let median = AccumulatorOperator { name, value, environment in
        let (input, _) = try arguments(name, value, ["input", "method"], environment)
        return CompiledAccumulator(input: input) { _, _ in PercentileAccumulator([0.5], isSingle: true) }
    }

    private static func arguments(
        _ name: String, _ value: BSONValue, _ fields: [String], _ environment: PipelineEnvironment
    ) throws -> (input: CompiledExpression, fields: BSONDocument) {
        guard let document = value.document else {
            throw MongoError(
                .init(name == "$median" ? 7_436_100 : 7_429_703),
                "specification must be an object; found \(name): \(value)")
        }
        for key in document.keys where !fields.contains(key) {
            throw MongoError(.init(40415), "BSON field '\(name).\(key)' is an unknown field.")
        }
        for field in fields where document[field] == nil {
            throw MongoError(.missingField, "BSON field '\(name).\(field)' is missing but a required field")
        }
        guard document["method"]?.string == "approximate" else {
            throw MongoError(
                .badValue, "Currently only 'approximate' can be used as a percentile 'method'.")
        }
        return (try environment.scope.compile(document["input"] ?? .null), document)
    }
}

/// Gathers numbers and answers with those at given ranks; all else is passed over.
final class PercentileAccumulator: Accumulator {
    private let shares: [Double]
    private let isSingle: Bool
    private var numbers: [Double] = []
    init(_ shares: [Double], isSingle: Bool) { (self.shares, self.isSingle) = (shares, isSingle) }

    func add(_ value: BSONValue?) {
        guard let number = BSONNumber(value)?.double, !number.isNaN else { return }
        numbers.append(number)
    }

    var result: BSONValue {
        let sorted = numbers.sorted()
        let found = shares.map { share -> BSONValue in
            if sorted.isEmpty { return .null }
            let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
            return .double(sorted[max(0, min(rank, sorted.count - 1))])
        }
        return isSingle ? found[0] : .array(BSONArray(found))
    }

    var size: Int { 48 + numbers.count * 8 }
    var partial: BSONValue { .array(BSONArray(numbers.map { .double($0) })) }
    func merge(_ partial: BSONValue) { for number in partial.array ?? [] { add(number) } }
}
