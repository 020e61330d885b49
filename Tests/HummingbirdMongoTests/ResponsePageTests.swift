import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import Testing

@Suite("Pages as answers")
struct ResponsePageTests {
    @Document("notes")
    struct Note {
        var id = ObjectID()
        @Field(.indexed) var text: String
        var stars: Int?
    }

    private func withNotes(
        _ count: Int = 45, _ test: @escaping @Sendable (any TestClientProtocol, Mongo) async throws -> Void
    ) async throws {
        try await withRoutes { router, mongo in
            let notes = mongo.db[Note.self]
            router.get("notes") { request, _ in try await notes.find().sort(\.text).paginate(request) }
            router.get("calm") { request, _ in
                try await notes.find().sort(\.text).paginate(request, perPage: 10, errorOut: false, maxPerPage: 30)
            }
            router.get("on") { request, _ in try await notes.find().sort(\.stars, .descending).keyset(request) }
            router.get("raw") { request, _ in try await mongo.db["notes"].find().keyset(request, errorOut: false) }
        } _: { client, mongo in
            try await mongo.db[Note.self].insert(
                (0..<count).map { Note(text: "note \(100 + $0)", stars: $0 % 3 == 0 ? nil : $0 % 4) })
            try await test(client, mongo)
        }
    }

    private static func get(
        _ client: any TestClientProtocol, _ uri: String, status: HTTPResponse.Status = .ok
    ) async throws -> (body: BSONDocument, link: String) {
        try await client.execute(uri: uri, method: .get) { response in
            #expect(response.status == status, "\(uri)")
            let link = HTTPField.Name("Link").flatMap { response.headers[$0] } ?? ""
            return (try BSONDocument(json: response.body.readableBytesView), link)
        }
    }

    @Test("A page is JSON with its numbers, and links to the others in it and in the Link header")
    func numbered() async throws {
        try await withNotes { client, _ in
            let page = try await Self.get(client, "/notes?q=a%20%3E&page=2&x=%22%3e>")
            #expect(page.body.keys == ["items", "page", "per_page", "total", "pages", "links"])
            let items = page.body["items"]?.array?.compactMap(\.document) ?? []
            #expect(items.map { $0["text"]?.string } == (120..<140).map { "note \($0)" })
            #expect(page.body["page"] == 2 && page.body["total"] == 45 && page.body["pages"] == 3)
            let base = "/notes?q=a%20%3E&x=%22%3e%3E"
            #expect(page.body["links"]?.document?["prev"]?.string == base)
            let last = "\(base)&page=3"
            #expect(
                page.link
                    == "<\(base)>; rel=\"first\", <\(base)>; rel=\"prev\", <\(last)>; rel=\"next\", <\(last)>; rel=\"last\""
            )
            #expect(try await Self.get(client, last).body["items"]?.array?.count == 5)
            #expect(try await Self.get(client, "/notes?per_page=7").body["pages"] == 7)
        }
    }

    @Test("A page that is not there is a 404, unless that is switched off; page 1 is always there")
    func missing() async throws {
        try await withNotes { client, _ in
            for query in [
                "page=4", "page=0", "page=-1", "page=x", "page=99999999999999999999", "per_page=0", "per_page=x",
            ] {
                try await client.execute(uri: "/notes?\(query)", method: .get) { #expect($0.status == .notFound) }
                _ = try await Self.get(client, "/calm?\(query)")
            }
            #expect(try await Self.get(client, "/notes?per_page=1000").body["per_page"] == 100)
            #expect(try await Self.get(client, "/calm?per_page=1000").body["per_page"] == 30)
            #expect(try await Self.get(client, "/calm").body["per_page"] == 10)
            #expect(try await Self.get(client, "/calm?page=9").body["links"]?.document?["prev"] == "/calm?page=5")
        }
        try await withNotes(0) { client, _ in
            let page = try await Self.get(client, "/notes")
            #expect(page.body["items"]?.array?.isEmpty == true && page.body["pages"] == 0)
        }
    }

    @Test("Keyset pages lead through a list by their links, and refuse cursors of another")
    func keyset() async throws {
        try await withNotes { client, mongo in
            var texts: Set<String> = []
            var address: String? = "/on?per_page=7"
            var count = 0
            while let next = address {
                let page = try await Self.get(client, next)
                for item in page.body["items"]?.array?.compactMap(\.document) ?? [] {
                    let isNew = texts.insert(item["text"]?.string ?? "").inserted
                    #expect(isNew)
                }
                address = page.body["links"]?.document?["next"]?.string
                #expect((address != nil) == page.link.contains("rel=\"next\""))
                #expect((page.body["prev"]?.isNull == false) == (count > 0))
                count += 1
                // In front of where the reader is: it shifts nothing.
                try await mongo.db[Note.self].insert(Note(text: "new \(count)", stars: 99))
            }
            #expect(texts.count == 45 && count == 7)
            let cursor = try await Self.get(client, "/on").body["next"]?.string ?? ""
            #expect(try await Self.get(client, "/raw?cursor=\(cursor)").body["prev"]?.isNull == true)
            for bad in ["cursor=x", "cursor=%00", "per_page=x", "per_page=0", "per_page=-1"] {
                try await client.execute(uri: "/on?\(bad)", method: .get) { #expect($0.status == .notFound, "\(bad)") }
            }
        }
    }

    @Test("Only what is not there, or cannot be, is a 404")
    func notFound() async throws {
        try await withRoutes { router, mongo in
            let notes = mongo.db[Note.self]
            router.get("id/{id}") { _, context in
                Response.document(try await notes.getOr404(context.parameters.require("id")))
            }
            router.get("first/{text}") { _, context in
                let text = try context.parameters.require("text")
                return Response.document(try await notes.find { $0.text == text }.firstOr404())
            }
            router.get("one/{text}") { _, context in
                let text = try context.parameters.require("text")
                return Response.document(try await notes.findOneOr404 { $0.text == text })
            }
            router.get("raw/{id}") { _, context in try await mongo.db["notes"].findOneOr404(context.objectID("id")) }
            router.get("last") { _, _ in
                try await mongo.db["sorted"].findOneOr404(["a": 1], sort: ["_id": -1], projection: ["b": 1])
            }
            router.get("any/{id}") { _, context in
                try await mongo.db["notes"].findOneOr404(id: .string(context.parameters.require("id")))
            }
            router.post("json") { request, _ in
                let id = try await request.bsonDocument(allowingOperators: true)["id"] ?? .null
                return try await mongo.db["notes"].findOneOr404(id: id)
            }
            router.get("gone") { _, _ -> Response in
                await mongo.client.close()
                return Response.document(try await notes.find().firstOr404())
            }
        } _: { client, mongo in
            let note = Note(text: "here")
            try await mongo.db[Note.self].insert(note)
            try await mongo.db["notes"].insertOne(["_id": "x"])
            for (id, status) in [(#""x""#, HTTPResponse.Status.ok), (#"{"$ne":null}"#, .notFound)] {
                try await client.execute(
                    uri: "/json", method: .post, headers: [.contentType: "application/json"],
                    body: ByteBuffer(string: #"{"id":\#(id)}"#)
                ) { #expect($0.status == status, "\(id)") }
            }
            for id in 1...3 { try await mongo.db["sorted"].insertOne(["_id": .int(id), "a": 1, "b": .int(-id)]) }
            try await client.execute(uri: "/last", method: .get) {
                #expect(String(buffer: $0.body) == #"{"_id":3,"b":-3}"#)
            }
            let cases: [(String, HTTPResponse.Status)] = [
                ("id/\(note.id)", .ok), ("id/\(ObjectID())", .notFound), ("id/x", .notFound), ("first/here", .ok),
                ("first/none", .notFound), ("one/here", .ok), ("one/none", .notFound), ("raw/\(note.id)", .ok),
                ("raw/x", .notFound), ("any/x", .ok), ("any/y", .notFound), ("gone", .serviceUnavailable),
            ]
            for (path, status) in cases {
                try await client.execute(uri: "/\(path)", method: .get) { #expect($0.status == status, "\(path)") }
            }
        }
    }
}
