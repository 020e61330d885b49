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
    /// ``next(_:)`` for whoever copies the document anyway, or needs none: shows it where it lies, which may be the
    /// storage's memory.
    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit
}

/// What a visit to a source's next record came to.
enum RecordVisit {
    /// The record's document was shown.
    case record(RecordID)
    /// Nothing yet: the slice of work is used up.
    case pause
    /// Nothing more.
    case end
}

extension RecordSource {
    /// The next record, with a copy of its document.
    func next(_ context: ExecutionContext) throws -> RecordStep {
        var document = BSONDocument()
        switch try visit(context, { document = BSONDocument($0, owner: nil) }) {
        case .record(let id): return .record(id, document)
        case .pause: return .pause
        case .end: return .end
        }
    }

    /// Shows the document that ``next(_:)`` gives: a source writes one of the two.
    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit {
        switch try next(context) {
        case .record(let id, let document):
            try document.withRaw(body)
            return .record(id)
        case .pause: return .pause
        case .end: return .end
        }
    }
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

    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit {
        if isDone { return .end }
        isDone = true
        guard let id = try context.reader.firstRecord(collection.idIndex.table, key: key) else { return .end }
        counters.keysExamined &+= 1
        let found: Void? = try context.reader.record(collection.records, id) { try body(RawDocument($0)) }
        guard found != nil else { return .end }
        counters.docsExamined &+= 1
        return .record(id)
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

    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit {
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
                try body(raw)
                return .record(id)
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

    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit {
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
            let isMatch: Bool? = try context.reader.record(table, id) { bytes in
                let raw = RawDocument(bytes)
                guard try matchesAll || filter.matches(raw) else { return false }
                try body(raw)
                return true
            }
            if let isMatch {
                counters.docsExamined &+= 1
                if isMatch {
                    candidates.savePosition()
                    mustPause = isUsedUp
                    return .record(id)
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

    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> RecordVisit {
        while remaining > 0 {
            let isSkipped = skip > 0
            let step = try source.visit(context) { if !isSkipped { try body($0) } }
            guard case .record = step else { return step }
            if isSkipped {
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

    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> VisitStep {
        let step = try source.visit(context) { raw in
            guard let project else { return try body(raw) }
            try project(BSONDocument(raw, owner: nil)).withRaw(body)
        }
        switch step {
        case .record:
            counters.nReturned &+= 1
            return .visited
        case .pause: return .pause
        case .end: return .end
        }
    }
}
