import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import Testing

@Suite("Operators from strangers")
struct InjectionTests {
    /// A login as careless applications write it: what came in is compared with what is stored.
    private func withLogin(_ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await withRoutes { router, mongo in
            router.post("json") { request, _ in
                let body = try await request.bsonDocument()
                let filter: BSONDocument = ["user": body["user"] ?? .null, "password": body["password"] ?? .null]
                return try await mongo.db["users"].findOneOr404(filter)
            }
            router.post("form") { request, _ in
                let form = try await request.multipartForm()
                let (user, password) = (form["user"] ?? "", form["password"] ?? "")
                return try await mongo.db["users"].findOneOr404(["user": .string(user), "password": .string(password)])
            }
            router.post("fields") { request, _ in
                let form = try await request.urlEncodedForm()
                let (user, password) = (form["user"] ?? "", form["password"] ?? "")
                return try await mongo.db["users"].findOneOr404(["user": .string(user), "password": .string(password)])
            }
            router.post("filter") { request, _ in
                "\(try await mongo.db["users"].countDocuments(request.bsonDocument(allowingOperators: true)))"
            }
        } _: { client, mongo in
            try await mongo.db["users"].insertOne(["user": "kim", "password": "secret"])
            try await test(client)
        }
    }

    @Test(
        "in JSON are refused, however deep",
        arguments: [
            #"{"user": "kim", "password": {"$ne": null}}"#, #"{"user": {"$gt": ""}, "password": {"$gt": ""}}"#,
            #"{"user": "kim", "password": [{"a": {"$regex": "."}}]}"#, #"{"$where": "1", "user": "kim"}"#,
            #"{"user": "kim", "password": {"\u0024ne": null}}"#, #"{"user": "kim", "password": {"a": [[{"$x": 1}]]}}"#,
        ])
    func json(body: String) async throws {
        try await withLogin { client in
            let headers: HTTPFields = [.contentType: "application/json"]
            try await client.execute(uri: "/json", method: .post, headers: headers, body: ByteBuffer(string: body)) {
                #expect($0.status == .badRequest)
                #expect(!String(buffer: $0.body).contains("secret"))
            }
        }
    }

    @Test("in forms are text and match nothing")
    func form() async throws {
        try await withLogin { client in
            let headers: HTTPFields = [.contentType: "multipart/form-data; boundary=B"]
            for (name, value) in [("password[$ne]", ""), ("password", #"{"$ne": null}"#), ("password.$ne", "x")] {
                let body = """
                    --B\r\nContent-Disposition: form-data; name="user"\r\n\r\nkim\r\n\
                    --B\r\nContent-Disposition: form-data; name="\(name)"\r\n\r\n\(value)\r\n--B--
                    """
                let buffer = ByteBuffer(string: body)
                try await client.execute(uri: "/form", method: .post, headers: headers, body: buffer) {
                    #expect($0.status == .notFound)
                }
                let fields = ByteBuffer(string: "user=kim&\(name)=\(value)")
                try await client.execute(uri: "/fields", method: .post, headers: Self.fields, body: fields) {
                    #expect($0.status == .notFound)
                }
            }
        }
    }

    private static let fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded; charset=UTF-8"]

    @Test("Plain forms are read as text, and what is none is refused")
    func plainForm() async throws {
        let form = try URLEncodedForm("a=1&b=x+%2B%C3%A9&&a=2&c&=d&e=f=g")
        #expect(form.fields.map(\.name) == ["a", "b", "a", "c", "", "e"])
        #expect(form["b"] == "x +é" && form.all("a") == ["1", "2"] && form["c"] == "" && form["e"] == "f=g")
        #expect(form["x"] == nil && form[""] == "d")
        for broken in ["a=%", "a=%zz", "%ff=1", "a=%00%C3"] {
            #expect(throws: HTTPError.self) { try URLEncodedForm(broken) }
        }
        try await withLogin { client in
            let good = ByteBuffer(string: "user=kim&password=secret")
            try await client.execute(uri: "/fields", method: .post, headers: Self.fields, body: good) {
                #expect($0.status == .ok)
            }
            try await client.execute(
                uri: "/fields", method: .post, headers: [.contentType: "application/json"], body: good
            ) { #expect($0.status == .unsupportedMediaType) }
            let long = ByteBuffer(repeating: 0x61, count: 2 << 20)
            try await client.execute(uri: "/fields", method: .post, headers: Self.fields, body: long) {
                #expect($0.status == .contentTooLarge)
            }
        }
    }

    @Test("are taken where the application says so, and a good login works")
    func allowed() async throws {
        try await withLogin { client in
            let headers: HTTPFields = [.contentType: "application/json"]
            let filter = ByteBuffer(string: #"{"user": {"$in": ["kim", "lee"]}}"#)
            try await client.execute(uri: "/filter", method: .post, headers: headers, body: filter) {
                #expect(String(buffer: $0.body) == "1")
            }
            let login = ByteBuffer(string: #"{"user": "kim", "password": "secret"}"#)
            try await client.execute(uri: "/json", method: .post, headers: headers, body: login) {
                #expect($0.status == .ok)
            }
        }
    }
}
