import HTTPTypes
import Hummingbird
import HummingbirdMongo
import SQLTables
import Testing

@testable import DevelopersExample

private let ada = Client.developer

/// The numbers are those of the faults that a real product must not have.
@Suite("Strict answers")
struct AnswerTests {
    @Test("A life of a row: 201 with Location and the row, then read, changed, removed (1, 2, 13)")
    func life() async throws {
        try await withApp { call in
            let made = try await call(.post, "/", ada)
            #expect(made.status == 201)
            #expect(made.headers[.location] == "/1")
            let row: BSONDocument = ["id": 1, "first_name": "Ada", "last_name": "Lovelace", "expert": "Analysis"]
            #expect(made.body == ["status": true, "data": .document(row)])
            #expect(try await call(.get, "/1").data == .document(row))
            let changed = try await call(.patch, "/1", #"{"expert": "Engines"}"#)
            #expect(changed.status == 200)
            #expect(changed.data?.document?["expert"] == "Engines")
            #expect(changed.data?.document?["first_name"] == "Ada")
            let gone = try await call(.delete, "/1")
            #expect(gone.body == ["status": true, "data": ["deleted_id": 1]])
            #expect(try await call(.get, "/1").status == 404)
            // An id is not used again.
            #expect(try await call(.post, "/", ada).headers[.location] == "/2")
        }
    }

    @Test("What fails says so by its status, beside the envelope (1)")
    func statuses() async throws {
        try await withApp { call in
            _ = try await call(.post, "/", ada)
            let long = #"{"first_name": "\#(String(repeating: "B", count: 256))", "last_name": "x", "expert": "y"}"#
            let cases: [(HTTPRequest.Method, String, String?, Int)] = [
                (.post, "/", long, 422), (.post, "/", "{", 400), (.patch, "/1", #"{"expert": null}"#, 422),
                (.patch, "/2", #"{"expert": "x"}"#, 404), (.delete, "/2", nil, 404), (.put, "/logs/abc", nil, 404),
                (.delete, "/logs/abc", nil, 404), (.get, "/?limit=x", nil, 400),
            ]
            for (method, path, body, status) in cases {
                let answer = try await call(method, path, body)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.body["status"] == false)
                #expect(answer.error["message"]?.string?.isEmpty == false)
            }
        }
        try await withApp(sql: "sqlite:/nowhere/at/all.db") { call in
            let answer = try await call(.get, "/")
            #expect(answer.status == 503)
            #expect(answer.body["status"] == false)
        }
    }

    @Test("What is not there is 404, and nothing is claimed or made (3, 4, 5, 6, 7, 8)")
    func missing() async throws {
        try await withApp { call in
            let unknown = "/logs/0123456789abcdef01234567"
            let cases: [(HTTPRequest.Method, String, String?)] = [
                (.patch, "/999", #"{"expert": "x"}"#), (.delete, "/999", nil), (.put, unknown, nil),
                (.delete, unknown, nil), (.get, unknown, nil), (.put, "/logs/abc", nil), (.put, "/logs/%20", nil),
                (.put, "/logs/zzzzzzzzzzzzzzzzzzzzzzzz", nil), (.put, "/logs/abcdefghijkl", nil),
                (.delete, "/logs/%F0%9F%98%80", nil), (.delete, "/logs/abc", nil),
            ]
            for (method, path, body) in cases {
                let answer = try await call(method, path, body)
                #expect(answer.status == 404, "\(method) \(path)")
                #expect(answer.body["status"] == false)
                #expect(!answer.text.contains("ObjectI"))
            }
            #expect(try await call.records(["type": ["$exists": false]]).isEmpty)
            _ = try await call(.post, "/", ada)
            let record = try #require(try await call.records(["type": "activity"]).first)
            let path = "/logs/\(record["_id"]?.objectID?.description ?? "")"
            #expect(try await call(.delete, path).status == 200)
            #expect(try await call(.delete, path).status == 404)
            #expect(try await call(.put, path).status == 404)
            #expect(try await call.records(["_id": record["_id"] ?? .null]).isEmpty)
        }
    }

    @Test("Every failure is JSON with a code, a message, and Allow where it is due (9, 12, 57)")
    func problems() async throws {
        try await withApp { call in
            let cases: [(HTTPRequest.Method, String, String?, Int, String)] = [
                (.get, "/nope", nil, 404, "not_found"), (.get, "/developers/1", nil, 404, "not_found"),
                (.get, "/console", nil, 404, "not_found"), (.get, "/?__debugger__=yes", nil, 400, "invalid_parameter"),
                (.put, "/", nil, 405, "method_not_allowed"), (.post, "/1", "{", 405, "method_not_allowed"),
                (.post, "/logs", "{", 405, "method_not_allowed"), (.post, "/nope/x/y", "{", 404, "not_found"),
                (.patch, "/abc", "{", 404, "not_found"), (.patch, "/999", "{", 404, "not_found"),
                (.get, "/nope/", nil, 404, "not_found"), (.get, "//", nil, 404, "not_found"),
                (.get, "/logs/", nil, 404, "not_found"), (.get, "/../etc/passwd", nil, 404, "not_found"),
                (.post, "/", "{", 400, "invalid_json"), (.trace, "/", nil, 405, "method_not_allowed"),
            ]
            for (method, path, body, status, code) in cases {
                let answer = try await call(method, path, body)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.code == code, "\(method) \(path)")
                #expect(answer.headers[.contentType] == "application/json")
                #expect((answer.headers[.allow] != nil) == (status == 405))
            }
            #expect(try await call(.put, "/").headers[.allow] == "GET, HEAD, OPTIONS, POST")
            // Without a type the body would be refused, but the address and the method come first.
            let untyped: [(HTTPRequest.Method, String, Int, String)] = [
                (.post, "/", 415, "unsupported_media_type"), (.post, "/1", 405, "method_not_allowed"),
                (.post, "/logs", 405, "method_not_allowed"), (.post, "/nope/x", 404, "not_found"),
                (.patch, "/999", 404, "not_found"),
            ]
            for (method, path, status, code) in untyped {
                for type in [nil, "text/plain"] {
                    let answer = try await call(method, path, ada, type: type)
                    #expect(answer.status == status, "\(method) \(path)")
                    #expect(answer.code == code, "\(method) \(path)")
                    #expect(answer.headers[.contentType] == "application/json")
                }
            }
            for type in ["application/vnd.api+json", "APPLICATION/JSON", "application/json; charset=utf-8"] {
                #expect(try await call(.post, "/", ada, type: type).status == 201, "\(type)")
            }
        }
    }

    @Test("No text of the inside reaches the caller (10, 11)")
    func inside() async throws {
        try await withApp { call in
            let words = ["SQL", "sqlite", "developers", "INSERT", "UPDATE", "GRDB", "Swift", "column", "table"]
            let bodies = ["[1]", "null", "5", "\"x\"", #"{"first_name": {"a": 1}}"#, #"{"id": 2}"#, "{}", "{"]
            _ = try await call(.post, "/", ada)
            for body in bodies {
                for (method, path) in [(HTTPRequest.Method.post, "/"), (.patch, "/1")] {
                    let answer = try await call(method, path, body)
                    #expect((400..<500).contains(answer.status), "\(method) \(body)")
                    for word in words { #expect(!answer.text.contains(word), "\(body): \(answer.text)") }
                }
            }
        }
        // A table that is gone is the server's fault, told in no detail.
        try await withApp { call in
            _ = try await call(.get, "/")
            try await call.app.store.engine.execute(DropTableOfTest.statement)
            let answer = try await call(.get, "/")
            #expect(answer.status == 500)
            #expect(answer.code == "internal_error")
            #expect(answer.headers[.contentType] == "application/json")
            #expect(!answer.text.contains("developers"))
        }
    }

    @Test("Lists have pages with a limit, and unknown or wrong parameters are refused (14, 15)")
    func pages() async throws {
        try await withApp { call in
            for number in 1...60 {
                let expert = number % 2 == 0 ? "even" : "odd"
                let body = #"{"first_name": "D\#(number)", "last_name": "x", "expert": "\#(expert)"}"#
                #expect(try await call(.post, "/", body).status == 201)
            }
            let first = try await call(.get, "/")
            #expect(first.rows.count == 50)
            #expect(first.body["page"] == ["limit": 50, "offset": 0, "total": 60])
            let next = try await call(.get, "/?limit=20&offset=55")
            #expect(next.rows.map { $0["id"] } == [56, 57, 58, 59, 60])
            #expect(try await call(.get, "/?expert=even&limit=200").rows.count == 30)
            #expect(try await call(.get, "/?expert=%27%20OR%201%3D1").rows.isEmpty)
            for query in ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "offset=-1", "page=1", "limit=01"] {
                #expect(try await call(.get, "/?\(query)").status == 400, "\(query)")
            }
            await call.app.logs.flush()
            let logs = try await call(.get, "/logs?limit=10&type=activity")
            #expect(logs.rows.count == 10)
            let before = try #require(logs.body["page"]?.document?["before"]?.string)
            let older = try await call(.get, "/logs?limit=10&type=activity&before=\(before)")
            #expect(older.rows.count == 10)
            #expect(Set(older.rows.compactMap { $0["_id"] }).isDisjoint(with: logs.rows.compactMap { $0["_id"] }))
            for query in ["type=x", "limit=1000", "before=x", "x=1"] {
                #expect(try await call(.get, "/logs?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test("Accept without JSON is 406 (16); HEAD has no body; OPTIONS allows no other site (58)")
    func negotiation() async throws {
        try await withApp { call in
            for accept in ["text/html", "application/json;q=0", "application/json; q=0.0, text/*"] {
                #expect(try await call(.get, "/", headers: [.accept: accept]).status == 406)
            }
            for accept in ["*/*", "application/json", "text/html, application/*;q=0.5"] {
                #expect(try await call(.get, "/", headers: [.accept: accept]).status == 200)
            }
            let head = try await call(.head, "/")
            #expect(head.status == 200 && head.text.isEmpty)
            let preflight = try await call(.options, "/", headers: [.origin: "http://client.example"])
            #expect(preflight.status == 204)
            #expect(preflight.headers[.allow] == "GET, HEAD, OPTIONS, POST")
            #expect(preflight.headers[.accessControlAllowOrigin] == nil)
            #expect(
                try await call(.get, "/", headers: [.origin: "http://a.b"]).headers[.accessControlAllowOrigin] == nil)
            #expect(try await call(.options, "/a/b/c").status == 404)
        }
    }

    @Test("The page and what it needs are there, with a policy that runs no foreign script")
    func page() async throws {
        try await withApp { call in
            for (path, part) in [
                ("/page", "<form id=\"create\""), ("/page/page.js", "textContent"), ("/page/page.css", "table"),
                ("/page/icon.svg", "<svg"),
            ] {
                let answer = try await call(.get, path, headers: [.accept: "text/html"])
                #expect(answer.status == 200)
                #expect(answer.text.contains(part))
                #expect(answer.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
                #expect(!answer.text.contains("innerHTML"))
            }
            #expect(try await call(.get, "/page/x").status == 404)
            #expect(try await call(.get, "/ready").body == ["status": true, "data": ["sql": true, "logs": true]])
        }
    }
}
