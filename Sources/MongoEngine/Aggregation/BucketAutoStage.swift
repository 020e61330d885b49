internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$bucketAuto`: a given number of buckets with about as many documents each.
    static func bucketAuto(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(
                .init(40240), "The argument to $bucketAuto must be an object, but found type: \(value.type.alias).")
        }
        for key in document.keys where !["groupBy", "buckets", "output", "granularity"].contains(key) {
            throw MongoError(.init(40245), "Unrecognized option to $bucketAuto: \(key).")
        }
        guard let groupBy = document["groupBy"], let buckets = document["buckets"] else {
            throw MongoError(.init(40246), "$bucketAuto requires 'groupBy' and 'buckets' to be specified.")
        }
        try checkGroupBy(groupBy, "$bucketAuto", 40239)
        guard buckets.isNumber else {
            throw MongoError(
                .init(40241),
                "The $bucketAuto 'buckets' field must be a numeric value, but found type: \(buckets.type.alias).")
        }
        guard let count = buckets.int64.flatMap({ Int32(exactly: $0) }) else {
            throw MongoError(
                .init(40242),
                "The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found \(buckets).")
        }
        guard count > 0 else {
            throw MongoError(
                .init(40243), "The $bucketAuto 'buckets' field must be greater than 0, but found: \(count).")
        }
        var rounding: PreferredNumbers?
        if let value = document["granularity"] {
            guard let name = value.string else {
                throw MongoError(
                    .init(40261),
                    "The $bucketAuto 'granularity' field must be a string, but found type: \(value.type.alias).")
            }
            guard let found = PreferredNumbers(name) else {
                throw MongoError(.init(40257), "Unknown rounding granularity '\(name)'")
            }
            rounding = found
        }
        let output = try bucketOutput(document["output"], "$bucketAuto", 40244)
        let specification = try GroupSpecification(
            id: try environment.scope.compile(groupBy), output: output, environment)
        let rounder = rounding
        return [
            Stage(name: "$bucketAuto") {
                BlockingSource($0, BucketAutoGatherer(specification, Int(count), rounder, $1))
            }
        ]
    }
}

/// Gathers the documents under their values, then fills one bucket after the other.
private final class BucketAutoGatherer: BlockingSource.Gatherer {
    private typealias Entry = (value: BSONValue, key: [UInt8], document: BSONDocument)

    private let specification: GroupSpecification
    private let count: Int
    private let rounding: PreferredNumbers?
    private let variables: ExpressionVariables
    private var entries: [Entry] = []
    private var bytes = 0

    init(
        _ specification: GroupSpecification, _ count: Int, _ rounding: PreferredNumbers?,
        _ variables: ExpressionVariables
    ) {
        (self.specification, self.count, self.rounding, self.variables) = (specification, count, rounding, variables)
    }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        let value = try specification.id.evaluate(document, variables) ?? .null
        if rounding != nil {
            guard value.isNumber, let number = value.double else {
                throw MongoError(
                    .init(40258),
                    "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with "
                        + "type: \(value.type.alias)")
            }
            guard !number.isNaN else {
                throw MongoError(
                    .init(40259), "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found NaN")
            }
            guard number >= 0 else {
                throw MongoError(
                    .init(40260),
                    "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a negative one")
            }
        }
        let key = KeyEncoding.key(of: value)
        entries.append((value, key, document))
        bytes += key.count * 2 + document.byteCount + 96
        guard bytes <= PipelineEnvironment.memoryLimit else {
            throw MongoError(
                .queryExceededMemoryLimit, "$bucketAuto exceeded the memory limit of 100 megabytes")
        }
    }

    func finish() throws -> any DocumentSource {
        // The sort is stable, so equal values stay in the order they came in.
        let order = entries.indices.sorted { a, b in
            let (x, y) = (entries[a].key, entries[b].key)
            return x == y ? a < b : SpillFile.precedes(x, y)
        }
        let sorted = order.map { entries[$0] }
        entries = []
        var ranges: [(range: Range<Int>, low: BSONValue, high: BSONValue)] = []
        var start = 0
        while start < sorted.count {
            let end = self.end(of: ranges.count, from: start, sorted)
            ranges.append((start..<end.place, sorted[start].value, end.boundary))
            start = end.place
        }
        for index in ranges.indices {
            // Each bucket ends where the next begins.
            if rounding != nil {
                ranges[index].low = index == 0 ? rounded(ranges[0].low, up: false) : ranges[index - 1].high
            } else if index > 0 {
                ranges[index - 1].high = ranges[index].low
            }
        }
        return ArraySource(try ranges.map { try bucket(sorted[$0.range], $0.low, $0.high) })
    }

    /// Where a bucket ends: behind its share of the documents and behind all that its upper boundary takes in.
    private func end(of bucket: Int, from start: Int, _ sorted: [Entry]) -> (place: Int, boundary: BSONValue) {
        // What does not divide evenly goes to the first buckets, one document each.
        let share = sorted.count / count + (bucket < sorted.count % count ? 1 : 0)
        var end = bucket == count - 1 ? sorted.count : min(start + max(share, 1), sorted.count)
        guard rounding != nil else {
            while end < sorted.count, sorted[end].key == sorted[end - 1].key { end += 1 }
            return (end, sorted[end - 1].value)
        }
        let boundary = rounded(sorted[end - 1].value, up: true)
        while end < sorted.count, BSONValue.compare(sorted[end].value, boundary) < 0 { end += 1 }
        return (end, boundary)
    }

    private func rounded(_ value: BSONValue, up: Bool) -> BSONValue {
        guard let rounding, let number = value.double else { return value }
        return .double(up ? rounding.above(number) : rounding.below(number))
    }

    private func bucket(_ entries: ArraySlice<Entry>, _ low: BSONValue, _ high: BSONValue) throws -> BSONDocument {
        var writer = BSONWriter()
        writer.append("_id", ["min": low, "max": high])
        for (name, accumulator) in zip(specification.names, specification.accumulators) {
            let state = try accumulator.make([:], variables)
            for entry in entries { try state.add(accumulator.input.evaluate(entry.document, variables)) }
            writer.append(name, state.result)
        }
        return writer.finish()
    }
}
