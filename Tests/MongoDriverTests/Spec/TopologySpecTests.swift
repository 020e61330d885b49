import BSON
import MongoProtocol
import SpecSupport
import Testing

@testable import MongoDriver

/// Runs the driver specification "Server Discovery and Monitoring", the part that needs no server.
@Suite("Server discovery and monitoring (specification)")
struct TopologySpecTests {
    @Test("all cases pass")
    func allCases() {
        let failures = SpecSuite.run("server-discovery-and-monitoring") { try Self.faults(of: $0.test) }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func faults(of test: BSONDocument) throws -> [String] {
        var faults = SpecFaults()
        var topology = Topology(id: 42, try options(test["uri"]?.string ?? ""))
        var events = topology.open()
        var generations: [ServerAddress: Int] = [:]
        for (index, phase) in (test["phases"]?.array ?? []).enumerated() {
            guard let phase = phase.document else { continue }
            for response in phase["responses"]?.array ?? [] {
                guard let pair = response.array, let address = pair[0]?.string.flatMap({ ServerAddress($0) }),
                    let hello = pair[1]?.document
                else { continue }
                let description =
                    hello.isEmpty
                    ? ServerDescription(unknown: address, error: "network") : ServerDescription(address, hello: hello)
                // A monitor whose connection fails clears the pool of what it knew.
                events += topology.update(description)
            }
            for entry in phase["applicationErrors"]?.array ?? [] {
                guard let failure = failure(entry.document ?? [:], generations) else { continue }
                let (more, effect) = topology.update(failure, poolGeneration: generations[failure.address, default: 0])
                events += more
                if effect.clearsPool { generations[failure.address, default: 0] += 1 }
            }
            check(phase["outcome"]?.document ?? [:], topology, generations, events, "phase \(index)", &faults)
            events = []
        }
        return faults.list
    }

    private static func options(_ uri: String) throws -> TopologyOptions {
        let parts = uri.dropFirst("mongodb://".count).split(separator: "?", maxSplits: 1)
        let hosts = (parts.first ?? "").split(separator: "/").first ?? ""
        var options = TopologyOptions(seeds: hosts.split(separator: ",").compactMap { ServerAddress($0) })
        for option in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let pair = option.split(separator: "=", maxSplits: 1)
            switch pair[0] {
            case "replicaSet": options.replicaSet = String(pair[1])
            case "directConnection": options.directConnection = pair[1] == "true"
            case "loadBalanced": options.loadBalanced = pair[1] == "true"
            default: throw MongoError(.usage, "the runner does not know \(pair[0])")
            }
        }
        return options
    }

    private static func failure(_ entry: BSONDocument, _ generations: [ServerAddress: Int]) -> ServerFailure? {
        guard let address = entry["address"]?.string.flatMap({ ServerAddress($0) }) else { return nil }
        let cause: ServerFailure.Cause
        switch entry["type"]?.string {
        case "network": cause = .network
        case "timeout": cause = .timeout
        default: cause = .reply(entry["response"]?.document ?? [:])
        }
        return ServerFailure(
            address: address, cause: cause, generation: entry["generation"]?.int ?? generations[address, default: 0],
            handshakeCompleted: entry["when"]?.string == "afterHandshakeCompletes",
            maxWireVersion: entry["maxWireVersion"]?.int ?? 0, message: "failed")
    }

    private static func check(
        _ outcome: BSONDocument, _ topology: Topology, _ generations: [ServerAddress: Int], _ events: [TopologyEvent],
        _ what: String, _ faults: inout SpecFaults
    ) {
        let snapshot = topology.snapshot
        for (key, value) in outcome {
            switch key {
            case "topologyType": faults.equal(snapshot.kind.rawValue, value.string ?? "", "\(what): the kind")
            case "setName": faults.equal(snapshot.setName, value.string, "\(what): the set's name")
            case "logicalSessionTimeoutMinutes":
                faults.equal(snapshot.logicalSessionTimeoutMinutes, value.int, "\(what): the sessions' time")
            case "maxSetVersion": faults.equal(topology.maxSetVersion, value.int64, "\(what): maxSetVersion")
            case "maxElectionId": faults.equal(topology.maxElectionID, value.objectID, "\(what): maxElectionId")
            case "compatible":
                faults.equal(snapshot.incompatibility == nil, value.bool ?? true, "\(what): the compatibility")
            case "servers":
                let expected = value.document ?? [:]
                faults.equal(
                    Set(snapshot.servers.keys.map(\.description)), Set(expected.keys), "\(what): the addresses")
                for (address, fields) in expected {
                    guard let address = ServerAddress(address), let server = snapshot.servers[address] else { continue }
                    check(
                        fields.document ?? [:], server, generations[address, default: 0], "\(what), \(address)", &faults
                    )
                }
            case "events": check(value.array ?? [], events, what, &faults)
            default: faults.expect(false, "the runner does not know \(key)")
            }
        }
    }

    private static func check(
        _ expected: BSONDocument, _ server: ServerDescription, _ generation: Int, _ what: String,
        _ faults: inout SpecFaults
    ) {
        for (key, value) in expected {
            switch key {
            case "type":
                // Only drivers with one thread guess primaries; to others those are unknown.
                let kind = value.string == "PossiblePrimary" ? "Unknown" : value.string
                faults.equal(server.kind.rawValue, kind ?? "", "\(what): the kind")
            case "setName": faults.equal(server.setName, value.string, "\(what): the set's name")
            case "setVersion": faults.equal(server.setVersion, value.int64, "\(what): setVersion")
            case "electionId": faults.equal(server.electionID, value.objectID, "\(what): electionId")
            case "topologyVersion":
                faults.equal(
                    server.topologyVersion, TopologyVersion(value.document), "\(what): topologyVersion")
            case "pool": faults.equal(generation, value.document?["generation"]?.int ?? 0, "\(what): the generation")
            case "error":
                let text = value.string ?? ""
                faults.expect(server.error == text, "\(what): the error is \(server.error ?? "none"), not \(text)")
            case "logicalSessionTimeoutMinutes":
                faults.equal(server.logicalSessionTimeoutMinutes, value.int, "\(what): the sessions' time")
            case "minWireVersion", "maxWireVersion":
                faults.expect(value.isNull, "\(what): the runner knows no wire version but null")
            default: faults.expect(false, "the runner does not know \(key)")
            }
        }
    }

    // MARK: Events

    private static func check(
        _ expected: BSONArray, _ events: [TopologyEvent], _ what: String, _ faults: inout SpecFaults
    ) {
        let found = events.map(Self.document)
        faults.equal(found.count, expected.count, "\(what): the number of events")
        for (index, (event, expected)) in zip(found, expected).enumerated() {
            let difference = difference(event, expected.document ?? [:])
            faults.expect(difference == nil, "\(what), event \(index): \(difference ?? "")")
        }
    }

    /// What of `expected` is not in `found`; nil where all is.
    private static func difference(_ found: BSONDocument, _ expected: BSONDocument) -> String? {
        for (key, value) in expected {
            switch (found[key], value) {
            case (.document(let found)?, .document(let expected)):
                if let inner = difference(found, expected) { return "\(key).\(inner)" }
            case (let found, .array(let expected)):
                let list = found?.array.map(Array.init) ?? []
                guard list.count == expected.count else { return "\(key) has \(list.count) elements" }
                for (a, b) in zip(list, expected) {
                    if let a = a.document, let b = b.document {
                        if let inner = difference(a, b) { return "\(key).\(inner)" }
                    } else if a != b {
                        return "\(key) is \(a), not \(b)"
                    }
                }
            case (let found, "PossiblePrimary"):
                // Only drivers with one thread guess primaries; to others those are unknown.
                if found != "Unknown" { return "\(key) is \(found.map(String.init(describing:)) ?? "not there")" }
            case (let found, let expected):
                if found != expected { return "\(key) is \(found.map(String.init(describing:)) ?? "not there")" }
            }
        }
        return nil
    }

    private static func document(_ event: TopologyEvent) -> BSONDocument {
        switch event {
        case .topologyOpening(let id): ["topology_opening_event": ["topologyId": .string("\(id)")]]
        case .topologyChanged(let id, let previous, let new):
            [
                "topology_description_changed_event": [
                    "topologyId": .string("\(id)"), "previousDescription": .document(document(previous)),
                    "newDescription": .document(document(new)),
                ]
            ]
        case .topologyClosed(let id): ["topology_closed_event": ["topologyId": .string("\(id)")]]
        case .serverOpening(let id, let address):
            ["server_opening_event": ["topologyId": .string("\(id)"), "address": .string("\(address)")]]
        case .serverClosed(let id, let address):
            ["server_closed_event": ["topologyId": .string("\(id)"), "address": .string("\(address)")]]
        case .serverChanged(let id, let previous, let new):
            [
                "server_description_changed_event": [
                    "topologyId": .string("\(id)"), "address": .string("\(new.address)"),
                    "previousDescription": .document(document(previous)), "newDescription": .document(document(new)),
                ]
            ]
        case .heartbeatStarted, .heartbeatSucceeded, .heartbeatFailed: ["heartbeat": [:]]
        }
    }

    private static func document(_ snapshot: TopologySnapshot) -> BSONDocument {
        let servers = snapshot.servers.values.sorted { $0.address < $1.address }.map { document($0) }
        var fields: BSONDocument = [
            "topologyType": .string(snapshot.kind.rawValue),
            "servers": .array(BSONArray(servers.map { .document($0) })),
        ]
        if let name = snapshot.setName { fields["setName"] = .string(name) }
        return fields
    }

    private static func document(_ server: ServerDescription) -> BSONDocument {
        func list(_ addresses: [ServerAddress]) -> BSONValue {
            .array(BSONArray(addresses.map { .string($0.description) }))
        }
        var fields: BSONDocument = [
            "address": .string("\(server.address)"), "type": .string(server.kind.rawValue),
            "hosts": list(server.hosts), "passives": list(server.passives), "arbiters": list(server.arbiters),
        ]
        if let name = server.setName { fields["setName"] = .string(name) }
        if let primary = server.primary { fields["primary"] = .string("\(primary)") }
        return fields
    }
}
