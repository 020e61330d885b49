import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMongo
import Testing

@testable import DevelopersExample

/// The numbers are those of the faults that a real product must not have.
@Suite("Strict logs")
struct LogTests {
    @Test("Every request leaves one record with its status, also refused ones (36, 40), and no body (37)")
    func everyRequest() async throws {
        try await withApp { call in
            let cases: [(HTTPRequest.Method, String, String?, Int)] = [
                (.post, "/", Client.developer, 201), (.post, "/", "{", 400),
                (.post, "/", #"{"password": "hunter2"}"#, 422),
                (.get, "/nope", nil, 404), (.put, "/", nil, 405), (.get, "/", nil, 200), (.head, "/", nil, 200),
                (.options, "/", nil, 204), (.post, "/", String(repeating: "n", count: 1_000_000), 413),
            ]
            for (method, path, body, status) in cases {
                let answer = try await call(method, path, body)
                #expect(answer.status == status)
                let id = try #require(HTTPField.Name("X-Request-ID").flatMap { answer.headers[$0] })
                let records = try await call.records(["request_id": .string(id), "type": "request"])
                #expect(records.count == 1, "\(method) \(path)")
                let record = records.first ?? [:]
                #expect(record["status"]?.int == status)
                #expect(record["method"]?.string == method.rawValue)
                #expect(record["at"]?.date != nil)
                #expect(record["ms"]?.double != nil)
            }
            // What the framework would have refused before any record was made.
            for (type, body, status) in [("text/plain", "x", 415), ("application/json", "\u{feff}{}", 400)] {
                let answer = try await call(.post, "/", body, type: type)
                #expect(answer.status == status)
                let id = HTTPField.Name("X-Request-ID").flatMap { answer.headers[$0] } ?? ""
                let records = try await call.records(["request_id": .string(id), "type": "request"])
                #expect(records.map { $0["status"]?.int } == [status])
            }
            for record in try await call.records() {
                let text = record.extendedJSON()
                #expect(!text.contains("hunter2") && !text.contains("Lovelace"))
            }
        }
    }

    @Test("The records of one call have its id and a time, and that of the request its status and duration (40)")
    func joined() async throws {
        try await withApp { call in
            for (body, types) in [(Client.developer, ["activity", "request"]), ("{", ["error", "request"])] {
                let answer = try await call(.post, "/", body)
                let id = try #require(HTTPField.Name("X-Request-ID").flatMap { answer.headers[$0] })
                let records = try await call.records(["request_id": .string(id)])
                #expect(records.compactMap { $0["type"]?.string }.sorted() == types)
                for record in records { #expect(record["at"]?.date != nil) }
                let request = records.first { $0["type"] == "request" } ?? [:]
                #expect(request["status"]?.int == answer.status)
                #expect(request["ms"]?.double != nil)
            }
        }
    }

    @Test("A record tells no body from an empty one by its bytes (46)")
    func bytes() async throws {
        try await withApp { call in
            let cases: [(HTTPRequest.Method, String, String?, BSONValue?)] = [
                (.get, "/", nil, nil), (.post, "/", "", 0), (.post, "/", "[]", 2), (.post, "/", "0", 1),
                (.post, "/", "false", 5), (.put, "/logs/0123456789abcdef01234567", #"{"deleted": true}"#, 17),
                (.put, "/logs/0123456789abcdef01234567", nil, nil), (.delete, "/1", #"{"a": 1}"#, 8),
            ]
            for (method, path, body, bytes) in cases {
                _ = try await call(method, path, body)
                let record = try #require(try await call.records(["type": "request"]).last)
                #expect(record["bytes"] == bytes, "\(method) \(body ?? "none")")
            }
            _ = try await call(.get, "/", headers: [.transferEncoding: "chunked"])
            #expect(try await call.records(["type": "request"]).last?["bytes"] == .null)
        }
    }

    @Test(
        "Each change and each failed one has a record of its own, joined by the request's id, without values (39, 41)")
    func changes() async throws {
        try await withApp { call in
            #expect(try await call(.post, "/", Client.developer).status == 201)
            _ = try await call(.patch, "/1", #"{"expert": "s3cret value"}"#)
            _ = try await call(.delete, "/1")
            _ = try await call(.delete, "/1")
            _ = try await call(.patch, "/1", #"{"expert": 7}"#)
            _ = try await call(.post, "/", #"{"first_name": "s3cret"}"#)
            let done = try await call.records(["type": "activity"]).compactMap { $0["action"]?.string }
            #expect(done == ["create developer", "update developer", "delete developer"])
            let failed = try await call.records(["type": "error"])
            #expect(failed.compactMap { $0["code"]?.string } == ["not_found", "not_found", "invalid"])
            for record in try await call.records() {
                #expect(!record.extendedJSON().contains("s3cret"))
                let id = record["request_id"] ?? .null
                #expect(try await call.records(["type": "request", "request_id": id]).count == 1)
            }
            // Who touches the logs leaves a trace there, too.
            let ids = failed.compactMap { $0["_id"]?.objectID?.description }
            for (method, id) in zip([HTTPRequest.Method.put, .delete], ids) {
                #expect(try await call(method, "/logs/\(id)").status == 200)
            }
            let touched = try await call.records(["type": "activity"]).compactMap { $0["action"]?.string }
            #expect(touched == done + ["mark log", "delete log"])
        }
    }

    @Test(
        "Secrets in addresses are masked, and addresses are kept as they came, without the host that a caller claims (38, 45)"
    )
    func addresses() async throws {
        try await withApp { call in
            let cases: [(String, String)] = [
                ("/?token=s3cret&limit=5", "/?token=***&limit=5"), ("/?%74oken=s3cret", "/?%74oken=***"),
                ("/?api-key=x", "/?api-key=***"), ("/?q=%F0%9F%98%80%0Ainjected", "/?q=%F0%9F%98%80%0Ainjected"),
                ("/nope%23x", "/nope%23x"), ("/%C3%A9", "/%C3%A9"), ("http://spoofed.example/?limit=5", "/?limit=5"),
                ("http://spoofed.example", "/"), ("/%2Fother", "/%2Fother"),
            ]
            let host = try #require(HTTPField.Name("X-Forwarded-Host"))
            for (path, kept) in cases {
                _ = try await call(.get, path, headers: [.origin: "http://spoofed.example", host: "spoofed.example"])
                let record = try #require(try await call.records(["type": "request"]).last)
                #expect(record["url"]?.string == kept)
                #expect(!record.extendedJSON().contains("spoofed"))
            }
        }
    }

    @Test(
        "Marked records are left out unless asked for (42); the body of PUT is checked (46, 47); reading leaves no record (43)"
    )
    func marking() async throws {
        try await withApp { call in
            #expect(try await call(.post, "/", Client.developer).status == 201)
            let record = try #require(try await call.records(["type": "activity"]).first)
            let path = "/logs/\(record["_id"]?.objectID?.description ?? "")"
            for (body, status) in [("{", 400), (#"{"deleted": false}"#, 422), (#"{"type": "forged"}"#, 422)] {
                #expect(try await call(.put, path, body).status == status, "\(body)")
            }
            #expect(try await call(.get, path).data?.document?["deleted"] == nil)
            for body in [nil, #"{"deleted": true}"#] {
                let answer = try await call(.put, path, body)
                #expect(answer.status == 200)
                #expect(answer.data?.document?["deleted"] == true)
                #expect(answer.data?.document?["action"] == "create developer")
            }
            await call.app.logs.flush()
            let shown = try await call(.get, "/logs?limit=200").rows.compactMap { $0["_id"]?.string }
            #expect(!shown.isEmpty)
            #expect(!shown.contains(record["_id"]?.objectID?.description ?? ""))
            let all = try await call(.get, "/logs?limit=200&deleted=true").rows.compactMap { $0["_id"]?.string }
            #expect(all.contains(record["_id"]?.objectID?.description ?? ""))
            let before = try await call.records().count
            _ = try await call(.get, "/logs")
            _ = try await call(.head, "/logs")
            #expect(try await call.records().count == before)
        }
    }

    @Test("Old records go by themselves (44)")
    func retention() async throws {
        var options = MongoLogs.Options()
        options.retention = .seconds(3600)
        options.sweepInterval = .milliseconds(20)
        try await withApp(options: options) { call in
            let old = BSONDate(millisecondsSince1970: Int64((Date().timeIntervalSince1970 - 7200) * 1000))
            call.app.logs.record(["type": "request", "at": .date(old)])
            call.app.logs.record(["type": "request", "mark": "new"])
            await call.app.logs.flush()
            for _ in 0..<200 where try await call.records().count != 1 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await call.records().map { $0["mark"] } == ["new"])
        }
    }

    @Test("What became of records can be asked for, and how requests went")
    func statistics() async throws {
        try await withApp { call in
            for _ in 0..<3 { _ = try await call(.get, "/") }
            _ = try await call(.get, "/1")
            await call.app.logs.flush()
            let statistics = try await call(.get, "/logs/statistics").data?.document
            #expect(statistics?["dropped"] == 0)
            #expect((statistics?["written"]?.int ?? 0) >= 4)
            let rows = try await call(.get, "/logs/summary").rows
            let list = rows.first { $0["route"] == "/" && $0["status"] == 200 }
            #expect(list?["count"] == 3)
            #expect((list?["longest_ms"]?.double ?? -1) >= (list?["mean_ms"]?.double ?? 0))
            #expect(rows.contains { $0["status"] == 404 })
        }
    }
}
