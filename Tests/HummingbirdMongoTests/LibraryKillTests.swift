import Foundation
import HTTPTypes
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import ProcessHarness
import Testing

@Suite("The library example under kill -9")
struct LibraryKillTests {
    private static let headers: HTTPFields = [.accept: "application/json", .contentType: "application/json"]

    @Test("Books whose addition was acknowledged survive kill -9 under four visitors, in each of twenty rounds")
    func kills() async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = [
            "MONGO_URI": "embedded:\(folder.appending(path: "library.db").path)", "PORT": "0", "HOST": "127.0.0.1",
        ]
        let rounds = KillRounds<String>(
            start: { try await ChildProcess([ChildProcess.executable("LibraryExample")], environment: environment) },
            write: { port, round, writer, acknowledge in await Self.add(to: port, round, writer, acknowledge) },
            lost: { port, round, acknowledged in try await Self.lost(of: acknowledged, round, on: port) })
        for outcome in try await rounds.run() {
            #expect(outcome.acknowledged > 4, "round \(outcome.round)")
            #expect(outcome.lost.isEmpty, "round \(outcome.round): \(outcome.lost.count) of \(outcome.acknowledged)")
        }
    }

    /// Adds books until the connection breaks and tells the addresses of those that were acknowledged.
    private static func add(to port: Int, _ round: Int, _ writer: Int, _ acknowledge: ([String]) -> Void) async {
        var count = 0
        let client = TestClient(host: "127.0.0.1", port: port)
        client.connect()
        while true {
            let title = "Round \(round), visitor \(writer), book \(count)"
            let book: BSONDocument = ["title": .string(title), "author": "Nobody", "year": .int(1900 + round)]
            let body = ByteBuffer(bytes: book.json(.plain))
            guard let answer = try? await client.post("/books", headers: headers, body: body) else { break }
            guard answer.status == .created, let address = answer.headers[.location] else {
                Issue.record("a book was not taken: \(answer.status) \(String(buffer: answer.body ?? ByteBuffer()))")
                break
            }
            count += 1
            acknowledge([address])
        }
        try? await client.shutdown()
    }

    /// The addresses at which the restarted example has no whole book of this round.
    private static func lost(of addresses: Set<String>, _ round: Int, on port: Int) async throws -> Set<String> {
        try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            var lost: Set<String> = []
            for address in addresses {
                let answer = try await client.get(address, headers: headers)
                let book = try? BSONDocument(json: answer.body?.readableBytesView ?? ByteBufferView())
                let title = book?["title"]?.string ?? ""
                if answer.status != .ok || !title.hasPrefix("Round \(round),") { lost.insert(address) }
            }
            return lost
        }
    }
}
