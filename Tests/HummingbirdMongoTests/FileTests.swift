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
                ([.ifNoneMatch: "\"x\"", .ifModifiedSince: date], .ok),
            ]
            for (fields, status) in cases {
                try await client.execute(uri: Self.path, method: .get, headers: fields) { response in
                    #expect(response.status == status, "\(fields)")
                    #expect((response.body.readableBytes == 0) == (status == .notModified))
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
        "Range headers are read as the standard has them",
        arguments: [
            (nil, .whole), ("bytes=0-4", .part(0..<5)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
            ("bytes=-30", .part(0..<10)), ("bytes=9-9", .part(9..<10)), ("bytes=10-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=4-3", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole),
            ("items=0-4", .whole), ("bytes=0-1,3-4", .whole), ("bytes", .whole), ("bytes=1--2", .whole),
        ] as [(String?, ByteRange)])
    func parsing(header: String?, range: ByteRange) {
        #expect(ByteRange(header, length: 10) == range)
        #expect(header?.hasPrefix("bytes=0") != true || ByteRange(header, length: 0) != .part(0..<1))
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
        "What is no date of a header", arguments: ["", "Sun, 31 Feb 1994 08:49:37 GMT", "784111777", "a b c d e GMT"])
    func noDates(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
        #expect(HTTPDate.text(BSONDate(millisecondsSince1970: .max)) == nil)
        #expect(HTTPDate.text(BSONDate(millisecondsSince1970: .min)) == nil)
    }
}
