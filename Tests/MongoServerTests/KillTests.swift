import BSON
import Foundation
import Synchronization
import Testing

@Suite struct KillTests {
    @Test("Acknowledged inserts survive kill -9 under four writers, in each of twenty rounds")
    func kills() async throws {
        let folder = try NectarProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "kill.db").path
        var acknowledged: Set<Int> = []
        for round in 0..<20 {
            let server = try await NectarProcess(["--path", path])
            if round > 0 { try await check(acknowledged, collection: "round\(round - 1)", port: server.port) }
            acknowledged = try await write(to: "round\(round)", server, for: .milliseconds(60 + 11 * round))
            #expect(acknowledged.count > 4, "round \(round)")
        }
        let server = try await NectarProcess(["--path", path])
        try await check(acknowledged, collection: "round19", port: server.port)
        #expect(await server.end() == 0)
    }

    /// Inserts from four connections until the server is killed under them.
    /// - Returns: The ids whose inserts were acknowledged.
    private func write(to collection: String, _ server: NectarProcess, for time: Duration) async throws -> Set<Int> {
        var clients: [TestClient] = []
        for _ in 0..<4 { clients.append(try await TestClient.connect(to: server.port)) }
        let killer = Task {
            try? await Task.sleep(for: time)
            return await server.end(SIGKILL)
        }
        let all = await withTaskGroup(of: [Int].self) { group in
            for (number, client) in clients.enumerated() {
                group.addTask { await Self.insert(client, into: collection, from: (number + 1) * 1_000_000) }
            }
            return await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
        }
        #expect(await killer.value == -SIGKILL)
        return all
    }

    /// Inserts until the connection breaks: one document, then three, and so on.
    private static func insert(_ client: TestClient, into collection: String, from first: Int) async -> [Int] {
        var acknowledged: [Int] = []
        var next = first
        while true {
            let ids = Array(next..<(next + (next % 2 == 0 ? 1 : 3)))
            next += ids.count
            let documents = ids.map { ["_id": .int($0), "text": .string("document \($0)")] as BSONDocument }
            let bytes = Message.command(
                ["insert": .string(collection), "$db": "kill"], sequence: ("documents", documents))
            guard (try? await client.send(bytes)) != nil, let reply = await client.receive() else {
                return acknowledged
            }
            guard let document = try? reply.document, document["n"]?.int == ids.count else {
                Issue.record("an insert failed: \(String(describing: try? reply.document))")
                return acknowledged
            }
            acknowledged += ids
        }
    }

    private func check(_ acknowledged: Set<Int>, collection: String, port: Int) async throws {
        let client = try await TestClient.connect(to: port)
        var found: Set<Int> = []
        var command: BSONDocument = [
            "find": .string(collection), "projection": ["_id": 1], "batchSize": 100_000, "$db": "kill",
        ]
        while true {
            try await client.send(Message.command(command))
            let reply = try #require(await client.receive()).document
            let cursor = try #require(reply["cursor"]?.document, "\(reply)")
            let batch = cursor["firstBatch"]?.array ?? cursor["nextBatch"]?.array ?? []
            for value in batch { if let id = value.document?["_id"]?.int { found.insert(id) } }
            guard let id = cursor["id"]?.int64, id != 0 else { break }
            command = ["getMore": .int64(id), "collection": .string(collection), "$db": "kill"]
        }
        await client.close()
        let lost = acknowledged.subtracting(found)
        #expect(lost.isEmpty, "\(collection): \(lost.count) of \(acknowledged.count) acknowledged inserts are lost")
    }
}
