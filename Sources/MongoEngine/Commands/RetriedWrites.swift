internal import BSON
internal import MongoProtocol
internal import Synchronization

/// The replies to the last retryable write of each session, so that one sent twice is done once.
///
/// One that comes again while the first still runs waits for it, and has its reply.
final class RetriedWrites: Sendable {
    private enum Phase {
        /// Those that wait for the end, by a number of their own.
        case running([UInt64: CheckedContinuation<Void, Never>])
        case done(BSONDocument)
    }
    private struct Entry {
        let number: Int64
        var phase: Phase
        let order: UInt64

        var bytes: Int { if case .done(let reply) = phase { reply.byteCount } else { 0 } }
        var isDone: Bool { if case .done = phase { true } else { false } }
    }
    private struct State {
        var entries: [BSONDocument: Entry] = [:]
        var bytes = 0
        /// The last number given to an entry or to one that waits.
        var order: UInt64 = 0

        mutating func next() -> UInt64 {
            order += 1
            return order
        }

        /// Puts `entry` in the place of the session's last, and gives those who waited for that.
        mutating func replace(_ session: BSONDocument, _ entry: Entry?) -> [CheckedContinuation<Void, Never>] {
            let old = entries[session]
            entries[session] = entry
            bytes += (entry?.bytes ?? 0) - (old?.bytes ?? 0)
            if case .running(let waiters)? = old?.phase { return Array(waiters.values) }
            return []
        }

        /// Forgets the older half of the replies where there are too many, or where they take too much memory.
        mutating func evict() {
            let replies = entries.filter(\.value.isDone)
            guard replies.count > RetriedWrites.capacity || bytes > RetriedWrites.byteCapacity else { return }
            let orders = replies.values.map(\.order).sorted()
            let middle = orders[orders.count / 2]
            for (session, entry) in replies where entry.order < middle || replies.count == 1 {
                _ = replace(session, nil)
            }
        }
    }
    private enum Turn {
        case write
        case reply(BSONDocument)
        case wait
    }
    private let state = Mutex(State())
    /// How many replies are kept, and how many bytes of them.
    private static let capacity = 10_000
    private static let byteCapacity = 64 << 20

    /// Runs a write, or gives the reply of the same write done before.
    /// - Throws: ``MongoError`` `TransactionTooOld` (225) for a number below the session's last.
    func once(
        _ invocation: Invocation, _ write: @Sendable () async throws -> BSONDocument
    ) async throws -> BSONDocument {
        guard let session = invocation.context.session, let number = session.transactionNumber else {
            return try await write()
        }
        while true {
            switch try turn(session.id, number) {
            case .reply(let reply): return reply
            case .wait: try await wait(session.id, number)
            case .write:
                do {
                    let reply = try await write()
                    end(session.id, number, .done(reply))
                    return reply
                } catch {
                    end(session.id, number, nil)
                    throw error
                }
            }
        }
    }

    /// Forgets a session that has ended.
    func forget(_ session: BSONDocument) {
        for waiter in state.withLock({ $0.replace(session, nil) }) { waiter.resume() }
    }

    private func turn(_ session: BSONDocument, _ number: Int64) throws -> Turn {
        let (turn, waiters) = try state.withLock { state -> (Turn, [CheckedContinuation<Void, Never>]) in
            if let entry = state.entries[session] {
                guard number >= entry.number else {
                    throw MongoError(
                        .transactionTooOld,
                        "Retryable write with txnNumber \(number) is prohibited on session because a newer retryable "
                            + "write with txnNumber \(entry.number) has already started on this session.")
                }
                if number == entry.number {
                    if case .done(let reply) = entry.phase { return (.reply(reply), []) }
                    return (.wait, [])
                }
            }
            let entry = Entry(number: number, phase: .running([:]), order: state.next())
            return (.write, state.replace(session, entry))
        }
        for waiter in waiters { waiter.resume() }
        return turn
    }

    /// Waits until the write with this number has ended, or the task is cancelled.
    private func wait(_ session: BSONDocument, _ number: Int64) async throws {
        let id = state.withLock { $0.next() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, var entry = state.entries[session], entry.number == number,
                        case .running(var waiters) = entry.phase
                    else { return false }
                    waiters[id] = continuation
                    entry.phase = .running(waiters)
                    state.entries[session] = entry
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard var entry = state.entries[session], case .running(var waiters) = entry.phase else { return nil }
                let waiter = waiters.removeValue(forKey: id)
                entry.phase = .running(waiters)
                state.entries[session] = entry
                return waiter
            }
            waiter?.resume()
        }
        try Task.checkCancellation()
    }

    /// Ends a write that ran; nil where it failed, so that it may be tried again.
    private func end(_ session: BSONDocument, _ number: Int64, _ phase: Phase?) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard let entry = state.entries[session], entry.number == number else { return [] }
            let ended = phase.map { Entry(number: number, phase: $0, order: entry.order) }
            let waiters = state.replace(session, ended)
            state.evict()
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
