import BSON
import MongoProtocol
import Testing

@testable import MongoDriver

/// Discovery and selection, beside what the public specifications' cases ask of them.
@Suite("The state of a deployment")
struct TopologyTests {
    private let a = ServerAddress(host: "a")
    private let b = ServerAddress(host: "b")

    private func member(_ address: ServerAddress, primary: Bool, version: Int64? = nil) -> ServerDescription {
        var hello: BSONDocument = [
            "ok": 1, "setName": "rs", "hosts": ["a:27017", "b:27017"], "maxWireVersion": 21,
            "logicalSessionTimeoutMinutes": .int(primary ? 30 : 20),
        ]
        hello[primary ? "isWritablePrimary" : "secondary"] = true
        if let version {
            let id = ObjectID("0123456789abcdef01234567").map { BSONValue.objectID($0) } ?? .null
            hello["topologyVersion"] = ["processId": id, "counter": .int64(version)]
        }
        return ServerDescription(address, hello: hello)
    }

    private func topology() -> Topology {
        var topology = Topology(id: 1, TopologyOptions(seeds: [a]))
        _ = topology.open()
        return topology
    }

    @Test("A member leads to the others, and the least of their sessions' times counts")
    func discovery() {
        var topology = topology()
        _ = topology.update(member(a, primary: true))
        #expect(topology.kind == .replicaSetWithPrimary)
        #expect(Set(topology.snapshot.servers.keys) == [a, b])
        #expect(topology.snapshot.logicalSessionTimeoutMinutes == 30)
        _ = topology.update(member(b, primary: false))
        #expect(topology.snapshot.logicalSessionTimeoutMinutes == 20)
    }

    @Test("Another primary takes the place of the first; old news change nothing")
    func election() {
        var topology = topology()
        _ = topology.update(member(a, primary: true, version: 5))
        let old = topology.update(member(a, primary: false, version: 4))
        #expect(old.isEmpty)
        #expect(topology.snapshot.primary?.address == a)
        _ = topology.update(member(b, primary: true))
        #expect(topology.snapshot.primary?.address == b)
        #expect(topology.snapshot.servers[a]?.kind == .unknown)
    }

    @Test("What fails on an older generation's connection, or too late, changes nothing")
    func staleFailures() {
        var topology = topology()
        _ = topology.update(member(a, primary: true))
        let failure = ServerFailure(
            address: a, cause: .network, generation: 0, handshakeCompleted: true, maxWireVersion: 21)
        let stale = topology.update(failure, poolGeneration: 1)
        #expect(stale.events.isEmpty)
        #expect(topology.snapshot.primary != nil)
        let (events, effect) = topology.update(failure, poolGeneration: 0)
        #expect(!events.isEmpty && effect.clearsPool)
        #expect(topology.snapshot.primary == nil)
    }

    @Test(
        "An address reads as servers write it",
        arguments: [
            ("a", "a:27017"), ("A:1", "a:1"), ("[::1]:5", "[::1]:5"), ("[::1]", "[::1]:27017"),
            ("::1", "[::1]:27017"), ("/tmp/mongodb-27017.sock", "/tmp/mongodb-27017.sock"),
        ])
    func address(text: String, expected: String) {
        #expect(ServerAddress(text)?.description == expected)
    }

    @Test("What is no address is none", arguments: ["", ":1", "a:0", "a:65536", "a:x", "[::1]:x"])
    func noAddress(text: String) { #expect(ServerAddress(text) == nil) }

    @Test("A write of many statements is cut where the server's limits are, and its replies are one")
    func splitting() throws {
        let documents: [BSONDocument] = (0..<5).map { ["_id": .int($0)] }
        let command = MongoCommand(
            ["insert": "x"], database: "test", sequences: [DocumentSequence("documents", documents)])
        let splitter = try #require(CommandSplitter(command))
        #expect(splitter.end(from: 0, maximumCount: 2, maximumSize: 1_000_000) == 2)
        #expect(splitter.end(from: 4, maximumCount: 2, maximumSize: 1_000_000) == 5)
        // A statement that is too large by itself goes alone: the server says so.
        #expect(splitter.end(from: 1, maximumCount: 2, maximumSize: 0) == 2)
        let failed: BSONDocument = ["n": 1, "writeErrors": [["index": 1, "code": 11000, "errmsg": "twice"]]]
        let joined = CommandSplitter.joined([(0, ["n": 2]), (2, failed)])
        #expect(joined["n"]?.int == 3)
        #expect(joined[path: "writeErrors.0.index"]?.int == 3)
        #expect(splitter.stops(after: failed) && !splitter.stops(after: ["n": 2]))
    }
}
