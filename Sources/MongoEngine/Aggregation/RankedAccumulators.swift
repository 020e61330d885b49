internal import BSON
internal import MongoProtocol

extension AccumulatorOperator {
    /// `$top`, `$bottom`, `$topN` and `$bottomN`: outputs of the first or last documents in an order of their own.
    static func ranked(bottom: Bool, many: Bool) -> AccumulatorOperator {
        AccumulatorOperator { name, value, environment in
            guard let document = value.document else {
                throw MongoError(.init(5_788_001), "specification must be an object; found \(name): \(value)")
            }
            for key in document.keys where !["output", "sortBy"].contains(key) && !(many && key == "n") {
                throw MongoError(.init(5_788_002), "Unknown argument to \(name) '\(key)'")
            }
            func required(_ field: String, _ code: Int32) throws -> BSONValue {
                if let value = document[field] { return value }
                throw MongoError(.init(code), "Missing value for '\(field)'")
            }
            let limit = many ? try AccumulatorLimit(try required("n", 5_788_003), environment) : nil
            let output = try environment.scope.compile(try required("output", 5_788_004))
            guard let sortBy = try required("sortBy", 5_788_005).document else {
                throw MongoError(.init(10065), "invalid parameter: expected an object (sortBy)")
            }
            guard let order = try SortOrder.parse(sortBy) else {
                throw MongoError(.badValue, "sortBy must not be empty")
            }
            let input = CompiledExpression { document, variables in
                let key = try document.withRaw { try order.key(of: $0) }
                let output = try output.evaluate(document, variables) ?? .null
                return .array([.binary(BSONBinary(bytes: key)), output])
            }
            return CompiledAccumulator(input: input) { id, variables in
                RankedAccumulator(
                    bottom: bottom, limit: try limit?.value(id, variables) ?? 1, isSingle: !many)
            }
        }
    }
}

/// Keeps the first or last outputs in the order of their sort keys; what is equal stays in the order it came in.
final class RankedAccumulator: Accumulator {
    private let isBottom: Bool
    private let limit: Int
    private let isSingle: Bool
    private var entries: [(key: [UInt8], output: BSONValue)] = []
    private(set) var size = 48

    init(bottom: Bool, limit: Int, isSingle: Bool) {
        (isBottom, self.limit, self.isSingle) = (bottom, limit, isSingle)
    }

    func add(_ value: BSONValue?) {
        guard let pair = value?.array, case .binary(let key)? = pair[0], let output = pair[1] else { return }
        let bytes = [UInt8](key.bytes)
        if entries.count >= limit {
            let edge = isBottom ? entries.first : entries.last
            guard let edge, isBottom ? !SpillFile.precedes(bytes, edge.key) : SpillFile.precedes(bytes, edge.key) else {
                return
            }
        }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if SpillFile.precedes(bytes, entries[middle].key) { high = middle } else { low = middle + 1 }
        }
        entries.insert((bytes, output), at: low)
        size += bytes.count + approximateSize(output)
        if entries.count > limit {
            let gone = isBottom ? entries.removeFirst() : entries.removeLast()
            size -= gone.key.count + approximateSize(gone.output)
        }
    }

    var result: BSONValue {
        isSingle ? entries.first?.output ?? .null : .array(BSONArray(entries.map(\.output)))
    }

    var partial: BSONValue {
        .array(BSONArray(entries.map { .array([.binary(BSONBinary(bytes: $0.key)), $0.output]) }))
    }

    func merge(_ partial: BSONValue) { for pair in partial.array ?? [] { add(pair) } }
}
