import BSON
import MongoProtocol
import Synchronization
import Testing

@testable import MongoEngine

@Suite("Retried writes")
struct RetriedWritesTests {
    /// How often a write ran.
    private final class Runs: Sendable {
        let count = Atomic<Int>(0)
    }

    private func invocation(_ number: Int64, session: Int = 1) -> Invocation {
        let context = CommandContext(
            connection: ConnectionContext(id: 1),
            session: SessionContext(id: ["id": .int(session)], transactionNumber: number))
        return Invocation(MongoCommand(["insert": "x"], database: "test"), context)
    }

    @Test("A write that comes again while the first still runs waits for it, and is done once")
    func twice() async throws {
        let writes = RetriedWrites()
        let runs = Runs()
        let (begun, began) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await writes.once(invocation(1)) { @Sendable in
                runs.count.wrappingAdd(1, ordering: .relaxed)
                began.yield()
                for await _ in released { break }
                return ["n": 1]
            }
        }
        for await _ in begun { break }
        let second = Task {
            try await writes.once(invocation(1)) { @Sendable in
                runs.count.wrappingAdd(1, ordering: .relaxed)
                return ["n": 2]
            }
        }
        let cancelled = Task { try await writes.once(invocation(1)) { @Sendable in ["n": 3] } }
        await Task.yield()
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        release.yield()
        #expect(try await first.value == ["n": 1])
        #expect(try await second.value == ["n": 1])
        #expect(runs.count.load(ordering: .relaxed) == 1)
    }

    @Test("A write that failed is tried again, and an older number is refused")
    func failures() async throws {
        let writes = RetriedWrites()
        await #expect(throws: MongoError.self) {
            try await writes.once(invocation(2)) { throw MongoError(.badValue, "no") }
        }
        #expect(try await writes.once(invocation(2)) { ["n": 1] } == ["n": 1])
        #expect(try await writes.once(invocation(2)) { ["n": 2] } == ["n": 1])
        let error = await #expect(throws: MongoError.self) { try await writes.once(invocation(1)) { ["n": 3] } }
        #expect(error?.code == .transactionTooOld)
    }

    @Test("Replies are forgotten, the oldest first, before they take too much memory")
    func memory() async throws {
        let writes = RetriedWrites()
        let large = BSONDocument(fields: [("value", .string(String(repeating: "x", count: 8 << 20)))])
        for session in 0..<10 { _ = try await writes.once(invocation(1, session: session)) { large } }
        let old = try await writes.once(invocation(1, session: 0)) { ["again": true] }
        #expect(old == ["again": true])
        let recent = try await writes.once(invocation(1, session: 9)) { ["again": true] }
        #expect(recent == large)
    }
}
