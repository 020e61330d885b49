internal import BSON
internal import MongoProtocol

/// One document on its way through a sort.
struct SortEntry {
    let key: [UInt8]
    let record: RecordID
    let document: BSONDocument

    /// What the entry takes in memory, about.
    var size: Int { key.count &+ document.byteCount &+ 96 }
}

/// Takes all records of another source and gives them in order.
///
/// With a limit it keeps the first ones only. Without one it writes sorted runs to a temporary file whenever its memory
/// is used up, and merges them.
final class SortedRecords: RecordSource {
    /// The memory that a sort may use, as MongoDB's `internalQueryMaxBlockingSortMemoryUsageBytes`.
    static let memoryLimit = 100 * 1024 * 1024

    private let source: any RecordSource
    private let order: SortOrder
    private let limit: Int?
    private let allowDiskUse: Bool
    private let memoryLimit: Int

    private var entries: [SortEntry] = []
    private var size = 0
    /// The key of the last entry that a limit lets through, once there are enough.
    private var threshold: [UInt8]?
    private var runs: [SpillFile] = []
    private var merge: SpillMerge?
    private var isCollected = false
    private var position = 0

    /// - Parameter limit: How many records are wanted, those to be skipped included.
    init(
        _ source: any RecordSource, _ order: SortOrder, limit: Int?, allowDiskUse: Bool,
        memoryLimit: Int = SortedRecords.memoryLimit
    ) {
        (self.source, self.order, self.limit) = (source, order, limit)
        (self.allowDiskUse, self.memoryLimit) = (allowDiskUse, memoryLimit)
    }

    func next(_ context: ExecutionContext) throws -> RecordStep {
        while !isCollected {
            switch try source.next(context) {
            case .record(let id, let document): try add(id, document)
            case .pause: return .pause
            case .end: try finish()
            }
        }
        if let merge {
            if try context.countRow() { return .pause }
            guard let (key, document) = try merge.next() else { return .end }
            return .record(Self.record(behind: key), document)
        }
        guard position < entries.count else {
            entries = []
            return .end
        }
        defer { position += 1 }
        return .record(entries[position].record, entries[position].document)
    }

    private func add(_ id: RecordID, _ document: BSONDocument) throws {
        let key = try document.withRaw { try order.key(of: $0) }
        if let threshold, !key.lexicographicallyPrecedes(threshold) { return }
        let entry = SortEntry(key: key, record: id, document: document)
        entries.append(entry)
        size &+= entry.size
        if let limit, limit < 1 << 30, entries.count >= max(limit * 2, 256) {
            arrange()
            entries.removeSubrange(limit...)
            size = entries.reduce(0) { $0 &+ $1.size }
            threshold = entries.last?.key
        }
        if size > memoryLimit { try spillEntries() }
    }

    private func finish() throws {
        isCollected = true
        if !runs.isEmpty {
            if !entries.isEmpty { try spillEntries() }
            merge = try SpillMerge(runs)
            return
        }
        arrange()
        if let limit, entries.count > limit { entries.removeSubrange(limit...) }
    }

    /// Entries with equal keys stay in the order they came in.
    private func arrange() {
        let order = entries.indices.sorted { a, b in
            let (x, y) = (entries[a].key, entries[b].key)
            return x == y ? a < b : x.lexicographicallyPrecedes(y)
        }
        entries = order.map { entries[$0] }
    }

    private func spillEntries() throws {
        guard allowDiskUse else {
            throw MongoError(
                .queryExceededMemoryLimit,
                "Sort exceeded memory limit of \(memoryLimit) bytes, but did not opt in to external sorting.")
        }
        arrange()
        let run = try SpillFile()
        for entry in entries {
            // Keys end by themselves, so the record's number behind one changes no order.
            var key = entry.key
            withUnsafeBytes(of: entry.record.raw.bigEndian) { key.append(contentsOf: $0) }
            try run.append(key: key, entry.document)
        }
        runs.append(run)
        entries.removeAll()
        size = 0
    }

    private static func record(behind key: [UInt8]) -> RecordID {
        RecordID(raw: key.suffix(8).reduce(0) { $0 << 8 | Int64($1) })
    }
}
