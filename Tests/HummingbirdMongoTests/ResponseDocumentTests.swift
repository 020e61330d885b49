import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import MongoProtocol
import NIOCore
import Synchronization
import Testing

@Suite("Documents of Swift types as answers")
struct ResponseDocumentTests {
    @Document("birds")
    struct Bird {
        var id: Int
        var name: String
        var seen: Date?
        var count: Int = 0
        var ring: ObjectID?
    }

    /// Encodable, so that Hummingbird has an answer of its own for lists of it.
    @Document("tagged")
    struct Tagged: Encodable {
        var id: Int
        @Field("n") var name: String
    }

    /// Says itself how it answers.
    @Document("own")
    struct Own: ResponseGenerator {
        var id: Int

        func response(from request: Request, context: some RequestContext) -> Response {
            "own \(id)".response(from: request, context: context)
        }
    }

    @Document("plain")
    struct Plain: ResponseGenerator { var id: Int }

    private static func text(_ client: any TestClientProtocol, _ path: String) async throws -> String {
        try await client.execute(uri: "/\(path)", method: .get) { response in
            #expect(response.status == .ok, "\(path)")
            return String(buffer: response.body).filter { $0 != "\n" }
        }
    }

    @Test(
        "Values, lists, queries and pages answer as they are, with the fields of their type, and the first in plain JSON"
    )
    func answers() async throws {
        let ring = ObjectID()
        let bird = Bird(id: 1, name: "Ara", seen: Date(timeIntervalSince1970: 0), count: 1 << 60, ring: ring)
        try await withRoutes { router, mongo in
            let birds = mongo.db[Bird.self]
            router.get("value") { _, _ in bird }
            router.get("list") { _, _ in [bird, Bird(id: 2, name: "Emu")] }
            router.get("tagged") { _, _ in [Tagged(id: 1, name: "x")] }
            router.get("own") { _, _ in Own(id: 3) }
            router.get("plain") { _, _ in Plain(id: 4) }
            router.get("query") { _, _ in birds.find().sort(\.id) }
            router.get("page") { request, _ in try await birds.find().paginate(request) }
            router.get("cursor") { _, _ in try await mongo.db["birds"].find().cursor() }
            let raw = router.group("extended").add(middleware: ExtendedJSON(.relaxed))
            raw.get("value") { _, _ in bird }
            router.group("canonical").add(middleware: ExtendedJSON(.canonical)).get("value") { _, _ in bird }
            raw.get("query") { _, _ in birds.find { $0.id == 1 } }
            raw.get("document") { _, _ in ["n": .int64(1), "d": .decimal128(Decimal128(1))] as BSONDocument }
        } _: { client, mongo in
            try await mongo.db[Bird.self].insert(bird)
            try await mongo.db["birds"].updateOne(["_id": 1], ["$set": ["secret": "not of the type"]])
            let one =
                #"{"_id":1,"name":"Ara","seen":"1970-01-01T00:00:00.000Z","count":1152921504606846976,"ring":"\#(ring)"}"#
            #expect(try await Self.text(client, "value") == one)
            #expect(try await Self.text(client, "list") == #"[\#(one),{"_id":2,"name":"Emu","count":0}]"#)
            #expect(try await Self.text(client, "tagged") == #"[{"_id":1,"n":"x"}]"#)
            #expect(try await Self.text(client, "own") == "own 3")
            #expect(try await Self.text(client, "plain") == #"{"_id":4}"#)
            #expect(try await Self.text(client, "query") == "[\(one)]")
            #expect(try await Self.text(client, "page").hasPrefix(#"{"items":[\#(one)],"page":1,"#))
            #expect(try await Self.text(client, "cursor").contains("not of the type"))
            #expect(try await Self.text(client, "extended/value").contains(#""ring":{"$oid":"\#(ring)"}"#))
            #expect(try await Self.text(client, "canonical/value").contains(#""_id":{"$number"#))
            #expect(try await Self.text(client, "extended/query").contains(#""seen":{"$date":"#))
            #expect(try await Self.text(client, "extended/document").contains(#"{"$numberDecimal":"1"}"#))
        }
    }

    @Test(
        "A long list is sent as it comes; one that is unreadable from the start is an error, and one that becomes so breaks off"
    )
    func streams() async throws {
        try await withRoutes { router, mongo in
            router.get("birds") { _, _ in mongo.db[Bird.self].find().sort(\.id).batchSize(50) }
        } _: { client, mongo in
            let name = String(repeating: "x", count: 100)
            try await mongo.db[Bird.self].insert((0..<5000).map { Bird(id: $0, name: name) })
            try await client.execute(uri: "/birds", method: .get) { response in
                let list = try BSONValue(json: response.body.readableBytesView).array.map(Array.init)
                #expect(list?.count == 5000 && list?.last?.document?["_id"] == 4999)
                #expect(response.headers[.contentLength] == nil)
            }
            try await client.execute(uri: "/birds", method: .head) { #expect($0.body.readableBytes == 0) }
            try await mongo.db["birds"].insertOne(["_id": -1])
            try await client.execute(uri: "/birds", method: .get) { #expect($0.status == .internalServerError) }
            try await mongo.db["birds"].deleteOne(["_id": -1])
            try await mongo.db["birds"].insertOne(["_id": 5000])
            await #expect(throws: (any Error).self) {
                try await client.execute(uri: "/birds", method: .get) { _ in }
            }
        }
    }

    /// Takes a body's pieces, and notes how many batches had been fetched when each came.
    private struct Listener: ResponseBodyWriter {
        let batches: @Sendable () -> Int
        let note: @Sendable (_ bytes: Int, _ batches: Int) -> Void

        func write(_ buffer: ByteBuffer) { note(buffer.readableBytes, batches()) }
        consuming func finish(_ trailingHeaders: HTTPFields?) {}
    }

    @Test("A long list is fetched no faster than it is sent, in pieces of bounded size")
    func backPressure() async throws {
        let counters = Counters()
        let listener: CommandListener = { event in
            if case .started(let event) = event, event.commandName == "getMore" {
                counters.batches.add(1, ordering: .relaxed)
            }
        }
        try await withMongoClient("embedded::memory:", listeners: [listener]) { client in
            let birds = client["test"][Bird.self]
            let name = String(repeating: "x", count: 1000)
            try await birds.insert((0..<2000).map { Bird(id: $0, name: name) })
            let response = try await Response.documents(birds.find().batchSize(20))
            let opened = counters.batches.load(ordering: .relaxed)
            #expect(opened <= 7)
            try await response.body.write(
                Listener(batches: { counters.batches.load(ordering: .relaxed) }) { bytes, batches in
                    counters.pieces.withLock { $0.append((bytes, batches)) }
                })
            let pieces = counters.pieces.withLock { $0 }
            #expect(pieces.count > 50 && pieces.dropFirst().allSatisfy { $0.bytes < 36_000 })
            #expect((pieces.first?.bytes ?? 0) < 136_000)
            for (index, piece) in pieces.enumerated() { #expect(piece.batches <= opened + index * 2 + 1) }
        }
    }

    private final class Counters: Sendable {
        let batches = Atomic<Int>(0)
        let pieces = Mutex<[(bytes: Int, batches: Int)]>([])
    }

    @Test("Documents are data for templates")
    func templates() {
        let id = ObjectID()
        let document: BSONDocument = [
            "_id": .objectID(id), "text": "a \"b\"", "none": .null, "list": [1, .null, ["x": true]], "half": 0.5,
            "day": .date(BSONDate(millisecondsSince1970: 0)), "many": .int64(1 << 60),
        ]
        let values = document.templateValues
        #expect(values.keys.sorted() == ["_id", "day", "half", "id", "list", "many", "text"])
        #expect(values["id"] as? String == id.description && values["text"] as? String == "a \"b\"")
        #expect(values["day"] as? String == "1970-01-01T00:00:00.000Z" && values["many"] as? Int64 == 1 << 60)
        let list = values["list"] as? [Any]
        #expect(list?.count == 2 && (list?.last as? [String: Any])?["x"] as? Bool == true)
        #expect(Bird(id: 3, name: "Emu").templateValues["id"] as? Int64 == 3)
    }

    @Test("Ids of every type are read from the path, percent-decoded, and what no id is is not found")
    func ids() async throws {
        try await withRoutes { router, mongo in
            router.get("birds/{id}") { _, context in try await mongo.db[Bird.self].getOr404("id", in: context) }
            router.get("number/{id}") { _, context in "\(try context.documentID("id", of: Bird.self))" }
            router.get("text/{id}") { _, context in
                let id: String = try context.parameters.documentID("id")
                return id
            }
            router.get("uuid/{id}") { _, context in try context.parameters.documentID("id", as: UUID.self).uuidString }
            router.get("object/{id}") { _, context in "\(try context.objectID("id"))" }
            router.get("ref/{id}") { _, context in "\(try context.reference("id", to: Bird.self).id)" }
        } _: { client, mongo in
            try await mongo.db[Bird.self].insert(Bird(id: 7, name: "Emu"))
            let (object, uuid) = (ObjectID(), UUID())
            let good = [
                ("number/-12", "-12"), ("number/%31", "1"), ("text/a%2Fb%20%C4%8D", "a/b č"), ("text/%24ne", "$ne"),
                ("uuid/\(uuid)", uuid.uuidString), ("object/\(object)", object.description), ("ref/9", "9"),
            ]
            for (path, text) in good { #expect(try await Self.text(client, path) == text) }
            #expect(try await Self.text(client, "birds/7").contains("Emu"))
            let bad = [
                "birds/8", "birds/x", "number/1.5", "number/99999999999999999999", "text/%FF", "text/%2", "uuid/x",
                "object/abcdefghijkl", "object/\(object)0", "ref/x",
            ]
            for path in bad {
                try await client.execute(uri: "/\(path)", method: .get) { #expect($0.status == .notFound, "\(path)") }
            }
        }
    }
}
