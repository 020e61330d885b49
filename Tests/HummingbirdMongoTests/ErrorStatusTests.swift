import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import MongoProtocol
import NIOCore
import Testing

@Suite("The statuses of errors")
struct ErrorStatusTests {
    @Test(
        "A query that a client's parameters make unusable is a bad request that says why",
        arguments: [
            (#"{"year":{"$nonsense":1}}"#, "$nonsense"), (#"{"year":{"$in":3}}"#, "$in"), (#"{"$or":1}"#, "$or"),
            (#"{"title":{"$regex":"("}}"#, "egular expression"), (#"{"year":"#, "JSON"),
        ])
    func badQueries(filter: String, reason: String) async throws {
        try await withRoutes { router, mongo in
            router.post("search") { request, _ -> Response in
                let text = try await request.body.collect(upTo: 1000)
                return try await .documents(mongo.db["x"].find(BSONDocument(json: text.readableBytesView)))
            }
        } _: { client, mongo in
            try await mongo.db["x"].insertOne(["title": "("])
            try await client.execute(uri: "/search", method: .post, body: ByteBuffer(string: filter)) { response in
                #expect(response.status == .badRequest)
                let text = String(buffer: response.body)
                #expect(text.contains(reason), "\(text)")
            }
        }
    }

    @Test("An update or a document that a client's parameters make unusable is a bad request too")
    func badWrites() async throws {
        try await withRoutes { router, mongo in
            router.post("update") { request, _ -> BSONDocument in
                let fields = try await request.bsonDocument()
                try await mongo.db["x"].updateOne(["_id": 1], ["$set": .document(fields)])
                return [:]
            }
            router.post("twice") { _, _ -> BSONDocument in
                for _ in 0..<2 { try await mongo.db["x"].insertOne(["_id": 2]) }
                return [:]
            }
        } _: { client, mongo in
            try await mongo.db["x"].insertOne(["_id": 1, "year": 1961])
            let headers: HTTPFields = [.contentType: "application/json"]
            for fields in [#"{"_id":2}"#, #"{"year.first":1}"#] {
                try await client.execute(
                    uri: "/update", method: .post, headers: headers, body: ByteBuffer(string: fields)
                ) { #expect($0.status == .badRequest, "\(fields)") }
            }
            try await client.execute(uri: "/twice", method: .post) { #expect($0.status == .conflict) }
        }
    }

    @Test("Every kind of error has its status, and faults tell nothing of the inside")
    func table() async throws {
        let cases: [(error: MongoError, status: HTTPResponse.Status)] = [
            (MongoError(.badValue, "secret"), .badRequest), (MongoError(.failedToParse, "secret"), .badRequest),
            (MongoError(.typeMismatch, "secret"), .badRequest), (MongoError(.invalidBSON, "secret"), .badRequest),
            (MongoError(.emptyFieldName, "secret"), .badRequest), (MongoError(.notFound, "secret"), .notFound),
            (MongoError(.namespaceNotFound, "secret"), .notFound), (MongoError(.duplicateKey, "secret"), .conflict),
            (MongoError(.bsonObjectTooLarge, "secret"), .contentTooLarge),
            (MongoError(.documentValidationFailure, "secret"), .unprocessableContent),
            (MongoError(.maxTimeMSExpired, "secret"), .gatewayTimeout),
            (MongoError(.timeout, "secret"), .gatewayTimeout),
            (MongoError(.network, "secret"), .serviceUnavailable), (MongoError(.closed, "secret"), .serviceUnavailable),
            (MongoError(.interruptedAtShutdown, "secret"), .serviceUnavailable),
            (MongoError(.writeConflict, "secret"), .serviceUnavailable),
            (MongoError(.internalError, "secret"), .internalServerError),
            (MongoError(.unauthorized, "secret"), .internalServerError),
            (MongoError(.usage, "secret"), .internalServerError),
            (MongoError(.corruptData, "secret"), .internalServerError),
            (MongoError(ServerErrorCode(987_654), "secret"), .internalServerError),
        ]
        for (error, status) in cases {
            #expect(error.status == status, "\(error)")
            #expect(error.httpError.status == status)
            let isTold = error.httpError.body?.contains("secret") == true
            #expect(isTold == (status == .badRequest), "\(error)")
            #expect((error.httpError.headers[.retryAfter] != nil) == (status == .serviceUnavailable), "\(error)")
        }
        var many = MongoError(.write, "secret", code: .unknownError)
        many.writeErrors = [.init(index: 1, code: .duplicateKey, message: "secret", document: [:])]
        #expect(many.status == .conflict)
        let long = MongoError(.badValue, String(repeating: "x", count: 100_000)).httpError.body ?? ""
        #expect(long.count < 400)
    }
}
