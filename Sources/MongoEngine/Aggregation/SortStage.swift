internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$sort`.
    static func sort(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(15973), "the $sort key specification must be an object")
        }
        guard let order = try SortOrder.parse(document) else {
            throw MongoError(.init(15976), "$sort stage must have at least one sort key")
        }
        return [sortStage(document, order, limit: nil, environment)]
    }

    /// A `$sort` that needs to give only its first documents, where a `$limit` follows it.
    static func sortStage(
        _ document: BSONDocument, _ order: SortOrder, limit: Int?, _ environment: PipelineEnvironment
    ) -> Stage {
        Stage(name: "$sort", role: .sort(document)) {
            BlockingSource($0, SortGatherer(order, limit: limit, allowsDiskUse: environment.allowsDiskUse))
        }
    }
}

/// Sorts what comes in: with a limit only the first are kept, without one runs go to disk past the memory limit.
private final class SortGatherer: BlockingSource.Gatherer {
    private let order: SortOrder
    private let limit: Int?
    private let allowsDiskUse: Bool
    private var records: [SpillFile.Record] = []
    private var bytes = 0
    private var runs: [SpillFile] = []

    init(_ order: SortOrder, limit: Int?, allowsDiskUse: Bool) {
        self.order = order
        self.limit = limit
        self.allowsDiskUse = allowsDiskUse
    }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        let key = try document.withRaw { try order.key(of: $0) }
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
