import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import SQLTables
import Testing

@testable import DevelopersExample

/// Statements of the tests.
enum DropTableOfTest { static let statement = DropTable("developers") }

/// The numbers are those of the faults that a real product must not have.
@Suite("Strict failure and load")
struct FailureTests {
    @Test("Creates at the same moment all succeed, with an id each; answers and rows agree (49, 50)")
    func parallel() async throws {
        try await withApp { call in
            let places = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        if number % 2 == 0 { _ = try await call(.get, "/") }
                        let answer = try await call(.post, "/", Client.developer)
                        return answer.status == 201 ? answer.headers[.location] ?? "" : "\(answer.status)"
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(Set(places) == Set((1...40).map { "/\($0)" }))
            #expect(try await call(.get, "/?limit=200").rows.count == 40)
        }
    }

    @Test("With the SQL database away the application starts and answers 503, and works once it is there (52, 53)")
    func sqlAway() async throws {
        try await withApp(sql: "sqlite:/nowhere/at/all.db") { call in
            let cases: [(HTTPRequest.Method, String, String?)] = [
                (.get, "/", nil), (.post, "/", Client.developer), (.patch, "/1", #"{"expert": "x"}"#),
                (.delete, "/1", nil), (.get, "/ready", nil),
            ]
            for (method, path, body) in cases {
                let answer = try await call(method, path, body)
                #expect(answer.status == 503, "\(method) \(path)")
                #expect(answer.headers[.retryAfter] != nil)
                #expect(answer.code == "database_unavailable")
                #expect(!answer.text.contains("nowhere"))
            }
            // The logs have nothing to do with it, and tell of the failures.
            #expect(try await call(.get, "/logs").status == 200)
            #expect(try await call.records(["type": "error", "kind": "connectionFailed"]).count >= 4)
        }
    }

    @Test("A database that comes back is used with the next call: it was away at the start, or locked (51, 53)")
    func sqlBack() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "developers.db").path
        try await withApp(sql: "sqlite:\(path)", busyTimeout: .milliseconds(50)) { call in
            #expect(try await call(.post, "/", Client.developer).status == 503)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            #expect(try await call(.post, "/", Client.developer).headers[.location] == "/1")
            // Another process keeps the writers out.
            let other = try SQLEngine("sqlite:\(path)")
            defer { other.close() }
            try await other.transaction { _ in
                let answer = try await call(.post, "/", Client.developer)
                #expect(answer.status == 503)
                #expect(answer.code == "database_unavailable")
                #expect(answer.headers[.retryAfter] != nil)
                #expect(try await call(.get, "/").rows.count == 1)
            }
            #expect(try await call(.post, "/", Client.developer).headers[.location] == "/2")
            #expect(try await call(.get, "/").rows.count == 2)
        }
    }

    @Test("A document store that takes no records changes no answer (55, 56)")
    func mongoRefuses() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let uri = "embedded:\(folder.appending(path: "logs.db").path)"
        let client = try await MongoClient(uri)
        _ = try await client["developers"]["logs"].insertOne(["type": "request", "mark": "old"])
        await client.close()
        var options = MongoLogs.Options()
        options.closingTime = .milliseconds(100)
        options.retryInterval = .milliseconds(5)
        try await withApp(mongo: "\(uri)?readOnly=true", options: options) { call in
            for id in 1...3 {
                let made = try await call(.post, "/", Client.developer)
                #expect(made.status == 201)
                #expect(made.headers[.location] == "/\(id)")
            }
            // The first error is the one that is told.
            #expect(try await call(.post, "/", "{}").status == 422)
            #expect(try await call(.get, "/").rows.count == 3)
            for _ in 0..<500 where call.app.logs.statistics.failures == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(call.app.logs.statistics.failures > 0)
            #expect(call.app.logs.statistics.waiting == call.app.logs.statistics.accepted)
            #expect(try await call(.get, "/logs").rows.compactMap { $0["mark"] } == ["old"])
        }
    }

    @Test("With the document store away rows are served at once, /logs alone is 503, and records wait (54, 55, 56)")
    func mongoAway() async throws {
        var options = MongoLogs.Options()
        options.capacity = 20
        options.closingTime = .milliseconds(100)
        // A request that waited for the store would wait for half a minute.
        let patient = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=30000"
        try await withApp(mongo: patient, options: options) { call in
            let start = ContinuousClock.now
            let made = try await call(.post, "/", Client.developer)
            let read = try await call(.get, "/1")
            let missing = try await call(.get, "/nope")
            let statuses: [Int] = [made.status, read.status, missing.status]
            #expect(statuses == [201, 200, 404])
            let elapsed = ContinuousClock.now - start
            #expect(elapsed < .seconds(25))
        }
        let uri = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
        try await withApp(mongo: uri, options: options) { call in
            for _ in 0..<15 { #expect(try await call(.post, "/", Client.developer).status == 201) }
            #expect(try await call(.get, "/").rows.count == 15)
            let id = "/logs/0123456789abcdef01234567"
            let routes: [(HTTPRequest.Method, String)] = [
                (.get, "/logs"), (.get, id), (.put, id), (.delete, id), (.get, "/logs/summary"),
            ]
            for (method, path) in routes {
                let logs = try await call(method, path)
                #expect(logs.status == 503, "\(method) \(path)")
                #expect(logs.headers[.retryAfter] != nil)
                #expect(logs.body["status"] == false)
                #expect(!logs.text.contains("127.0.0.1"))
            }
            // Two records for each create: more than there is room for.
            let statistics = call.app.logs.statistics
            #expect(statistics.accepted == 20)
            #expect(statistics.waiting == 20)
            #expect(statistics.dropped > 10)
            let ready = try await call(.get, "/ready")
            #expect(ready.data?.document == ["sql": true, "logs": false])
        }
    }
}
