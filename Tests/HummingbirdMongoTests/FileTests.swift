import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Files as answers")
struct FileTests {
    private static let bytes = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    /// Runs requests against a route that sends files, of which there is "a b.png".
    private func withFile(
        _ test: @escaping @Sendable (any TestClientProtocol, Mongo, ObjectID) async throws -> Void
    ) async throws {
        try await withRoutes { router, mongo in
            router.get("files/**") { request, context in
                try await mongo.sendFile(context.parameters.getCatchAll().joined(separator: "/"), for: request)
            }
        } _: { client, mongo in
            let id = try await mongo.db.gridFSBucket().upload(
                filename: "a b.png", bytes: Self.bytes, contentType: "image/png")
            try await test(client, mongo, id)
        }
    }

    private static let path = "/files/a%20b.png"

    @Test("A file goes out with its type, its version and its length")
    func whole() async throws {
        try await withFile { client, _, id in
            for method in [HTTPRequest.Method.get, .head] {
                try await client.execute(uri: Self.path, method: method) { response in
                    #expect(response.status == .ok)
                    #expect(response.headers[.contentType] == "image/png")
                    #expect(response.headers[.contentLength] == "1500000")
                    #expect(response.headers[.xContentTypeOptions] == "nosniff")
                    #expect(response.headers[.cacheControl] == "public, max-age=31536000")
                    #expect(response.headers[.contentDisposition] == "inline; filename=\"a b.png\"")
                    #expect(response.headers[.acceptRanges] == "bytes")
                    #expect(response.headers[.eTag] == "\"\(id)\"")
                    #expect(response.headers[.lastModified]?.hasSuffix(" GMT") == true)
                    #expect(Array(response.body.readableBytesView) == (method == .get ? Self.bytes : []))
                }
            }
            try await client.execute(uri: "/files/none", method: .get) { #expect($0.status == .notFound) }
        }
    }

    @Test("Who has the file does not get it again")
    func conditions() async throws {
        try await withFile { client, _, id in
            let date = try await client.execute(uri: Self.path, method: .head) { $0.headers[.lastModified] ?? "" }
            let cases: [(fields: HTTPFields, status: HTTPResponse.Status)] = [
                ([.ifNoneMatch: "\"\(id)\""], .notModified), ([.ifNoneMatch: "\"x\", W/\"\(id)\""], .notModified),
                ([.ifNoneMatch: "*"], .notModified), ([.ifNoneMatch: "\"x\""], .ok),
                ([.ifModifiedSince: date], .notModified), ([.ifModifiedSince: "soon"], .ok),
                ([.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], .ok),
                ([.ifNoneMatch: "\"x\"", .ifModifiedSince: date], .ok), ([.ifMatch: "\"x\""], .preconditionFailed),
                ([.ifMatch: "\"\(id)\""], .ok), ([.ifUnmodifiedSince: date], .ok),
                ([.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], .preconditionFailed),
            ]
            for (fields, status) in cases {
                try await client.execute(uri: Self.path, method: .get, headers: fields) { response in
                    #expect(response.status == status, "\(fields)")
                    #expect((response.body.readableBytes == 0) == (status == .notModified))
                    #expect(status == .preconditionFailed || response.headers[.eTag] == "\"\(id)\"")
                }
            }
        }
    }

    @Test("A range gives its bytes alone, and one beyond the end says how long the file is")
    func ranges() async throws {
        try await withFile { client, _, id in
            let cases: [(range: String, bytes: Range<Int>)] = [
                ("bytes=0-0", 0..<1), ("bytes=261119-261121", 261_119..<261_122),
                ("bytes=1499990-", 1_499_990..<1_500_000),
                ("bytes=-5", 1_499_995..<1_500_000), ("bytes=1-99999999999999999999", 1..<1_500_000),
            ]
            for (range, bytes) in cases {
                try await client.execute(uri: Self.path, method: .get, headers: [.range: range]) { response in
                    #expect(response.status == .partialContent, "\(range)")
                    let text = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/1500000"
                    #expect(response.headers[.contentRange] == text)
                    #expect(response.headers[.contentLength] == String(bytes.count))
                    #expect(Array(response.body.readableBytesView) == Array(Self.bytes[bytes]), "\(range)")
                }
            }
            try await client.execute(uri: Self.path, method: .get, headers: [.range: "bytes=1500000-"]) { response in
                #expect(response.status == .rangeNotSatisfiable)
                #expect(response.headers[.contentRange] == "bytes */1500000")
            }
            let versions: [(tag: String, status: HTTPResponse.Status)] = [
                ("\"\(id)\"", .partialContent), ("\"x\"", .ok),
            ]
            for (tag, status) in versions {
                let headers: HTTPFields = [.range: "bytes=0-0", .ifRange: tag]
                try await client.execute(uri: Self.path, method: .get, headers: headers) {
                    #expect($0.status == status)
                }
            }
        }
    }

    @Test("Several ranges come in one body with a part each, and ranges that overlap as one")
    func severalRanges() async throws {
        try await withFile { client, _, _ in
            let headers: HTTPFields = [.range: "bytes=1000000-1000002, 0-1,300000-300001"]
            try await client.execute(uri: Self.path, method: .get, headers: headers) { response in
                #expect(response.status == .partialContent && response.headers[.contentRange] == nil)
                let type = response.headers[.contentType] ?? ""
                let prefix = "multipart/byteranges; boundary="
                #expect(type.hasPrefix(prefix))
                let boundary = type.dropFirst(prefix.count)
                var expected: [UInt8] = []
                for range in [0..<2, 300_000..<300_002, 1_000_000..<1_000_003] {
                    let head = """
                        \(expected.isEmpty ? "" : "\r\n")--\(boundary)\r\nContent-Type: image/png\r\n\
                        Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/1500000\r\n\r\n
                        """
                    expected += Array(head.utf8) + Self.bytes[range]
                }
                expected += Array("\r\n--\(boundary)--\r\n".utf8)
                #expect(Array(response.body.readableBytesView) == expected)
                #expect(response.headers[.contentLength] == String(expected.count))
            }
            let cases: [(range: String, status: HTTPResponse.Status, contentRange: String?)] = [
                ("bytes=0-5,3-9,10-", .partialContent, "bytes 0-1499999/1500000"),
                (
                    "bytes=" + Array(repeating: "0-", count: 100).joined(separator: ","), .partialContent,
                    "bytes 0-1499999/1500000"
                ),
                (
                    "bytes=" + Array(repeating: "0-", count: 101).joined(separator: ","), .rangeNotSatisfiable,
                    "bytes */1500000"
                ),
                ("bytes=9999999-,8888888-", .rangeNotSatisfiable, "bytes */1500000"), ("bytes=0-1,x", .ok, nil),
            ]
            for (range, status, contentRange) in cases {
                try await client.execute(uri: Self.path, method: .get, headers: [.range: range]) { response in
                    #expect(response.status == status, "\(range.prefix(40))")
                    #expect(response.headers[.contentRange] == contentRange)
                    #expect(response.body.readableBytes <= 1_500_000)
                }
            }
            try await client.execute(uri: Self.path, method: .head, headers: [.range: "bytes=0-1"]) {
                #expect($0.status == .ok && $0.headers[.contentLength] == "1500000")
            }
        }
    }

    @Test("Versions count from the newest and from the first; one that is not there, and another bucket, is a 404")
    func versions() async throws {
        try await withRoutes { router, mongo in
            router.get("file") { request, _ in
                let query = request.uri.queryParameters
                return try await mongo.sendFile(
                    "r", bucket: query["bucket"].map { String($0) } ?? "fs",
                    version: query.get("v", as: Int.self) ?? -1,
                    cacheFor: query.get("cache", as: Int.self) ?? 0, disposition: .attachment, for: request)
            }
        } _: { client, mongo in
            for byte in ["a", "b", "c"] {
                try await mongo.db.gridFSBucket().upload(filename: "r", bytes: Array(byte.utf8))
            }
            try await mongo.db.gridFSBucket(name: "other").upload(filename: "r", bytes: Array("d".utf8))
            try await client.execute(uri: "/file?cache=60", method: .get) {
                #expect($0.headers[.cacheControl] == "public, max-age=60")
            }
            let cases: [(query: String, content: String?)] = [
                ("?bucket=other", "d"), ("", "c"), ("?v=-1", "c"), ("?v=-3", "a"), ("?v=0", "a"), ("?v=1", "b"),
                ("?v=3", nil), ("?v=-4", nil),
                ("?bucket=photos", nil), ("?v=9223372036854775807", nil), ("?v=-9223372036854775808", nil),
            ]
            for (query, content) in cases {
                try await client.execute(uri: "/file\(query)", method: .get) { response in
                    #expect(response.status == (content == nil ? .notFound : .ok), "\(query)")
                    guard let content else { return }
                    #expect(String(buffer: response.body) == content)
                    #expect(response.headers[.contentType] == "application/octet-stream")
                    #expect(response.headers[.cacheControl] == "no-cache")
                    #expect(response.headers[.contentDisposition] == "attachment; filename=\"r\"")
                }
            }
        }
    }

    @Test("A stored type or name never adds a header, and what browsers run is shown in a sandbox")
    func injection() async throws {
        try await withFile { client, mongo, _ in
            let bucket = mongo.db.gridFSBucket()
            try await bucket.upload(
                filename: "x\r\nSet-Cookie: a=b", bytes: [1], contentType: "text/html\r\nSet-Cookie: a=b")
            try await client.execute(uri: "/files/x%0D%0ASet-Cookie:%20a=b", method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.setCookie] == nil)
                #expect(response.headers[.contentType] == "application/octet-stream")
                let disposition = response.headers[.contentDisposition] ?? ""
                #expect(!disposition.contains("\r") && !disposition.contains("\n"))
            }
            for type in ["text/html", "image/svg+xml; charset=utf-8", "application/XML"] {
                try await bucket.upload(filename: "page", bytes: [1], contentType: type)
                try await client.execute(uri: "/files/page", method: .get) { response in
                    #expect(response.headers[.contentType] == type)
                    #expect(response.headers[.contentSecurityPolicy] == "sandbox")
                }
            }
            try await client.execute(uri: Self.path, method: .get) {
                #expect($0.headers[.contentSecurityPolicy] == nil)
            }
        }
    }

    @Test("A file that another driver stored without a type has the one that its name tells")
    func typeless() async throws {
        try await withFile { client, mongo, _ in
            let cases: [(name: String, fields: BSONDocument, type: String)] = [
                ("x.png", [:], "image/png"), ("x", [:], "application/octet-stream"),
                ("y.png", ["contentType": "image/x-old"], "image/x-old"),
                ("z.png", ["metadata": ["contentType": "image/x-new"]], "image/x-new"),
                ("q.png", ["contentType": ""], "application/octet-stream"), ("page.html", [:], "text/html"),
            ]
            for (name, fields, type) in cases {
                var file: BSONDocument = [
                    "filename": .string(name), "length": 0, "chunkSize": 1024,
                    "uploadDate": .date(BSONDate(millisecondsSince1970: 1000)),
                ]
                for (key, value) in fields { file[key] = value }
                try await mongo.db["fs.files"].insertOne(file)
                try await client.execute(uri: "/files/\(name)", method: .get) { response in
                    #expect(response.headers[.contentType] == type, "\(name)")
                    #expect(response.headers[.eTag] != nil)
                    #expect((response.headers[.contentSecurityPolicy] == "sandbox") == (type == "text/html"))
                }
            }
        }
    }

    @Test("Files are saved into and sent from another database of the server's, and sent by their ids")
    func otherDatabase() async throws {
        try await withRoutes { router, mongo in
            router.put("files/{name}") { request, context in
                let id = try await mongo.saveFile(
                    context.parameters.require("name"), from: request, db: "archive", metadata: ["by": "kim"])
                return id.description
            }
            router.get("files/{name}") { request, context in
                try await mongo.sendFile(context.parameters.require("name"), db: "archive", for: request)
            }
            router.get("ids/{id}") { request, context in
                try await mongo.sendFile(id: context.objectID("id"), db: "archive", for: request)
            }
            router.get("texts/{id}") { request, context in
                try await mongo.sendFile(id: .string(context.parameters.require("id")), for: request)
            }
            router.get("own/{id}") { request, context in
                try await mongo.sendFile(id: context.objectID("id"), for: request)
            }
        } _: { client, mongo in
            let body = ByteBuffer(string: "a")
            let id = try await client.execute(uri: "/files/a.txt", method: .put, body: body) { String(buffer: $0.body) }
            for path in ["files/a.txt", "ids/\(id)"] {
                try await client.execute(uri: "/\(path)", method: .get) { response in
                    #expect(response.status == .ok && String(buffer: response.body) == "a", "\(path)")
                    #expect(response.headers[.contentType] == "text/plain")
                }
            }
            // What else stored a file may have given it an id of its own.
            try await mongo.db.gridFSBucket().upload(id: "photo-1", filename: "b.txt", bytes: [0x62])
            try await client.execute(uri: "/texts/photo-1", method: .get) { response in
                #expect(response.status == .ok && String(buffer: response.body) == "b")
            }
            for path in ["texts/photo-2", "own/\(id)", "ids/\(ObjectID())", "ids/x", "files/b.txt"] {
                try await client.execute(uri: "/\(path)", method: .get) { #expect($0.status == .notFound, "\(path)") }
            }
            let file = try await mongo.client["archive"]["fs"]["files"].findOne()
            #expect(file?[path: "metadata.by"] == "kim")
            #expect(try await mongo.db["fs.files"].countDocuments() == 1)
        }
    }

    @Test("A file that lacks a chunk is an error and no half of an answer", arguments: [0, 1, 2])
    func missingChunk(chunk: Int) async throws {
        try await withFile { client, mongo, _ in
            try await mongo.db["fs.chunks"].deleteOne(["n": .int(chunk)])
            try await client.execute(uri: Self.path, method: .get) { response in
                #expect(response.status == .internalServerError)
                #expect(response.headers[.eTag] == nil && !String(buffer: response.body).contains("chunk"))
            }
        }
    }

    @Test(
        "Dates of headers",
        arguments: [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400_999, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (1_798_761_599_000, "Thu, 31 Dec 2026 23:59:59 GMT"), (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] as [(Int64, String)])
    func dates(milliseconds: Int64, text: String) {
        let date = BSONDate(millisecondsSince1970: milliseconds)
        #expect(HTTPDate.text(date) == text)
        #expect(HTTPDate.seconds(text) == HTTPDate.seconds(date))
    }

    @Test(
        "The obsolete forms of dates are read too",
        arguments: [
            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 GMT",
        ])
    func obsoleteDates(text: String) {
        #expect(HTTPDate.seconds(text) == 784_111_777)
    }

    @Test(
        "What is no date of a header", arguments: ["", "Sun, 31 Feb 1994 08:49:37 GMT", "784111777", "a b c d e GMT"])
    func noDates(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
        #expect(HTTPDate.text(BSONDate(millisecondsSince1970: .max)) == nil)
        #expect(HTTPDate.text(BSONDate(millisecondsSince1970: .min)) == nil)
    }
}
