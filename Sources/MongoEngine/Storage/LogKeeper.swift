import CSQLite
import Dispatch
import Foundation
import Synchronization

/// Keeps the write-ahead log durable and short: a thread that flushes it after commits, and copies it into the
/// database when it has grown.
///
/// It is the only one that checkpoints, and only when commits followed the last checkpoint: so the log is never reset
/// while a checkpoint begins, the case in which SQLite up to 3.51.2 could lose a commit.
final class LogKeeper: Sendable {
    private struct Waiter {
        let commit: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        /// Numbers of the last commit and of the last one known to be on the disk.
        var committed: UInt64 = 0
        var flushed: UInt64 = 0
        var flushDue: ContinuousClock.Instant?
        var waiters: [Waiter] = []
        /// Pages in the log, how many of them the database has, and how often the log began anew.
        var pages = 0
        var copied = 0
        var generation = 0
        var checkpointAsked = false
        var failure: StorageError?
        var stopping = false
        var fsyncs = 0
        var checkpoints = 0
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let durable: Bool
    private let options: StorageOptions
    private let gate: WriteGate
    private let readers: ReaderPool

    /// - Parameter connect: makes the checkpoints' connection, on the keeper's thread.
    init(
        log path: String, durable: Bool, options: StorageOptions, gate: WriteGate, readers: ReaderPool,
        connect: @escaping @Sendable () throws(StorageError) -> SQLiteConnection
    ) throws(StorageError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        (self.durable, self.options, self.gate, self.readers) = (durable, options, gate, readers)
        guard descriptor >= 0 else { throw StorageFiles.failure("open", path) }
        let thread = Thread { [self] in
            do throws(StorageError) { run(try connect()) } catch { fail(error) }
            stopped.signal()
        }
        thread.name = "nectar-log"
        thread.start()
    }

    deinit { close(descriptor) }

    var statistics: (fsyncs: Int, checkpoints: Int) { state.withLock { ($0.fsyncs, $0.checkpoints) } }

    /// Throws where an earlier flush failed: nothing may be acknowledged after it.
    func check() throws(StorageError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Notes a commit that left the log with so many pages, or one that wrote nothing, and gives its number.
    func committed(pages: Int?) -> UInt64 {
        let (commit, wakes) = state.withLock { state -> (UInt64, Bool) in
            guard let pages else { return (state.committed, false) }
            state.committed += 1
            if pages <= state.pages { (state.copied, state.generation) = (0, state.generation + 1) }
            state.pages = pages
            var wakes = false
            if durable, state.flushDue == nil {
                state.flushDue = .now + options.flushInterval
                wakes = true
            }
            if !state.checkpointAsked, pages - state.copied >= options.walLimitPages {
                state.checkpointAsked = true
                wakes = true
            }
            return (state.committed, wakes)
        }
        if wakes { wake.signal() }
        return commit
    }

    /// Waits until a flush that began after the commit has ended.
    func flushed(_ commit: UInt64) async throws {
        guard durable else { return }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let answer: Result<Void, any Error>? = state.withLock { state in
                if let failure = state.failure { return .failure(failure) }
                if state.flushed >= commit { return .success(()) }
                state.waiters.append(Waiter(commit: commit, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(with: answer) } else { wake.signal() }
        }
    }

    /// Flushes what is left, copies the log into the database and ends the thread.
    func stop() {
        state.withLock { $0.stopping = true }
        wake.signal()
        stopped.wait()
    }

    // MARK: The thread

    private func run(_ connection: SQLiteConnection) {
        while true {
            let (flushDue, checkpoint, stopping) = state.withLock { state in
                (
                    state.waiters.isEmpty && !state.stopping ? state.flushDue : .now, state.checkpointAsked,
                    state.stopping
                )
            }
            if let flushDue, flushDue <= .now { flush() }
            if checkpoint { self.checkpoint(connection) }
            if stopping { break }
            guard !checkpoint else { continue }
            if let flushDue, flushDue > .now {
                let (seconds, attoseconds) = (ContinuousClock.now.duration(to: flushDue)).components
                let pause = DispatchTimeInterval.nanoseconds(Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
                _ = wake.wait(timeout: .now() + pause)
            } else if flushDue == nil {
                // In a quiet second what lies in the log is copied too: reads from the database itself are faster.
                let quiet = state.withLock { $0.pages - $0.copied < max(1, options.walLimitPages / 16) }
                if wake.wait(timeout: quiet ? .distantFuture : .now() + .seconds(1)) == .timedOut {
                    state.withLock { $0.checkpointAsked = true }
                }
            }
        }
        // Without writers the last checkpoint can also empty the log; a reader in another process may prevent that.
        if durable { _ = copy(connection, SQLITE_CHECKPOINT_TRUNCATE) }
    }

    private func flush() {
        let target: UInt64? = state.withLock { state in
            state.flushDue = nil
            return durable && state.failure == nil && state.flushed < state.committed ? state.committed : nil
        }
        guard let target else { return }
        guard options.synchronize(descriptor) else { return fail(StorageFiles.failure("flush the log of", "database")) }
        let ready = state.withLock { state in
            state.flushed = target
            state.fsyncs += 1
            let end = state.waiters.partition { $0.commit <= target }
            defer { state.waiters.removeSubrange(end...) }
            return Array(state.waiters[end...])
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    private func fail(_ cause: StorageError) {
        let error = StorageError(
            cause.kind,
            "\(cause.message) Writes are refused from here on. Check the disk, then open the database again.")
        let waiters = state.withLock { state in
            state.failure = state.failure ?? error
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
    }

    /// Copies what no reader holds back. Where the log stays long in spite of it, keeps writers out for the moment
    /// that it takes to begin the log anew.
    private func checkpoint(_ connection: SQLiteConnection) {
        let generation = state.withLock { $0.generation }
        let copied = readers.withoutIdleSnapshots { copy(connection, SQLITE_CHECKPOINT_PASSIVE) }
        let long = state.withLock { state in
            if state.generation == generation { state.copied = copied }
            state.checkpointAsked = false
            return state.pages >= 4 * options.walLimitPages
        }
        guard long else { return }
        _ = gate.alone {
            let copied = readers.withoutIdleSnapshots { copy(connection, SQLITE_CHECKPOINT_RESTART) }
            state.withLock { $0.copied = copied }
        }
    }

    /// Runs a checkpoint and gives the number of pages that the database has from the log.
    private func copy(_ connection: SQLiteConnection, _ mode: Int32) -> Int {
        var (pages, copied): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, &pages, &copied)
        switch code & 0xff {
        case SQLITE_OK: state.withLock { $0.checkpoints += 1 }
        // A reader or a full disk: the log keeps everything, and a later checkpoint goes on.
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL: break
        default: fail(connection.failure(code))
        }
        connection.endScope()
        return max(0, Int(copied))
    }
}
