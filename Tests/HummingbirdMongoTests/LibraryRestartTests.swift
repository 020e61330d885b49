import Foundation
import HTTPTypes
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import ProcessHarness
import Synchronization
import Testing

@Suite("The library example on a server")
struct LibraryRestartTests {
    private static let json: HTTPFields = [.accept: "application/json", .contentType: "application/json"]
    private static let html: HTTPFields = [.accept: "text/html"]

    /// What visitors saw.
    private struct Seen: Sendable {
        var good = 0
        var away = 0
        var created: Set<String> = []
        var wrong: [String] = []
    }

    /// What the visitors share.
    private final class Visits: Sendable {
        let seen = Mutex(Seen())
        let goOn = Atomic<Bool>(true)

        /// Comes back again and again until told to stop.
        func run(_ number: Int, port: Int) async {
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            var count = 0
            while goOn.load(ordering: .relaxed) {
                await LibraryRestartTests.visit(client, number, count, seen)
                count += 1
            }
            try? await client.shutdown()
        }
    }

    @Test("It answers 503 with Retry-After while its server is away, and is right again without a new start")
    func restart() async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "server.db").path
        var server = try await ChildProcess.nectar(["--path", path, "--auth"])
        let port = server.port
        _ = try await withMongoClient("mongodb://127.0.0.1:\(port)") { client in
            try await client["admin"].runCommand(["createUser": "user", "pwd": "p@ss", "roles": ["root"]])
        }
        let library = try await ChildProcess(
            [ChildProcess.executable("LibraryExample")],
            environment: [
                "MONGO_URI": "mongodb://user:p%40ss@127.0.0.1:\(port)/?serverSelectionTimeoutMS=200", "PORT": "0",
                "HOST": "127.0.0.1",
            ])

        let visits = Visits()
        let visitors = Task {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<6 { group.addTask { await visits.run(number, port: library.port) } }
            }
        }
        for _ in 0..<2 {
            try await Self.wait("answers while the server is there") { visits.seen.withLock { $0.good > 20 } }
            _ = await server.end(SIGKILL)
            visits.seen.withLock { $0.away = 0 }
            try await Self.wait("503 while the server is away") { visits.seen.withLock { $0.away > 5 } }
            let serve = [try ChildProcess.executable("nectar"), "serve", "--auth", "--log-level", "warning"]
            server = try await ChildProcess(serve + ["--port", "\(port)", "--path", path])
            visits.seen.withLock { $0.good = 0 }
            try await Self.wait("answers once it is back") { visits.seen.withLock { $0.good > 20 } }
        }
        visits.goOn.store(false, ordering: .relaxed)
        await visitors.value

        let (created, wrong) = visits.seen.withLock { ($0.created, $0.wrong) }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
        #expect(created.count > 2)
        try await TestClient.withClient(host: "127.0.0.1", port: library.port) { client in
            for address in created {
                let status = try await client.get(address, headers: Self.json).status
                #expect(status == .ok, "\(address)")
            }
        }
        #expect(await library.end() == 0)
        #expect(await server.end() == 0)
    }

    /// Asks for a page, for JSON, or adds a book.
    private static func visit(_ client: TestClient, _ visitor: Int, _ count: Int, _ seen: borrowing Mutex<Seen>) async {
        let answer: TestClient.Response?
        switch visitor % 3 {
        case 0: answer = try? await client.get("/books?q=sea", headers: json)
        case 1: answer = try? await client.get("/books", headers: html)
        default:
            let body = #"{"title":"Book \#(count) of \#(visitor)","author":"Nobody","year":1900}"#
            answer = try? await client.post("/books", headers: json, body: ByteBuffer(string: body))
        }
        seen.withLock { seen in
            switch answer?.status {
            case .ok: seen.good += 1
            case .created:
                seen.good += 1
                if let address = answer?.headers[.location] { seen.created.insert(address) }
            case .serviceUnavailable where answer?.headers[.retryAfter] != nil: seen.away += 1
            // A write that was cut off and tried again meets its own first try.
            case .conflict: break
            default:
                let text = answer?.body.map { String(buffer: $0) } ?? ""
                seen.wrong.append("\(answer.map { "\($0.status)" } ?? "no answer") \(text.prefix(300))")
            }
        }
    }

    private static func wait(_ what: String, _ isThere: () -> Bool) async throws {
        for _ in 0..<3000 where !isThere() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(isThere(), "\(what)")
    }
}
