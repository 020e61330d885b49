internal import BSON
internal import MongoProtocol
internal import Synchronization

/// What a cursor keeps between batches: values only, nothing of the storage.
final class Cursor: Sendable {
    struct State {
        let source: any DocumentSource
        /// A document that did not fit the last batch.
        var pending: BSONDocument?
        /// The batch under construction, while its slices go on.
        var batch: ReplyBatch?
        var isExhausted = false
        /// The definition that the source was planned on.
        let collectionID: [UInt8]?
        /// What is left of the `maxTimeMS` of the command that opened the cursor, for all further batches together.
        var timeLeft: Duration?
    }
    let id: Int64
    let namespace: String
    let session: BSONDocument?
    let work: SlicedWork<State>
    let cancellation = CancellationFlag()
    /// The instant of the command that opened the cursor, which `$$NOW` stands for to its end.
    let now: BSONDate

    init(id: Int64, namespace: String, session: BSONDocument?, now: BSONDate, work: SlicedWork<State>) {
        self.id = id
        self.namespace = namespace
        self.session = session
        self.now = now
        self.work = work
    }
}

/// The open cursors, by their ids. A cursor that nobody asked for ten minutes is forgotten when others are opened.
final class CursorRegistry: Sendable {
    private struct Entry {
        let cursor: Cursor
        var isInUse: Bool
        var lastUse: ContinuousClock.Instant
    }
    private let entries = Mutex<[Int64: Entry]>([:])
    private static let idleLimit = Duration.seconds(600)
    /// How often the idle ones are looked for: a cursor may hold what it sorted or grouped.
    private static let sweepInterval = Duration.seconds(60)
    private let lastSweep = Mutex(ContinuousClock.now)

    var count: Int { entries.withLock { $0.count } }

    /// An id that no open cursor has, positive and not guessable in passing.
    func newID() -> Int64 {
        entries.withLock { entries in
            while true {
                let id = Int64.random(in: 1...Int64.max)
                if entries[id] == nil { return id }
            }
        }
    }

    func add(_ cursor: Cursor) {
        let now = ContinuousClock.now
        let isDue = lastSweep.withLock { last in
            guard now - last >= Self.sweepInterval else { return false }
            last = now
            return true
        }
        entries.withLock { entries in
            if isDue { entries = entries.filter { $0.value.isInUse || now - $0.value.lastUse < Self.idleLimit } }
            entries[cursor.id] = Entry(cursor: cursor, isInUse: false, lastUse: now)
        }
    }

    /// Takes a cursor for one batch; nobody else gets it until ``checkIn(_:)``.
    func checkOut(_ id: Int64) throws -> Cursor {
        try entries.withLock { entries in
            guard var entry = entries[id] else {
                throw MongoError(.cursorNotFound, "cursor id \(id) not found")
            }
            guard !entry.isInUse else {
                throw MongoError(.cursorInUse, "cursor id \(id) is already in use")
            }
            entry.isInUse = true
            entries[id] = entry
            return entry.cursor
        }
    }

    func checkIn(_ cursor: Cursor) {
        entries.withLock { entries in
            entries[cursor.id]?.isInUse = false
            entries[cursor.id]?.lastUse = .now
        }
    }

    /// - Returns: Whether there was such a cursor of this namespace.
    @discardableResult
    func remove(_ id: Int64, namespace: String? = nil) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[id], namespace == nil || entry.cursor.namespace == namespace else { return false }
            entry.cursor.cancellation.cancel()
            entries[id] = nil
            return true
        }
    }

    func remove(session: BSONDocument) {
        entries.withLock { entries in
            for (id, entry) in entries where entry.cursor.session?["id"] == session["id"] {
                entry.cursor.cancellation.cancel()
                entries[id] = nil
            }
        }
    }

    func removeAll() {
        entries.withLock { entries in
            for entry in entries.values { entry.cursor.cancellation.cancel() }
            entries = [:]
        }
    }
}
