import BSON
import MongoProtocol
import Testing

@testable import MongoDriver

/// Runs the driver specifications' "Initial DNS Seedlist Discovery" on its own records, where its files are at hand.
@Suite("Initial DNS seedlist specification")
struct SeedlistSpecTests {
    @Test("initial-dns-seedlist-discovery") func seedlists() async throws {
        let files = try SpecificationFiles("initial-dns-seedlist-discovery")
        let records = files.files.first { $0.name == "dns-records.json" }?.content["records"]?.array
        // srv-service-name.json expects two servers, of which the list of records has the first only.
        let missing: BSONDocument = [
            "name": "_customname._tcp.test22.test.build.10gen.cc", "type": "SRV", "port": 27018,
            "target": "localhost.test.build.10gen.cc",
        ]
        let resolver = RecordedResolver((records?.compactMap(\.document) ?? []) + [missing])
        let cases = files.files.filter { $0.name.contains("/") }.map { ($0.name, $0.content) }
        await files.check(cases) { test in
            let resolved: ConnectionString
            do {
                resolved = try await ConnectionString(test["uri"]?.string ?? "").resolved(by: resolver)
            } catch {
                return test["error"]?.bool == true ? [] : ["refused: \(error)"]
            }
            guard test["error"]?.bool != true else { return ["taken"] }
            var faults = Faults()
            if let seeds = test["seeds"]?.array {
                faults.expect(Set(resolved.hosts.map(\.description)), Set(seeds.compactMap(\.string)), "seeds")
            }
            if let count = test["numSeeds"]?.int { faults.expect(resolved.hosts.count, count, "number of seeds") }
            for (name, value) in test["options"]?.document ?? [:] {
                faults.expect(ConnectionOptionTable.row(name)?.show(resolved.options), value, name)
            }
            for (name, value) in test["parsed_options"]?.document ?? [:] {
                let found: String? =
                    switch name {
                    case "user": resolved.credential?.username
                    case "password": resolved.credential?.password
                    default: resolved.database
                    }
                faults.expect(found, value.string, name)
            }
            return faults.list
        }
    }
}

/// Answers from a list of records.
struct RecordedResolver: DNSResolver {
    private let records: [BSONDocument]

    init(_ records: [BSONDocument]) { self.records = records }

    private func find(_ name: String, _ type: String) -> [BSONDocument] {
        records.filter { $0["name"]?.string == name && $0["type"]?.string == type }
    }

    func serviceRecords(of name: String) async throws -> [ServiceRecord] {
        find(name, "SRV").map { ServiceRecord(target: $0["target"]?.string ?? "", port: $0["port"]?.int ?? 0) }
    }

    func textRecords(of name: String) async throws -> [String] {
        find(name, "TXT").map { $0["strings"]?.array?.compactMap(\.string).joined() ?? "" }
    }
}
