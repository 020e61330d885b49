import BSON
import FaultHarness
import MongoProtocol
import SpecSupport
import Testing

@testable import MongoDriver

/// Runs the driver specifications "Server Selection" and "Max Staleness".
@Suite("Server selection (specification)")
struct SelectionSpecTests {
    @Test("all cases of server selection pass")
    func serverSelection() {
        let failures = SpecSuite.run("server-selection") {
            switch $0.file.prefix(while: { $0 != "/" }) {
            case "rtt": Self.roundTripFaults(of: $0.test)
            case "in_window": Self.windowFaults(of: $0.test)
            default: try Self.faults(of: $0.test)
            }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test("all cases of max staleness pass")
    func maxStaleness() {
        let failures = SpecSuite.run("max-staleness") { try Self.faults(of: $0.test) }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func faults(of test: BSONDocument) throws -> [String] {
        var faults = SpecFaults()
        var selector = ServerSelector(
            readPreference: readPreference(test["read_preference"]?.document ?? [:]),
            isWrite: test["operation"]?.string == "write")
        selector.heartbeatFrequency = .milliseconds(test["heartbeatFrequencyMS"]?.int ?? 10_000)
        selector.deprioritized = Set(servers(test["deprioritized_servers"]).map(\.address))
        let topology = snapshot(test["topology_description"]?.document ?? [:])
        do throws(MongoError) {
            let suitable = try selector.suitable(topology)
            faults.expect(test["error"]?.bool != true, "no error was thrown")
            faults.equal(names(suitable), names(servers(test["suitable_servers"])), "what is suitable")
            faults.equal(
                names(selector.inLatencyWindow(suitable)), names(servers(test["in_latency_window"])),
                "what is in the window")
        } catch {
            faults.expect(test["error"]?.bool == true, "an error was thrown: \(error)")
        }
        return faults.list
    }

    private static func roundTripFaults(of test: BSONDocument) -> [String] {
        var faults = SpecFaults()
        var time = RoundTripTime(average: test["avg_rtt_ms"]?.double.map { .milliseconds($0) })
        time.add(.milliseconds(test["new_rtt_ms"]?.double ?? 0))
        let expected = Duration.milliseconds(test["new_avg_rtt"]?.double ?? 0)
        let average = time.average ?? .zero
        faults.expect(
            abs((average - expected) / .nanoseconds(1)) < 10, "the average is \(average), not \(expected)")
        return faults.list
    }

    private static func windowFaults(of test: BSONDocument) -> [String] {
        var faults = SpecFaults()
        var counts: [ServerAddress: Int] = [:]
        for entry in test["mocked_topology_state"]?.array ?? [] {
            guard let address = entry.document?["address"]?.string.flatMap({ ServerAddress($0) }) else { continue }
            counts[address] = entry.document?["operation_count"]?.int
        }
        let topology = snapshot(test["topology_description"]?.document ?? [:])
        let selector = ServerSelector(readPreference: ReadPreference(.nearest))
        let rounds = test["iterations"]?.int ?? 0
        var chosen: [String: Int] = [:]
        var generator = Seeded(state: 42)
        for _ in 0..<rounds {
            let servers = selector.inLatencyWindow((try? selector.suitable(topology)) ?? [])
            let server = ServerSelector.pick(servers, operationCount: { counts[$0] ?? 0 }, using: &generator)
            chosen[server?.address.description ?? "none", default: 0] += 1
        }
        let outcome = test["outcome"]?.document ?? [:]
        let tolerance = outcome["tolerance"]?.double ?? 0
        for (address, expected) in outcome["expected_frequencies"]?.document ?? [:] {
            let frequency = Double(chosen[address, default: 0]) / Double(max(rounds, 1))
            let expected = expected.double ?? 0
            let isRight =
                expected == 0 || expected == 1 ? frequency == expected : abs(frequency - expected) <= tolerance
            faults.expect(isRight, "\(address) was chosen \(frequency), not \(expected)")
        }
        return faults.list
    }

    // MARK: Reading the cases

    private static func names(_ servers: [ServerDescription]) -> [String] {
        servers.map(\.address.description).sorted()
    }

    private static func snapshot(_ document: BSONDocument) -> TopologySnapshot {
        var snapshot = TopologySnapshot()
        snapshot.kind = document["type"]?.string.flatMap { .init(rawValue: $0) } ?? .unknown
        for server in servers(document["servers"]) { snapshot.servers[server.address] = server }
        return snapshot
    }

    private static func servers(_ value: BSONValue?) -> [ServerDescription] {
        let start = ContinuousClock.now
        return (value?.array ?? []).compactMap { entry in
            guard let fields = entry.document, let address = fields["address"]?.string.flatMap({ ServerAddress($0) })
            else { return nil }
            var server = ServerDescription(unknown: address)
            // Only drivers with one thread guess primaries; to others those are unknown.
            server.kind = fields["type"]?.string.flatMap { .init(rawValue: $0) } ?? .unknown
            server.roundTripTime = fields["avg_rtt_ms"]?.double.map { .milliseconds($0) }
            server.lastUpdate = start + .milliseconds(fields["lastUpdateTime"]?.int ?? 0)
            server.lastWrite = fields["lastWrite"]?.document?["lastWriteDate"]?.int64.map {
                BSONDate(millisecondsSince1970: $0)
            }
            server.maxWireVersion = fields["maxWireVersion"]?.int ?? 21
            for (name, tag) in fields["tags"]?.document ?? [:] { server.tags[name] = tag.string }
            return server
        }
    }

    private static func readPreference(_ document: BSONDocument) -> ReadPreference {
        let name = document["mode"]?.string ?? "Primary"
        let mode = ReadPreference.Mode.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
        let tags = (document["tag_sets"]?.array ?? []).compactMap(\.document).map { set in
            Dictionary(uniqueKeysWithValues: set.map { ($0.key, $0.value.string ?? "") })
        }
        return ReadPreference(
            mode ?? .primary, tagSets: tags, maxStalenessSeconds: document["maxStalenessSeconds"]?.int)
    }
}
