internal import Synchronization

/// A program that is killed again and again, with signal 9, while several clients write to it; after each new start it must
/// have everything it acknowledged.
package struct KillRounds<ID: Hashable & Sendable>: Sendable {
    /// What came of one round.
    package struct Outcome: Sendable {
        /// The round, from 0.
        package let round: Int
        /// How many writes were acknowledged.
        package let acknowledged: Int
        /// Those that the program does not have after its new start.
        package let lost: Set<ID>
    }

    /// Writes one thing after the other until the connection breaks, and tells of each that was acknowledged.
    package typealias Write =
        @Sendable (_ port: Int, _ round: Int, _ writer: Int, _ acknowledge: @Sendable ([ID]) -> Void) async throws ->
        Void

    private let start: @Sendable () async throws -> ChildProcess
    private let write: Write
    private let lost: @Sendable (_ port: Int, _ round: Int, _ acknowledged: Set<ID>) async throws -> Set<ID>

    /// Describes the program.
    /// - Parameters:
    ///   - start: Starts it, always on the same file.
    ///   - write: Writes as one of several clients.
    ///   - lost: Gives those of what was acknowledged that are not there.
    package init(
        start: @Sendable @escaping () async throws -> ChildProcess,
        write: @escaping Write,
        lost: @Sendable @escaping (_ port: Int, _ round: Int, _ acknowledged: Set<ID>) async throws -> Set<ID>
    ) {
        (self.start, self.write, self.lost) = (start, write, lost)
    }

    /// Runs the rounds, each somewhat longer than the one before.
    package func run(rounds: Int = 20, writers: Int = 4) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        var acknowledged: Set<ID> = []
        for round in 0..<rounds {
            let process = try await start()
            if round > 0 { outcomes.append(try await check(acknowledged, of: round - 1, on: process)) }
            acknowledged = try await write(to: process, round, writers, for: .milliseconds(30 + 9 * round))
        }
        let process = try await start()
        outcomes.append(try await check(acknowledged, of: rounds - 1, on: process))
        let status = await process.end()
        guard status == 0 else { throw ChildProcess.Failure("the program ended with \(status) after all rounds") }
        return outcomes
    }

    private func check(_ acknowledged: Set<ID>, of round: Int, on process: ChildProcess) async throws -> Outcome {
        let lost = try await lost(process.port, round, acknowledged)
        return Outcome(round: round, acknowledged: acknowledged.count, lost: lost)
    }

    private func write(
        to process: ChildProcess, _ round: Int, _ writers: Int, for time: Duration
    ) async throws -> Set<ID> {
        let acknowledged = Acknowledged()
        let killer = Task {
            // A machine that is busy may be slow to the first writes; it is killed amidst them all the same.
            for _ in 0..<2000 where acknowledged.ids.withLock({ $0.count }) < 5 {
                try? await Task.sleep(for: .milliseconds(5))
            }
            try? await Task.sleep(for: time)
            return await process.end(9)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    try await write(process.port, round, writer) { new in
                        acknowledged.ids.withLock { $0.formUnion(new) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let status = await killer.value
        guard status == -9 else { throw ChildProcess.Failure("the program ended by itself, with \(status)") }
        return acknowledged.ids.withLock { $0 }
    }

    /// What several writers add to.
    private final class Acknowledged: Sendable {
        let ids = Mutex<Set<ID>>([])
    }
}
