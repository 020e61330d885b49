import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import Testing

@Suite("Documents as answers")
struct ResponseTests {
    @Test("An id that is none, and one that names nothing, are not found")
    func ids() async throws {
        try await withRoutes { router, mongo in
            router.get("books/{id}") { _, context in
                try await mongo.db["books"].findOneOr404(["_id": .objectID(try context.objectID("id"))])
            }
        } _: { client, mongo in
            let id = ObjectID()
            try await mongo.db["books"].insertOne(["_id": .objectID(id), "title": "Emma"])
            for bad in ["abcdefghijkl", "1", "%00", "\(ObjectID())", "\(id)0"] {
                try await client.execute(uri: "/books/\(bad)", method: .get) { #expect($0.status == .notFound) }
            }
            // The same id with its first digit percent-encoded.
            let digit = id.description.utf8.first.map { String($0, radix: 16) } ?? ""
            for good in [id.description, "%\(digit)\(id.description.dropFirst())"] {
                try await client.execute(uri: "/books/\(good)", method: .get) { response in
                    #expect(response.status == .ok)
                    #expect(response.headers[.contentType] == "application/json; charset=utf-8")
                    #expect(String(buffer: response.body) == #"{"_id":"\#(id)","title":"Emma"}"#)
                }
            }
        }
    }

    @Test("Arrays, queries, pipelines and cursors are lists")
    func lists() async throws {
        try await withRoutes { router, mongo in
            let numbers = mongo.db["numbers"]
            router.get("array") { _, _ in [["n": 1], ["n": 2]] as [BSONDocument] }
            router.get("query") { _, _ in numbers.find().sort(["_id": 1]).batchSize(7) }
            router.get("pipeline") { _, _ in numbers.aggregate([["$match": ["_id": ["$lt": 2]]]]) }
            router.get("cursor") { _, _ in try await numbers.find(["_id": 5]).cursor() }
            router.get("none") { _, _ in numbers.find(["_id": "x"]) }
        } _: { client, mongo in
            try await mongo.db["numbers"].insertMany((0..<5000).map { ["_id": .int($0)] })
            let expected = [
                ("array", #"[{"n":1},{"n":2}]"#), ("cursor", #"[{"_id":5}]"#), ("none", "[]"),
                ("query", "[" + (0..<5000).map { #"{"_id":\#($0)}"# }.joined(separator: ",") + "]"),
                ("pipeline", #"[{"_id":0},{"_id":1}]"#),
            ]
            for (path, text) in expected {
                try await client.execute(uri: "/\(path)", method: .get) { response in
                    #expect(response.status == .ok)
                    let body = String(buffer: response.body).filter { $0 != "\n" }
                    #expect(body == text, "\(path)")
                }
            }
            try await client.execute(uri: "/query", method: .head) { #expect($0.body.readableBytes == 0) }
        }
    }

    @Test("A body is taken as JSON only, and only within its limit")
    func bodies() async throws {
        try await withRoutes { router, _ in
            router.post("echo") { request, _ in try await request.bsonDocument(limit: 40) }
        } _: { client, _ in
            let cases: [(type: String, body: String, status: HTTPResponse.Status)] = [
                ("application/json; charset=utf-8", #"{"a":[1,"é"]}"#, .ok),
                ("application/merge-patch+json", "{}", .ok),
                ("text/plain", "{}", .unsupportedMediaType),
                ("application/json", "[1]", .badRequest),
                ("application/json", "{", .badRequest),
                ("application/json", #"{"a":"\#(String(repeating: "x", count: 50))"}"#, .contentTooLarge),
            ]
            for (type, body, status) in cases {
                try await client.execute(
                    uri: "/echo", method: .post, headers: [.contentType: type], body: ByteBuffer(string: body)
                ) { response in
                    #expect(response.status == status)
                    if status == .ok { #expect(String(buffer: response.body) == body) }
                }
            }
        }
    }
}
