import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import MongoProtocol
import NIOCore
import Testing

@Suite("The statuses of errors")
struct ErrorStatusTests {
    private static let json: HTTPFields = [.contentType: "application/json"]

    /// What is told of an error: the document of its problem details.
    private static func details(_ response: TestResponse, _ status: HTTPResponse.Status) throws -> BSONDocument {
        #expect(response.status == status)
        #expect(response.headers[.contentType] == "application/problem+json")
        let body = try BSONDocument(json: response.body.readableBytesView)
        #expect(body["status"]?.int == Int(status.code))
        #expect(body["title"]?.string == status.reasonPhrase && body["type"] == "about:blank")
        return body
    }

    @Test(
        "A query that the database cannot take is the application's fault; text that is no JSON is the client's",
        arguments: [
            #"{"year":{"$nonsense":1}}"#, #"{"year":{"$in":3}}"#, #"{"$or":1}"#, #"{"title":{"$regex":"("}}"#,
            #"{"year":"#,
        ])
    func badQueries(filter: String) async throws {
        try await withRoutes { router, mongo in
            router.post("search") { request, _ -> Response in
                let text = try await request.body.collect(upTo: 1000)
                return try await .documents(mongo.db["x"].find(BSONDocument(json: text.readableBytesView)))
            }
        } _: { client, mongo in
            try await mongo.db["x"].insertOne(["title": "("])
            try await client.execute(uri: "/search", method: .post, body: ByteBuffer(string: filter)) { response in
                let isJSON = filter.hasSuffix("}")
                let details = try Self.details(response, isJSON ? .internalServerError : .badRequest)
                let text = details["detail"]?.string ?? ""
                #expect(isJSON ? text == "Something went wrong." : text.contains("JSON"), "\(text)")
            }
        }
    }

    @Test(
        "Faults of the routes have their statuses: with the middleware all errors are problem details",
        arguments: [true, false])
    func routes(inDevelopment: Bool) async throws {
        try await withRoutes { router, mongo in
            router.add(middleware: ProblemDetails(showsInternals: inDevelopment))
            let notes = mongo.db[Note.self]
            router.get("notes/{id}") { _, context in try await notes.getOr404("id", in: context) }
            router.get("unreadable") { _, _ in try await notes.find().firstOr404() }
            router.post("notes") { request, _ -> Response in
                let text = try await request.bsonDocument()["text"]?.string ?? ""
                let note = Note(id: 1, text: text, parts: [.init(size: -1)])
                try await notes.save(note)
                return .document(note)
            }
            router.post("twice") { _, _ -> BSONDocument in
                for _ in 0..<2 { try await mongo.db["x"].insertOne(["_id": 2]) }
                return [:]
            }
            router.get("http") { _, _ -> String in
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Basic"], message: "Who are you?")
            }
            router.get("other") { _, _ -> String in throw Secret() }
            router.get("late") { _, _ -> String in throw MongoError(.timeout, "secret") }
            router.get("away") { _, _ -> String in throw MongoError(.serverSelection, "secret") }
        } _: { client, mongo in
            try await mongo.db["notes"].insertOne(["_id": 7, "text": 7])
            let cases: [(HTTPRequest.Method, String, HTTPResponse.Status)] = [
                (.get, "notes/1", .notFound), (.get, "notes/x", .notFound), (.get, "unreadable", .internalServerError),
                (.get, "notes/7", .internalServerError), (.post, "twice", .conflict), (.get, "http", .unauthorized),
                (.get, "other", .internalServerError), (.get, "late", .gatewayTimeout),
                (.get, "away", .serviceUnavailable), (.get, "nothing/here", .notFound),
            ]
            for (method, path, status) in cases {
                try await client.execute(uri: "/\(path)", method: method) { response in
                    let details = try Self.details(response, status)
                    #expect((response.headers[.retryAfter] != nil) == (status == .serviceUnavailable), "\(path)")
                    #expect((response.headers[.wwwAuthenticate] != nil) == (path == "http"))
                    #expect((details["debug"] != nil) == inDevelopment, "\(path)")
                    #expect(
                        String(buffer: response.body).contains("secret")
                            == (inDevelopment && "late away other".contains(path)))
                }
            }
            let body = ByteBuffer(string: #"{"text":""}"#)
            try await client.execute(uri: "/notes", method: .post, headers: Self.json, body: body) { response in
                let errors = try Self.details(response, .unprocessableContent)["errors"]?.array?.compactMap(\.document)
                #expect(errors?.map { $0["pointer"]?.string } == ["#/text", "#/parts/0/size"])
                #expect(errors?.first?["detail"] == "must not be empty" && errors?.first?["field"] == "text")
            }
            try await client.execute(uri: "/notes", method: .post, headers: [.contentType: "text/plain"], body: body) {
                _ = try Self.details($0, .unsupportedMediaType)
            }
        }
    }

    @Test("Headers that others add to an error stay")
    func addedHeaders() async throws {
        try await withRoutes { router, mongo in
            router.add(middleware: ProblemDetails())
            router.add(middleware: CORSMiddleware(allowOrigin: .originBased))
            router.get("late") { _, _ -> String in throw MongoError(.timeout, "secret") }
            router.get("who") { _, _ -> String in throw HTTPError(.unauthorized, message: "Who are you?") }
        } _: { client, _ in
            let cases: [(String, HTTPResponse.Status)] = [("late", .gatewayTimeout), ("who", .unauthorized)]
            for (path, status) in cases {
                try await client.execute(uri: "/\(path)", method: .get, headers: [.origin: "http://a.b"]) { response in
                    _ = try Self.details(response, status)
                    #expect(response.headers[.accessControlAllowOrigin] == "http://a.b")
                }
            }
        }
    }

    @Document("notes")
    struct Note {
        var id: Int
        @Field(.notEmpty) var text: String
        var parts: [Part] = []

        @Embedded
        struct Part { @Field(.range(0...)) var size: Int }
    }

    private struct Secret: Error, CustomStringConvertible { var description: String { "a secret" } }

    @Test("Every kind of error has its status, and none tells of the inside")
    func table() async throws {
        let cases: [(error: MongoError, status: HTTPResponse.Status)] = [
            (MongoError(.badValue, "secret"), .internalServerError),
            (MongoError(.failedToParse, "secret"), .internalServerError),
            (MongoError(.typeMismatch, "secret"), .internalServerError), (MongoError(.notFound, "secret"), .notFound),
            (MongoError(.namespaceNotFound, "secret"), .notFound), (MongoError(.duplicateKey, "secret"), .conflict),
            (MongoError(.bsonObjectTooLarge, "secret"), .contentTooLarge),
            (MongoError(.documentValidationFailure, "secret"), .unprocessableContent),
            (MongoError(.maxTimeMSExpired, "secret"), .gatewayTimeout),
            (MongoError(.timeout, "secret"), .gatewayTimeout),
            (MongoError(.network, "secret"), .serviceUnavailable), (MongoError(.closed, "secret"), .serviceUnavailable),
            (MongoError(.serverSelection, "secret"), .serviceUnavailable),
            (MongoError(.interruptedAtShutdown, "secret"), .serviceUnavailable),
            (MongoError(.writeConflict, "secret"), .serviceUnavailable),
            (MongoError(.internalError, "secret"), .internalServerError),
            (MongoError(.unauthorized, "secret"), .internalServerError),
            (MongoError(.usage, "secret"), .internalServerError),
            (MongoError(.corruptData, "secret"), .internalServerError),
            (MongoError(ServerErrorCode(987_654), "secret"), .internalServerError),
        ]
        for (error, status) in cases {
            let problem = Problem(error)
            #expect(error.status == status && problem.status == status, "\(error)")
            #expect(problem.detail?.contains("secret") == false, "\(error)")
            #expect((problem.headers[.retryAfter] != nil) == (status == .serviceUnavailable), "\(error)")
        }
        var many = MongoError(.write, "secret", code: .unknownError)
        many.writeErrors = [.init(index: 1, code: .duplicateKey, message: "secret", document: [:])]
        #expect(many.status == .conflict)
    }
}
