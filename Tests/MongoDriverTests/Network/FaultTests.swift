import FaultHarness
import Foundation
import Testing

@Suite("Faults of the network", .timeLimit(.minutes(40)))
struct FaultTests {
    /// Rounds by their seeds: some always, many in the long tests.
    private static var rounds: Int { ProcessInfo.processInfo.environment["NECTAR_LONG"] == nil ? 12 : 240 }

    @Test("Every caller has an answer or an error in time, the next operation succeeds, and nothing is left over")
    func rounds() async throws {
        let faults = try await FaultRounds(Self.rounds).run()
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}
