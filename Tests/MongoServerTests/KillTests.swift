import BSON
import Foundation
import ProcessHarness
import Testing

@Suite struct KillTests {
    @Test("Acknowledged inserts survive kill -9 under four writers, in each of twenty rounds")
    func kills() async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "kill.db").path
        let rounds = KillRounds<Int>(
            start: { try await .nectar(["--path", path]) },
            write: { port, round, writer, acknowledge in
                // On a busy machine the end may come before the last writer does.
                guard let client = try? await TestClient.connect(to: port) else { return }
                await Self.insert(client, into: "round\(round)", from: (writer + 1) * 1_000_000, acknowledge)
            },
            lost: { port, round, acknowledged in
                acknowledged.subtracting(try await Self.ids(in: "round\(round)", port: port))
            })
        for outcome in try await rounds.run() {
            #expect(outcome.acknowledged > 4, "round \(outcome.round)")
            #expect(outcome.lost.isEmpty, "round \(outcome.round): \(outcome.lost.count) of \(outcome.acknowledged)")
        }
    }

    /// Inserts until the connection breaks: one document, then three, and so on.
    private static func insert(
        _ client: TestClient, into collection: String, from first: Int, _ acknowledge: ([Int]) -> Void
    ) async {
        var next = first
        while true {
            let ids = Array(next..<(next + (next % 2 == 0 ? 1 : 3)))
            next += ids.count
            let documents = ids.map { ["_id": .int($0), "text": .string("document \($0)")] as BSONDocument }
            let bytes = Message.command(
                ["insert": .string(collection), "$db": "kill"], sequence: ("documents", documents))
            guard (try? await client.send(bytes)) != nil, let reply = await client.receive() else {
                return
            }
            guard let document = try? reply.document, document["n"]?.int == ids.count else {
                Issue.record("an insert failed: \(String(describing: try? reply.document))")
                return
            }
            acknowledge(ids)
        }
    }

    private static func ids(in collection: String, port: Int) async throws -> Set<Int> {
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
        return found
    }
}
