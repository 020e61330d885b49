internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$sort`.
    static func sort(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(15973), "the $sort key specification must be an object")
        }
        let pattern = try SortKeyPattern(document)
        return [sortStage(document, pattern, limit: nil, environment)]
    }

    /// A `$sort` that needs to give only its first documents, where a `$limit` follows it.
    static func sortStage(
        _ document: BSONDocument, _ pattern: SortKeyPattern, limit: Int?, _ environment: PipelineEnvironment
    ) -> Stage {
        Stage(name: "$sort", role: .sort(document)) {
            BlockingSource($0, SortGatherer(pattern, limit: limit, allowsDiskUse: environment.allowsDiskUse))
        }
    }
}

/// The parts of a `$sort`, which make of each document bytes in the order asked for.
struct SortKeyPattern: Sendable {
    private let parts: [(path: [String], descending: Bool)]

    init(_ document: BSONDocument) throws {
        var parts: [(path: [String], descending: Bool)] = []
        for (name, direction) in document {
            guard direction.isNumber else {
                throw MongoError(.init(15974), "Illegal key in $sort specification: \(name): \(direction)")
            }
            guard let sign = direction.int, sign == 1 || sign == -1 else {
                throw MongoError(.init(15975), "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
            }
            parts.append((try ExpressionPath(name).parts, sign < 0))
        }
        if parts.isEmpty { throw MongoError(.init(15976), "$sort stage must have at least one sort key") }
        self.parts = parts
    }

    /// Bytes that stand in the order of the documents.
    func key(of document: BSONDocument) -> [UInt8] {
        document.withRaw { raw in
            var key: [UInt8] = []
            for (path, descending) in parts {
                var best: RawValue?
                var found = false
                Self.walk(raw, path[...]) { value in
                    if found {
                        let order = Self.compare(value, best)
                        if descending ? order <= 0 : order >= 0 { return }
                    }
                    best = value
                    found = true
                }
                if let best {
                    // An array among the values stands for itself only inside another; alone it is an empty one.
                    KeyEncoding.append(best, to: &key, descending: descending)
                } else {
                    KeyEncoding.append(.null, to: &key, descending: descending)
                }
            }
            return key
        }
    }

    private static func compare(_ a: RawValue?, _ b: RawValue?) -> Int {
        switch (a, b) {
        case (nil, nil): 0
        case (nil, let y?): Int(BSONType.null.canonicalOrder) - Int(y.type.canonicalOrder)
        case (let x?, nil): Int(x.type.canonicalOrder) - Int(BSONType.null.canonicalOrder)
        case (let x?, let y?): RawValue.compare(x, y)
        }
    }

    /// Hands out the values that a document is sorted by: through arrays, and the elements of one at the end.
    private static func walk(_ document: RawDocument, _ path: ArraySlice<String>, _ visit: (RawValue?) -> Void) {
        guard let name = path.first else { return }
        guard let value = document[name] else { return visit(nil) }
        let rest = path.dropFirst()
        switch value.type {
        case .document where !rest.isEmpty: walk(value.document, rest, visit)
        case .array where rest.isEmpty:
            // An empty array sorts below null, as undefined does.
            if value.document.isEmpty { return visit(RawValue(type: .undefined, base: value.base, count: 0)) }
            for element in value.document { visit(element.value) }
        case .array:
            if let index = rest.first, Int(index) != nil, value.document[index] != nil {
                return walk(value.document, rest, visit)
            }
            var any = false
            for element in value.document where element.value.type == .document {
                any = true
                walk(element.value.document, rest, visit)
            }
            if !any { visit(nil) }
        default: visit(rest.isEmpty ? value : nil)
        }
    }
}

/// Sorts what comes in: with a limit only the first are kept, without one runs go to disk past the memory limit.
private final class SortGatherer: BlockingSource.Gatherer {
    private let pattern: SortKeyPattern
    private let limit: Int?
    private let allowsDiskUse: Bool
    private var records: [SpillFile.Record] = []
    private var bytes = 0
    private var runs: [SpillFile] = []

    init(_ pattern: SortKeyPattern, limit: Int?, allowsDiskUse: Bool) {
        self.pattern = pattern
        self.limit = limit
        self.allowsDiskUse = allowsDiskUse
    }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        let key = pattern.key(of: document)
        records.append((key, document))
        bytes += key.count + document.byteCount + 96
        if let limit, records.count >= max(limit.multipliedReportingOverflow(by: 2).partialValue, 1024),
            records.count / 2 >= limit
        {
            sort()
            records.removeSubrange(limit...)
            bytes = records.reduce(0) { $0 + $1.key.count + $1.document.byteCount + 96 }
        }
        if bytes > PipelineEnvironment.memoryLimit { try spill() }
    }

    private func sort() { records.sort { SpillFile.precedes($0.key, $1.key) } }

    private func spill() throws {
        guard allowsDiskUse else {
            throw MongoError(
                .queryExceededMemoryLimit,
                "Sort exceeded memory limit of \(PipelineEnvironment.memoryLimit) bytes, but did not opt in to "
                    + "external sorting.")
        }
        sort()
        let file = try SpillFile()
        for record in records { try file.append(key: record.key, record.document) }
        runs.append(file)
        records.removeAll()
        bytes = 0
    }

    func finish() throws -> any DocumentSource {
        if runs.isEmpty {
            sort()
            var sorted = records.makeIterator()
            records.removeAll()
            return ClosureSource { _ in sorted.next()?.document }
        }
        if !records.isEmpty { try spill() }
        let merge = try SpillMerge(runs)
        return ClosureSource { _ in try merge.next()?.document }
    }
}
