internal import BSON

/// What an index names next.
enum CandidateStep {
    case candidate(RecordID)
    case pause
    case end

    var isPause: Bool { if case .pause = self { true } else { false } }
}

/// Gives the records that keys of an index name, each once.
protocol CandidateScan: AnyObject {
    func next(_ context: ExecutionContext, _ counters: PlanCounters) throws -> CandidateStep
    /// Keeps the place behind the candidate given last; called before control leaves the slice.
    func savePosition()
}

/// A place in the entries of an index, moving over runs of keys one after the other.
final class KeyScan {
    private let table: TableID
    private let ranges: [KeyRange]
    private let descending: Bool
    private let check: KeyCheck?
    private var current = 0
    private var lastKey: [UInt8] = []
    private var lastRecord: RecordID?
    private var cursor: KeyCursor?
    private var context: ExecutionContext?

    /// - Parameters:
    ///   - ranges: The runs in the order they are scanned in.
    ///   - check: What keys have to be besides standing in a run.
    init(_ table: TableID, _ ranges: [KeyRange], descending: Bool, _ check: KeyCheck?) {
        (self.table, self.ranges, self.descending, self.check) = (table, ranges, descending, check)
    }

    /// The record of the next entry.
    /// - Parameter pauses: Whether the scan may stop among keys that it passes over.
    func next(
        _ context: ExecutionContext, _ counters: PlanCounters, pauses: Bool = true
    ) throws -> CandidateStep {
        if self.context !== context {
            cursor = nil
            self.context = context
        }
        while current < ranges.count {
            let open: KeyCursor
            if let cursor {
                open = cursor
            } else {
                open = try context.reader.keys(
                    table, ranges[current], after: lastRecord.map { (lastKey, $0) }, descending: descending)
                cursor = open
            }
            if try open.next() {
                counters.keysExamined &+= 1
                switch check?.place(of: open.key, backward: descending) {
                case nil, .inside?: return .candidate(open.record)
                case .before(let key)?:
                    if try context.countRow(), pauses {
                        savePosition()
                        return .pause
                    }
                    try open.seek(to: key)
                    continue
                case .behindAll?: break
                }
            }
            cursor = nil
            lastRecord = nil
            current += 1
        }
        return .end
    }

    /// The key of the entry given last, within its slice.
    var key: UnsafeRawBufferPointer { cursor?.key ?? UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Keeps the place behind the entry given last.
    func savePosition() {
        guard let cursor else { return }
        lastKey.removeAll(keepingCapacity: true)
        lastKey.append(contentsOf: cursor.key)
        lastRecord = cursor.record
    }
}

/// Entries of one or several indexes in turn; a record that several keys name is given once.
final class SequentialCandidates: CandidateScan {
    private let scans: [KeyScan]
    private var current = 0
    private var seen: Set<RecordID>?

    /// - Parameter deduplicates: Whether a record may have several keys in the scans.
    init(_ scans: [KeyScan], deduplicates: Bool) {
        self.scans = scans
        seen = deduplicates ? [] : nil
    }

    func next(_ context: ExecutionContext, _ counters: PlanCounters) throws -> CandidateStep {
        while current < scans.count {
            let scan = scans[current]
            switch try scan.next(context, counters) {
            case .candidate(let id):
                if seen == nil || seen?.insert(id).inserted == true { return .candidate(id) }
                if try context.countRow() {
                    scan.savePosition()
                    return .pause
                }
            case .pause: return .pause
            case .end: current += 1
            }
        }
        return .end
    }

    func savePosition() {
        if current < scans.count { scans[current].savePosition() }
    }
}

/// Entries of several runs of one index, merged by what stands behind the fixed beginning of their keys: the order of a
/// sort on the parts behind those that hold single values.
final class MergedCandidates: CandidateScan {
    private struct Head {
        let tail: [UInt8]
        let record: RecordID
    }

    private let scans: [(scan: KeyScan, fixed: Int)]
    private let descending: Bool
    private var heads: [Head?] = []
    private var lastGiven: Int?

    init(_ scans: [(scan: KeyScan, fixed: Int)], descending: Bool) {
        (self.scans, self.descending) = (scans, descending)
    }

    func next(_ context: ExecutionContext, _ counters: PlanCounters) throws -> CandidateStep {
        while heads.count < scans.count { heads.append(try advance(heads.count, context, counters)) }
        if let lastGiven { heads[lastGiven] = try advance(lastGiven, context, counters) }
        lastGiven = nil
        var best: (place: Int, head: Head)?
        for (place, head) in heads.enumerated() {
            guard let head else { continue }
            if let least = best?.head, !precedes(head, least) { continue }
            best = (place, head)
        }
        guard let best else { return .end }
        lastGiven = best.place
        return .candidate(best.head.record)
    }

    /// Heads are kept as values, so every scan's place is kept as it moves.
    func savePosition() {}

    private func advance(_ place: Int, _ context: ExecutionContext, _ counters: PlanCounters) throws -> Head? {
        let (scan, fixed) = scans[place]
        guard case .candidate(let record) = try scan.next(context, counters, pauses: false) else { return nil }
        scan.savePosition()
        return Head(tail: Array(scan.key.dropFirst(fixed)), record: record)
    }

    private func precedes(_ a: Head, _ b: Head) -> Bool {
        if a.tail == b.tail { return descending ? b.record < a.record : a.record < b.record }
        return a.tail.lexicographicallyPrecedes(b.tail) != descending
    }
}
