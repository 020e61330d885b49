import Dispatch
import Synchronization

/// A write that waits for another's transaction to take it along.
protocol QueuedWrite: Sendable {
    /// Runs the write and keeps its outcome; false where it threw and its changes must go.
    func run(_ writer: StorageWriter) -> Bool
    /// Takes the outcome back: the transaction failed.
    func fail(_ error: any Error)
}

/// Lets one writer in at a time. The first one in leads: it takes queued writes along in its transaction, and at the
/// end passes the lead to the next that waits.
final class WriteGate: Sendable {
    enum Turn: Sendable {
        case lead, closed
        /// Another's transaction has taken the write along; the number is its commit's.
        case done(UInt64)
    }

    struct Waiter: Sendable {
        /// Nil for one that needs the gate for itself.
        let write: (any QueuedWrite)?
        let resume: @Sendable (Turn) -> Void
    }

    private enum Phase { case free, passed, held }
    private struct State {
        var phase = Phase.free
        var queue: ArraySlice<Waiter> = []
        var closer: DispatchSemaphore?
        var closed = false
    }

    private let state = Mutex(State())

    var waiting: Int { state.withLock { $0.queue.count } }

    /// Takes the lead if nobody has it.
    func enter() throws(StorageError) -> Bool {
        let entered: Bool? = state.withLock { state in
            if state.closed { return nil }
            guard state.phase == .free else { return false }
            state.phase = .held
            return true
        }
        guard let entered else { throw .closed }
        return entered
    }

    /// Queues; `resume` is called once, at once where the gate is free.
    func wait(_ waiter: Waiter) {
        let turn: Turn? = state.withLock { state in
            if state.closed { return .closed }
            guard state.phase == .free else {
                state.queue.append(waiter)
                return nil
            }
            state.phase = .passed
            return .lead
        }
        if let turn { waiter.resume(turn) }
    }

    /// Makes a lead that was passed one's own; false where the storage was closed on the way.
    func accept() -> Bool {
        state.withLock { state in
            if state.closed { return false }
            state.phase = .held
            return true
        }
    }

    /// The next queued write, for the leader's transaction.
    func take() -> Waiter? {
        state.withLock { $0.queue.first?.write == nil ? nil : $0.queue.popFirst() }
    }

    /// Passes the lead on.
    func leave() {
        let (next, closer) = state.withLock { state -> (Waiter?, DispatchSemaphore?) in
            let next = state.queue.popFirst()
            state.phase = next == nil ? .free : .passed
            return (next, state.closer)
        }
        next?.resume(.lead)
        closer?.signal()
    }

    /// Runs `body` alone, from a thread that may block; nil where the storage is closed.
    func alone<R>(_ body: () throws -> R) rethrows -> R? {
        let ready = DispatchSemaphore(value: 0)
        wait(Waiter(write: nil) { _ in ready.signal() })
        ready.wait()
        guard accept() else { return nil }
        defer { leave() }
        return try body()
    }

    /// Turns away all who wait or come later, and waits for the one inside.
    func close() {
        let inside = DispatchSemaphore(value: 0)
        let (queue, wait) = state.withLock { state -> (ArraySlice<Waiter>, Bool) in
            defer { state.queue = [] }
            state.closed = true
            state.closer = inside
            return (state.queue, state.phase == .held)
        }
        for waiter in queue { waiter.resume(.closed) }
        if wait { inside.wait() }
    }
}
