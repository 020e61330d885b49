import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMongo
import Testing

@testable import DevelopersExample

/// The numbers are those of the faults that a real product must not have.
@Suite("Strict validation")
struct ValidationTests {
    private static func body(_ first: String, _ last: String = "\"x\"", _ expert: String = "\"y\"") -> String {
        "{\"first_name\": \(first), \"last_name\": \(last), \"expert\": \(expert)}"
    }

    private static func text(_ count: Int, of character: String) -> String {
        "\"\(String(repeating: character, count: count))\""
    }

    static let refused: [(name: String, body: String, status: Int, fields: [String])] = [
        ("17 missing", #"{"first_name": "Ada"}"#, 422, ["last_name", "expert"]),
        ("17 nothing", "{}", 422, ["first_name", "last_name", "expert"]),
        ("17 all null", body("null", "null", "null"), 422, ["first_name", "last_name", "expert"]),
        ("17 null", body("null"), 422, ["first_name"]),
        ("17 misspelt", #"{"firstName": "A", "last_name": "b", "expert": "c"}"#, 422, ["firstName", "first_name"]),
        ("18 unknown", #"{"first_name": "A", "last_name": "b", "expert": "c", "role": "admin"}"#, 422, ["role"]),
        ("18 id", #"{"first_name": "A", "last_name": "b", "expert": "c", "id": 500}"#, 422, ["id"]),
        ("19 empty", body("\"\""), 422, ["first_name"]),
        ("19 spaces", body("\"   \"", "\" \\t \""), 422, ["first_name", "last_name"]),
        ("19 control", body("\"A\\u0000da\""), 422, ["first_name"]),
        ("19 line break", body("\"A\\nda\""), 422, ["first_name"]),
        ("20 long", body(text(256, of: "B")), 422, ["first_name"]),
        ("20 long emoji", body(text(256, of: "😀")), 422, ["first_name"]),
        ("21 long spaces", body(text(256, of: " ")), 422, ["first_name"]),
        ("22 number", body("42"), 422, ["first_name"]),
        ("22 fraction", body("1.5"), 422, ["first_name"]),
        ("22 truth", body("true", "false"), 422, ["first_name", "last_name"]),
        ("23 list", body("[\"a\", \"b\"]"), 422, ["first_name"]),
        ("23 empty list", body("[]"), 422, ["first_name"]),
        ("24 object", body("{\"a\": 1}"), 422, ["first_name"]),
        ("25 NaN", body("NaN"), 400, []),
        ("25 infinity", body("-Infinity"), 400, []),
        ("26 large number", body("123456789012345678901234567890"), 422, ["first_name"]),
        (
            "26 large number in an unknown field", #"{"first_name":"A","x":123456789012345678901234567890}"#, 422,
            ["expert", "last_name", "x"]
        ),
        ("26 surrogate", body("\"\\ud800\""), 400, []),
        ("26 zero byte in a key", #"{"first_name":"Ada","a\u0000b":1}"#, 400, []),
        ("26 depth", "{\"first_name\":" + String(repeating: "[", count: 2000), 400, []),
        (
            "26 depth, closed", "{\"a\":\(String(repeating: "[", count: 99))\(String(repeating: "]", count: 99))}", 400,
            []
        ),
        ("27 size", body(text(1_000_000, of: "n")), 413, []),
        ("33 twice", #"{"first_name":"One","first_name":"Two","last_name":"x","expert":"y"}"#, 400, []),
        ("11 list", "[1, 2]", 400, []), ("11 null", "null", 400, []), ("11 text", "\"Ada\"", 400, []),
        ("no JSON", "", 400, []), ("single quotes", "{'first_name':'Ada'}", 400, []),
    ]

    @Test("A body that is not right makes no row, and the answer names each field")
    func create() async throws {
        try await withApp { call in
            for (name, body, status, fields) in Self.refused {
                let answer = try await call(.post, "/", body)
                #expect(answer.status == status, "\(name): \(answer.text)")
                #expect(answer.fields.sorted() == fields.sorted(), "\(name): \(answer.text)")
            }
            #expect(try await call(.get, "/").rows.isEmpty)
        }
    }

    @Test("A body with NaN is refused, and listings stay valid JSON (25)")
    func notANumber() async throws {
        try await withApp { call in
            for body in [Self.body("NaN"), #"{"x": NaN}"#, #"{"x": Infinity}"#] {
                #expect(try await call(.post, "/", body).status == 400)
            }
            _ = try await call(.post, "/", Client.developer)
            await call.app.logs.flush()
            for path in ["/", "/logs", "/logs?type=error", "/logs/summary", "/logs/statistics"] {
                let answer = try await call(.get, path)
                #expect(throws: Never.self, "\(path)") {
                    try JSONSerialization.jsonObject(with: Data(answer.text.utf8))
                }
            }
        }
    }

    @Test("A body beyond what a document may have is 413 at once, on every route that takes one (26)")
    func huge() async throws {
        try await withApp { call in
            _ = try await call(.post, "/", Client.developer)
            let record = try #require(try await call.records(["type": "activity"]).first)
            let path = "/logs/\(record["_id"]?.objectID?.description ?? "")"
            let bytes = [UInt8](repeating: UInt8(ascii: " "), count: 17 << 20)
            for (method, path) in [(HTTPRequest.Method.post, "/"), (.patch, "/1"), (.put, path)] {
                let answer = try await call(method, path, bytes: bytes)
                #expect(answer.status == 413, "\(method)")
                #expect(answer.body["status"] == false)
            }
            for body in ["{\"a\":\(String(repeating: "[", count: 500))", #"{"deleted": 1e999}"#, #"{"\u0000": 1}"#] {
                #expect(try await call(.put, path, body).status == 400, "\(body.prefix(20))")
            }
            #expect(try await call(.get, path).data?.document?["deleted"] == nil)
        }
    }

    @Test("Text is kept as it was sent, less the spaces around it; 255 characters fit, of any kind")
    func text() async throws {
        let texts = [
            "Zoë", "李", "🧮 数学", "مريم", "Robert'); DROP TABLE developers;--", "<script>alert(1)</script>", "a\\b%s",
            String(repeating: "A", count: 255), String(repeating: "😀", count: 255), "e\u{301}",
        ]
        try await withApp { call in
            for text in texts {
                let value = String(decoding: BSONValue.string("  \(text) \t").json(), as: UTF8.self)
                let answer = try await call(.post, "/", Self.body(value))
                #expect(answer.status == 201, "\(text)")
                let kept = try await call(.get, answer.headers[.location] ?? "").data?.document?["first_name"]?.string
                #expect(kept.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
            }
        }
    }

    @Test("UTF-8 only: no byte order mark, no UTF-16, no broken bytes (34)")
    func encoding() async throws {
        let text = Array(Client.developer.utf8)
        let units = Client.developer.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        let utf16: [UInt8] = [0xff, 0xfe] + units
        try await withApp { call in
            let broken = Array("{\"first_name\":\"Zo".utf8) + [0xeb] + Array("\"}".utf8)
            let bodies: [[UInt8]] = [[0xef, 0xbb, 0xbf] + text, utf16, broken]
            for bytes in bodies {
                let answer = try await call(.post, "/", bytes: bytes)
                #expect(answer.status == 400)
            }
        }
    }

    static let updates: [(name: String, path: String, body: String, status: Int)] = [
        ("28 nothing", "/1", "{}", 422), ("29 other id", "/1", #"{"id": 10}"#, 422),
        ("29 negative id", "/1", #"{"id": -5}"#, 422), ("29 same id", "/1", #"{"id": 1}"#, 200),
        ("29 same id and more", "/1", #"{"id": 1, "expert": "x"}"#, 200),
        ("31 null", "/1", #"{"last_name": null}"#, 422),
        ("31 blank", "/1", #"{"last_name": ""}"#, 422), ("unknown field", "/1", #"{"nickname": "x"}"#, 422),
        ("22 number", "/1", #"{"expert": 7}"#, 422),
        ("20 long", "/1", #"{"expert": "\#(String(repeating: "E", count: 256))"}"#, 422),
        ("23 list", "/1", #"{"expert": ["a", "b"]}"#, 422), ("24 object", "/1", #"{"expert": {"a": 1}}"#, 422),
        ("25 NaN", "/1", #"{"expert": NaN}"#, 400), ("33 twice", "/1", #"{"expert": "a", "expert": "b"}"#, 400),
        ("11 list", "/1", "[]", 400), ("11 text", "/1", "\"x\"", 400),
        ("27 size", "/1", #"{"expert": "\#(String(repeating: "n", count: 1_000_000))"}"#, 413),
        ("32 slash behind", "/1/", #"{"expert": "x"}"#, 404), ("32 two slashes", "//1", #"{"expert": "x"}"#, 404),
        ("32 zeros", "/001", #"{"expert": "x"}"#, 404), ("32 other digits", "/%D9%A1", #"{"expert": "x"}"#, 404),
        ("32 zero", "/0", #"{"expert": "x"}"#, 404), ("32 plus", "/+1", #"{"expert": "x"}"#, 404),
        ("32 beyond the column", "/4294967296", #"{"expert": "x"}"#, 404),
        ("32 beyond numbers", "/123456789012345678901234567890", #"{"expert": "x"}"#, 404),
        ("32 fraction", "/1.0", #"{"expert": "x"}"#, 404), ("32 negative", "/-1", #"{"expert": "x"}"#, 404),
    ]

    @Test("Updates keep the rules, and what is refused changes nothing; the id stays (28 to 32)")
    func update() async throws {
        try await withApp { call in
            _ = try await call(.post, "/", Client.developer)
            for (name, path, body, status) in Self.updates {
                let answer = try await call(.patch, path, body)
                #expect(answer.status == status, "\(name): \(answer.text)")
            }
            let row = try await call(.get, "/1").data?.document
            #expect(row == ["id": 1, "first_name": "Ada", "last_name": "Lovelace", "expert": "x"])
            #expect(try await call(.post, "/", Client.developer).headers[.location] == "/2")
        }
    }

    @Test("Namesakes may exist: a choice, stated (35)")
    func namesakes() async throws {
        try await withApp { call in
            for id in 1...2 {
                let answer = try await call(.post, "/", Client.developer)
                #expect(answer.headers[.location] == "/\(id)")
            }
        }
    }
}
