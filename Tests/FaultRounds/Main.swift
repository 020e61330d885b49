internal import FaultHarness

/// Runs the rounds of faults by themselves, so that the thread sanitizer needs to build nothing but what they use:
/// `FaultRounds [ROUNDS]`.
@main
struct Main {
    static func main() async throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 200
        // The sanitizer makes everything several times slower.
        let faults = try await FaultRounds(rounds, slack: .seconds(20)).run()
        for fault in faults { print(fault) }
        print("\(rounds) rounds, \(faults.count) faults")
        if !faults.isEmpty { throw Failed() }
    }

    private struct Failed: Error {}
}
