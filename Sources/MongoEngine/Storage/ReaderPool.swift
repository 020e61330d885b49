import Dispatch
import Synchronization

/// Counts the commits that readers have noticed. Each connection notices for itself, so that a commit may count
/// more than once, but never not at all.
final class VersionCounter: Sendable {
    private let count = Atomic<Int64>(0)

    func version(changed: Bool) -> Int64 {
        changed ? count.add(1, ordering: .acquiringAndReleasing).newValue : count.load(ordering: .acquiring)
    }
}

/// Connections for reading, made on demand and kept.
///
/// A reader that comes back keeps its snapshot as long as nothing is committed, so that the next read takes no lock on
/// the file. A checkpoint lets the snapshots of idle readers go first.
final class ReaderPool: Sendable {
    /// A reader on its way between threads; one at a time has it.
    struct Lease: @unchecked Sendable {
        fileprivate(set) var reader: StorageReader
        fileprivate var schema: Int
        /// The number of commits before the open snapshot began.
        fileprivate var snapshot: Int?
    }

    private struct State {
        var idle: [Lease] = []
        var inUse = 0
        var pinned = 0
        var waiting = 0
        var closed = false
        /// Grows when tables are dropped: kept statements from before are of no more use.
        var schema = 0
        /// Commits so far, and whether one is under way: then nobody knows whether a snapshot is still the newest.
        var commits = 0
        var committing = false
        /// Whether idle readers may keep their snapshots.
        var keeps: Bool

        var current: Int? { keeps && !committing ? commits : nil }
    }

    private let state: Mutex<State>
    private let returned = DispatchSemaphore(value: 0)
    private let limit: Int
    private let versions: VersionCounter?
    private let connect: @Sendable () throws(StorageError) -> SQLiteConnection

    init(
        limit: Int, versions: VersionCounter?, connect: @escaping @Sendable () throws(StorageError) -> SQLiteConnection
    ) {
        (self.limit, self.versions, self.connect) = (limit, versions, connect)
        state = Mutex(State(keeps: versions == nil))
    }

    var inUse: Int { state.withLock { $0.inUse + $0.pinned } }

    /// The number of the last commit; nil while one is under way.
    var lastCommit: Int? { state.withLock { $0.committing ? nil : $0.commits } }

    /// Brackets a commit by `finish`, which says whether tables were dropped.
    func committing(_ finish: () throws(StorageError) -> Bool) throws(StorageError) {
        state.withLock { $0.committing = true }
        var dropped = false
        defer {
            state.withLock { state in
                state.committing = false
                state.commits += 1
                if dropped { state.schema += 1 }
            }
        }
        dropped = try finish()
    }

    /// Runs a checkpoint while no idle reader holds a snapshot.
    func withoutIdleSnapshots<R>(_ checkpoint: () -> R) -> R {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            state.keeps = false
            return state.idle
        }
        for lease in idle where lease.reader.finish() { keep(lease) }
        defer { state.withLock { $0.keeps = true } }
        return checkpoint()
    }

    /// A reader with its snapshot begun. Where all are in use it waits a while, since readers come back in
    /// milliseconds; pinned ones count for themselves and never wait.
    func take(pinned: Bool = false) throws -> Lease {
        let deadline = DispatchTime.now() + .seconds(10)
        while true {
            enum Turn {
                case mine(Lease?, schema: Int, commits: Int, current: Int?)
                case wait, closed, refused
            }
            let turn: Turn = state.withLock { state in
                if state.closed { return .closed }
                guard (pinned ? state.pinned : state.inUse) < limit else {
                    if pinned { return .refused }
                    state.waiting += 1
                    return .wait
                }
                if pinned { state.pinned += 1 } else { state.inUse += 1 }
                return .mine(
                    state.idle.popLast(), schema: state.schema, commits: state.commits, current: state.current)
            }
            switch turn {
            case .mine(let lease, let schema, let commits, let current):
                if let lease, lease.schema == schema, let snapshot = lease.snapshot, snapshot == current {
                    return lease
                }
                return try prepare(lease, schema, commits, pinned: pinned)
            case .closed: throw StorageError.closed
            case .wait where returned.wait(timeout: deadline) == .success: continue
            case .wait, .refused:
                throw StorageError(
                    .busy, "All \(limit) readers of the storage stayed in use. End long transactions, or repeat.")
            }
        }
    }

    private func prepare(_ idle: Lease?, _ schema: Int, _ commits: Int, pinned: Bool) throws -> Lease {
        do {
            var lease = try idle ?? Lease(reader: StorageReader(connect()), schema: schema)
            if lease.snapshot != nil, !lease.reader.finish() { lease.reader = StorageReader(try connect()) }
            if lease.schema != schema { lease.reader.connection.forgetStatements() }
            do {
                try lease.reader.begin(countingVersions: versions)
            } catch {
                _ = lease.reader.finish()
                throw error
            }
            (lease.schema, lease.snapshot) = (schema, commits)
            return lease
        } catch {
            leave(pinned: pinned)
            throw error
        }
    }

    /// Takes a reader back, with its snapshot where that is still the newest.
    func give(back lease: Lease, pinned: Bool = false) {
        let usable = lease.reader.end()
        let kept = state.withLock { state in
            guard usable, !state.closed, lease.snapshot == state.current, state.idle.count < limit else { return false }
            state.idle.append(lease)
            return true
        }
        if !kept, lease.reader.finish(), usable { keep(lease) }
        leave(pinned: pinned)
    }

    /// Keeps a reader without a snapshot.
    private func keep(_ lease: Lease) {
        var lease = lease
        lease.snapshot = nil
        state.withLock { state in
            if !state.closed, state.idle.count < limit { state.idle.append(lease) }
        }
    }

    private func leave(pinned: Bool) {
        let wake = state.withLock { state in
            if pinned { state.pinned -= 1 } else { state.inUse -= 1 }
            defer { state.waiting = max(0, state.waiting - 1) }
            return state.waiting > 0
        }
        if wake { returned.signal() }
    }

    /// Closes idle readers, and after a bounded wait for the running ones leaves those to their users.
    func close() {
        let deadline = DispatchTime.now() + .seconds(5)
        while true {
            let (idle, running) = state.withLock { state in
                defer { state.idle = [] }
                state.closed = true
                if state.inUse > 0 { state.waiting += 1 }
                return (state.idle, state.inUse > 0)
            }
            _ = consume idle
            guard running, returned.wait(timeout: deadline) == .success else { return }
        }
    }
}

/// A pinned snapshot, for a transaction. It makes the write-ahead log grow while it lasts: close it soon.
package final class StorageSnapshot: Sendable {
    private let pool: ReaderPool
    private let lease: Mutex<ReaderPool.Lease?>

    init(_ pool: ReaderPool) throws {
        self.pool = pool
        lease = Mutex(try pool.take(pinned: true))
    }

    deinit { close() }

    /// Runs `body` on the snapshot; calls run one after another.
    package func read<R>(_ body: (StorageReader) throws -> R) throws -> R {
        var result: Result<R, any Error> = .failure(StorageError.closed)
        lease.withLock { lease in
            guard let reader = lease?.reader else { return }
            result = Result { try body(reader) }
        }
        return try result.get()
    }

    /// Lets the snapshot go.
    package func close() {
        let lease = lease.withLock { lease in
            defer { lease = nil }
            return lease
        }
        if let lease { pool.give(back: lease, pinned: true) }
    }
}
