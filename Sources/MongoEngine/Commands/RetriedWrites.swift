internal import BSON
internal import MongoProtocol
internal import Synchronization

/// The replies to the last retryable write of each session, so that one sent twice is done once.
final class RetriedWrites: Sendable {
    private struct Entry {
        let number: Int64
        let reply: BSONDocument
        let order: UInt64
    }
    private struct State {
        var entries: [BSONDocument: Entry] = [:]
        var order: UInt64 = 0
    }
    private let state = Mutex(State())
    private static let capacity = 10_000

    /// Runs a write, or gives the reply of the same write done before.
    func once(
        _ invocation: Invocation, _ write: () async throws -> BSONDocument
    ) async throws -> BSONDocument {
        guard let session = invocation.context.session, let number = session.transactionNumber else {
            return try await write()
        }
        let earlier = try state.withLock { state -> BSONDocument? in
            guard let entry = state.entries[session.id] else { return nil }
            guard number >= entry.number else {
                throw MongoError(
                    .transactionTooOld,
                    "Retryable write with txnNumber \(number) is prohibited on session because a newer retryable "
                        + "write with txnNumber \(entry.number) has already started on this session.")
            }
            return number == entry.number ? entry.reply : nil
        }
        if let earlier { return earlier }
        let reply = try await write()
        state.withLock { state in
            state.order += 1
            state.entries[session.id] = Entry(number: number, reply: reply, order: state.order)
            if state.entries.count > Self.capacity {
                let oldest = state.order - UInt64(Self.capacity / 2)
                state.entries = state.entries.filter { $0.value.order > oldest }
            }
        }
        return reply
    }

    func forget(_ session: BSONDocument) { state.withLock { $0.entries[session] = nil } }
}
