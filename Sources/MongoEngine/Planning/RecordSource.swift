internal import BSON

/// What a source of records has next.
enum RecordStep {
    /// A record and its document.
    case record(RecordID, BSONDocument)
    /// Nothing yet: the slice of work is used up.
    case pause
    /// Nothing more.
    case end
}

/// Gives records one at a time, for commands that change or remove them.
///
/// Like a ``DocumentSource`` it keeps its place as values, so it goes on in any later context.
protocol RecordSource: AnyObject {
    /// The next record.
    func next(_ context: ExecutionContext) throws -> RecordStep
}

/// What a plan's sources have looked at so far, for `explain` and the profiler.
final class PlanCounters {
    var keysExamined = 0
    var docsExamined = 0
    var nReturned = 0
}

/// Gives no record.
final class EmptyRecords: RecordSource {
    func next(_ context: ExecutionContext) -> RecordStep { .end }
}

/// Reads one record by the key of its `_id`.
final class PointRecord: RecordSource {
    private let collection: CollectionDefinition
    private let key: [UInt8]
    private let counters: PlanCounters
    private var isDone = false

    init(_ collection: CollectionDefinition, _ key: [UInt8], _ counters: PlanCounters) {
        (self.collection, self.key, self.counters) = (collection, key, counters)
    }

    func next(_ context: ExecutionContext) throws -> RecordStep {
        if isDone { return .end }
        isDone = true
        guard let id = try context.reader.firstRecord(collection.idIndex.table, key: key) else { return .end }
        counters.keysExamined &+= 1
        let document = try context.reader.record(collection.records, id) {
            BSONDocument(RawDocument($0), owner: nil)
        }
        guard let document else { return .end }
        counters.docsExamined &+= 1
        return .record(id, document)
    }
}

/// Walks over all records and gives those that match.
final class CollectionScan: RecordSource {
    private let table: TableID
    private let filter: CompiledFilter
    private let descending: Bool
    private let counters: PlanCounters
    private var position: RecordID?
    private var cursor: RecordCursor?
    private var context: ExecutionContext?
    private var mustPause = false
    private var isDone = false

    init(_ table: TableID, _ filter: CompiledFilter, descending: Bool, _ counters: PlanCounters) {
        (self.table, self.filter, self.descending, self.counters) = (table, filter, descending, counters)
    }

    func next(_ context: ExecutionContext) throws -> RecordStep {
        if isDone { return .end }
        if mustPause {
            mustPause = false
            return .pause
        }
        let cursor: RecordCursor
        if let open = self.cursor, self.context === context {
            cursor = open
        } else {
            self.cursor = nil
            cursor = try context.reader.records(table, from: position, descending: descending)
            (self.cursor, self.context) = (cursor, context)
        }
        let matchesAll = filter.isEmpty
        while try cursor.next() {
            counters.docsExamined &+= 1
            let isUsedUp = try context.countRow()
            let raw = RawDocument(cursor.bytes)
            if try matchesAll || filter.matches(raw) {
                let id = cursor.id
                position = id
                mustPause = isUsedUp
                return .record(id, BSONDocument(raw, owner: nil))
            }
            if isUsedUp {
                position = cursor.id
                return .pause
            }
        }
        (self.cursor, self.context, isDone) = (nil, nil, true)
        return .end
    }
}

/// Reads the records that an index names and gives those that match.
///
/// A record that changed since its key was seen is judged as it is now, and one that is gone is passed over.
final class FetchScan: RecordSource {
    private let table: TableID
    private let candidates: any CandidateScan
    private let filter: CompiledFilter
    private let counters: PlanCounters
    private var mustPause = false

    init(_ table: TableID, _ candidates: any CandidateScan, _ filter: CompiledFilter, _ counters: PlanCounters) {
        (self.table, self.candidates, self.filter, self.counters) = (table, candidates, filter, counters)
    }

    func next(_ context: ExecutionContext) throws -> RecordStep {
        if mustPause {
            mustPause = false
            return .pause
        }
        let filter = filter
        let matchesAll = filter.isEmpty
        while true {
            let step = try candidates.next(context, counters)
            guard case .candidate(let id) = step else { return step.isPause ? .pause : .end }
            let isUsedUp = try context.countRow()
            let document: BSONDocument?? = try context.reader.record(table, id) { bytes in
                let raw = RawDocument(bytes)
                return try matchesAll || filter.matches(raw) ? BSONDocument(raw, owner: nil) : nil
            }
            if let document {
                counters.docsExamined &+= 1
                if let document {
                    candidates.savePosition()
                    mustPause = isUsedUp
                    return .record(id, document)
                }
            }
            if isUsedUp {
                candidates.savePosition()
                return .pause
            }
        }
    }
}

/// Passes over the first records and stops behind the last one wanted.
final class RecordWindow: RecordSource {
    private let source: any RecordSource
    private var skip: Int
    private var remaining: Int

    init(_ source: any RecordSource, skip: Int, limit: Int?) {
        (self.source, self.skip, remaining) = (source, skip, limit ?? .max)
    }

    func next(_ context: ExecutionContext) throws -> RecordStep {
        while remaining > 0 {
            let step = try source.next(context)
            guard case .record = step else { return step }
            if skip > 0 {
                skip -= 1
                continue
            }
            remaining -= 1
            return step
        }
        return .end
    }
}

/// Gives the documents of records in the shape that the projection asks for.
final class PlannedDocuments: DocumentSource {
    private let source: any RecordSource
    private let project: (@Sendable (BSONDocument) throws -> BSONDocument)?
    private let counters: PlanCounters

    init(
        _ source: any RecordSource, _ project: (@Sendable (BSONDocument) throws -> BSONDocument)?,
        _ counters: PlanCounters
    ) {
        (self.source, self.project, self.counters) = (source, project, counters)
    }

    func next(_ context: ExecutionContext) throws -> Step {
        switch try source.next(context) {
        case .record(_, let document):
            counters.nReturned &+= 1
            guard let project else { return .document(document) }
            return .document(try project(document))
        case .pause: return .pause
        case .end: return .end
        }
    }
}
