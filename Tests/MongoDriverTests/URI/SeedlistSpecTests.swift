import BSON
import Foundation
import MongoProtocol
import SpecSupport
import Testing

@testable import MongoDriver

/// Runs the driver specifications' "Initial DNS Seedlist Discovery" on its own records, where its files are at hand.
@Suite("Initial DNS seedlist specification")
struct SeedlistSpecTests {
    @Test("initial-dns-seedlist-discovery") func seedlists() {
        let records = Records()
        let failures = SpecSuite.run("initial-dns-seedlist-discovery") { try Self.faults(of: $0.test, records) }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func faults(of test: BSONDocument, _ records: Records) throws -> [String] {
        let resolved: ConnectionString
        do {
            let parsed = try ConnectionString(test["uri"]?.string ?? "")
            let host = parsed.srvHost ?? ""
            let service = SeedlistRules.recordName(host, service: parsed.options.srvServiceName)
            var random = SystemRandomNumberGenerator()
            resolved = try parsed.resolved(records.services(service), records.texts(host), using: &random)
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

/// The records that the suite assumes.
private struct Records {
    private let all: [BSONDocument]

    init() {
        let file = SpecFolder.url.appending(path: "initial-dns-seedlist-discovery/dns-records.json")
        let listed = (try? Data(contentsOf: file)).flatMap { try? BSONDocument(json: $0) }?["records"]?.array ?? []
        // srv-service-name.json expects two servers, of which the list of records has the first only.
        let missing: BSONDocument = [
            "name": "_customname._tcp.test22.test.build.10gen.cc", "type": "SRV", "port": 27018,
            "target": "localhost.test.build.10gen.cc",
        ]
        all = listed.compactMap(\.document) + [missing]
    }

    private func find(_ name: String, _ type: String) -> [BSONDocument] {
        all.filter { $0["name"]?.string == name && $0["type"]?.string == type }
    }

    func services(_ name: String) -> [ServiceRecord] {
        find(name, "SRV").map { ServiceRecord(target: $0["target"]?.string ?? "", port: $0["port"]?.int ?? 0) }
    }

    func texts(_ name: String) -> [String] {
        find(name, "TXT").map { $0["strings"]?.array?.compactMap(\.string).joined() ?? "" }
    }
}
