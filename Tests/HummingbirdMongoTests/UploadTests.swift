import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Files that come in")
struct UploadTests {
    private static let limits = UploadLimits(
        fileBytes: 1000, bytes: 3000, files: 2, fieldBytes: 100)

    /// Routes that take files, with small limits.
    private func withUploads(
        _ test: @escaping @Sendable (any TestClientProtocol, Mongo) async throws -> Void
    ) async throws {
        try await withRoutes { router, mongo in
            router.put("raw/{name}") { request, context in
                let name = try context.parameters.require("name")
                return "\(try await mongo.saveFile(name, from: request, limits: Self.limits))"
            }
            router.put("chosen/{name}") { request, context in
                let name = try context.parameters.require("name")
                return try await mongo.saveFile(name, from: request, bucket: "photos", contentType: "text/x-chosen")
                    .description
            }
            router.post("form") { request, _ in
                let form = try await mongo.saveFiles(from: request, bucket: "photos", limits: Self.limits)
                let files = form.files.map { "\($0.field)=\($0.filename):\($0.contentType):\($0.length)" }
                return (files + form.all("tag").map { "tag=\($0)" }).joined(separator: " ")
            }
            router.get("photos/**") { request, context in
                let name = context.parameters.getCatchAll().joined(separator: "/")
                return try await mongo.sendFile(name, bucket: "photos", for: request)
            }
        } _: { client, mongo in
            try await test(client, mongo)
        }
    }

    private static let headers: HTTPFields = [.contentType: "multipart/form-data; boundary=B"]

    private static func part(_ name: String, _ filename: String?, _ text: String, type: String? = nil) -> String {
        let file = filename.map { "; filename=\"\($0)\"" } ?? ""
        let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
        return "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\(type)\r\n\(text)\r\n"
    }

    /// How many documents are left in a bucket.
    private func leftovers(_ mongo: Mongo, _ bucket: String) async throws -> Int {
        let files = try await mongo.db["\(bucket).files"].countDocuments()
        return try await mongo.db["\(bucket).chunks"].countDocuments() + files
    }

    @Test("A body is stored under its name, with the type that the name tells")
    func raw() async throws {
        try await withUploads { client, mongo in
            let names = [
                ("a.png", "image/png"), ("b.JPEG", "image/jpeg"), ("README", "application/octet-stream"),
                ("a%20%C3%A9.html", "text/html"), (".profile", "application/octet-stream"),
                ("x.unknown-type", "application/octet-stream"),
            ]
            for (name, type) in names {
                // What the client says of the type does not count.
                let headers: HTTPFields = [.contentType: "text/html"]
                let body = ByteBuffer(string: name)
                let id = try await client.execute(uri: "/raw/\(name)", method: .put, headers: headers, body: body) {
                    #expect($0.status == .ok, "\(name)")
                    return String(buffer: $0.body)
                }
                let download = try await mongo.db.gridFSBucket().openDownload(id: try #require(ObjectID(id)))
                #expect(download.file.contentType == type)
                #expect(download.file.filename == name.removingPercentEncoding)
                #expect(try await download.collect() == Array(name.utf8))
            }
        }
    }

    @Test("A form's files are stored, several at once, and its fields come with them")
    func form() async throws {
        try await withUploads { client, mongo in
            let body =
                Self.part("tag", nil, "sea") + Self.part("one", "a.png", "first", type: "text/html")
                + Self.part("none", "", "") + Self.part("two", #"C:\\Users\\kim\\b.txt"#, "second")
                + Self.part("tag", nil, "sun")
                + "--B--\r\n"
            try await client.execute(
                uri: "/form", method: .post, headers: Self.headers, body: ByteBuffer(string: body)
            ) { response in
                let expected = "one=a.png:image/png:5 two=b.txt:text/plain:6 tag=sea tag=sun"
                #expect(String(buffer: response.body) == expected)
            }
            try await client.execute(uri: "/photos/b.txt", method: .get) { response in
                #expect(String(buffer: response.body) == "second")
                #expect(response.headers[.contentType] == "text/plain")
            }
        }
    }

    @Test("The application chooses a bucket and a type in place of the one that the name tells")
    func chosen() async throws {
        try await withUploads { client, mongo in
            try await client.execute(uri: "/chosen/a.png", method: .put, body: ByteBuffer(string: "text")) {
                #expect($0.status == .ok)
            }
            try await client.execute(uri: "/photos/a.png", method: .get) { response in
                #expect(String(buffer: response.body) == "text")
                #expect(response.headers[.contentType] == "text/x-chosen")
            }
            #expect(try await mongo.db["fs.files"].countDocuments() == 0)
        }
    }

    @Test("A form that goes wrong anywhere leaves none of its files behind")
    func failedForms() async throws {
        try await withUploads { client, mongo in
            let good = Self.part("one", "a.png", "first")
            let cases: [(body: String, status: HTTPResponse.Status)] = [
                (good, .badRequest), (good + "--B\r\nX\r\n\r\n", .badRequest),
                (good + Self.part("two", "b", String(repeating: "x", count: 1001)) + "--B--", .contentTooLarge),
                (good + Self.part("f", nil, String(repeating: "x", count: 101)) + "--B--", .contentTooLarge),
                (good + good + good + "--B--", .contentTooLarge),
                (good + Self.part("two", "..", "x") + "--B--", .badRequest),
                (good + "--B--" + String(repeating: "x", count: 3000), .contentTooLarge),
            ]
            for (body, status) in cases {
                try await client.execute(
                    uri: "/form", method: .post, headers: Self.headers, body: ByteBuffer(string: body)
                ) { #expect($0.status == status, "\(body.suffix(60))") }
                #expect(try await leftovers(mongo, "photos") == 0)
            }
            let noForm: HTTPFields = [.contentType: "application/json"]
            try await client.execute(uri: "/form", method: .post, headers: noForm) {
                #expect($0.status == .unsupportedMediaType)
            }
            try await client.execute(uri: "/form", method: .post, headers: [.contentType: "multipart/form-data"]) {
                #expect($0.status == .badRequest)
            }
        }
    }

    @Test(
        "Names that lead out of a folder, or hold what no name should, are refused",
        arguments: [
            "..", "%2E%2E", "..%2Fetc%2Fpasswd", "a%2F..%2Fb", "%2Fetc%2Fpasswd", "a%00.png", "a%0D%0AX-Evil:%201",
            "a%5Cb", "a%7F", "%C2%85", "a%FF", "%zz", "a%2F%2Fb",
            "%E2%80%AEgpj.exe", "a%E2%80%A8b", "%E2%81%A6x",
        ])
    func names(name: String) async throws {
        try await withUploads { client, mongo in
            try await client.execute(uri: "/raw/\(name)", method: .put, body: ByteBuffer(string: "x")) {
                #expect($0.status.code / 100 == 4, "\($0.status)")
            }
            #expect(try await leftovers(mongo, "fs") == 0)
        }
    }

    @Test("A body beyond the limit is refused, announced or not")
    func tooLarge() async throws {
        try await withUploads { client, mongo in
            let large = ByteBuffer(repeating: 0x41, count: 1001)
            try await client.execute(uri: "/raw/a", method: .put, body: large) {
                #expect($0.status == .contentTooLarge)
            }
            let endless = AsyncStream<ByteBuffer> { continuation in
                for _ in 0..<100 { continuation.yield(ByteBuffer(repeating: 0x41, count: 100)) }
                continuation.finish()
            }
            let error = await #expect(throws: HTTPError.self) {
                try await mongo.saveFile("a", from: request(endless), limits: Self.limits)
            }
            #expect(error?.status == .contentTooLarge)
            #expect(try await leftovers(mongo, "fs") == 0)
        }
    }

    @Test("A body that comes too slowly, not at all, or not whole is given up")
    func slow() async throws {
        try await withUploads { _, mongo in
            let stalled = AsyncStream<ByteBuffer> { $0.yield(ByteBuffer(string: "x")) }
            let trickling = AsyncStream<ByteBuffer> {
                try? await Task.sleep(for: .milliseconds(50))
                return Task.isCancelled ? nil : ByteBuffer()
            }
            for body in [stalled, trickling] {
                let limits = UploadLimits(bytesPerSecond: 100, grace: .milliseconds(200))
                let error = await #expect(throws: HTTPError.self) {
                    try await mongo.saveFile("a", from: request(body), limits: limits)
                }
                #expect(error?.status == .requestTimeout)
            }
            let short = AsyncStream<ByteBuffer> {
                $0.yield(ByteBuffer(string: "x"))
                $0.finish()
            }
            let error = await #expect(throws: HTTPError.self) {
                try await mongo.saveFile("a", from: request(short, length: 2))
            }
            #expect(error?.status == .badRequest)
            let left = try await leftovers(mongo, "fs")
            #expect(left == 0)
        }
    }

    private func request(_ body: AsyncStream<ByteBuffer>, length: Int? = nil) -> Request {
        var head = HTTPRequest(method: .put, scheme: nil, authority: nil, path: "/")
        if let length { head.headerFields[.contentLength] = String(length) }
        return Request(head: head, body: RequestBody(asyncSequence: body))
    }

    @Test("The types of names are read from a table, and from the system's for what that lacks")
    func types() {
        #expect(ContentTypes.guess("a.tar.GZ") == "application/gzip")
        #expect(ContentTypes.guess("folder.png/README") == "application/octet-stream")
        #expect(ContentTypes.guess("a.") == "application/octet-stream")
        let read = ContentTypes.read("# remark\ntext/x-a a1 a2\n\ntext/x-b\ntext/x-c\ta1\n")
        #expect(read == ["a1": "text/x-a", "a2": "text/x-a"])
    }

    @Test(
        "A gigabyte goes in and out in constant memory",
        .enabled(if: ProcessInfo.processInfo.environment["NECTAR_LONG"] == "1"))
    func gigabyte() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString).db").path
        defer { for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let mongo = try await Mongo(uri: "embedded:\(path)")
        let (piece, count) = (1 << 20, 1 << 10)
        let limits = UploadLimits(fileBytes: 2 << 30, bytes: 2 << 30, grace: .seconds(60))
        let buffer = ByteBuffer(repeating: 0x5A, count: piece)
        // One round before, so that caches are filled.
        try await mongo.saveFile("warm", from: request(Self.pieces(buffer, 64)), limits: limits)
        let before = residentKilobytes()
        let most = Peak()
        let body = Self.pieces(buffer, count) { if $0 % 64 == 0 { most.see() } }
        let id = try await mongo.saveFile("large", from: request(body), limits: limits)
        let grownIn = (most.kilobytes - before) / 1024
        let read = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let response = try await mongo.sendFile(
            id: id, for: Request(head: read, body: RequestBody(buffer: ByteBuffer())))
        let counter = Counter(peak: most)
        try await response.body.write(CountingWriter(counter: counter))
        #expect(counter.bytes == piece * count)
        let grown = (most.kilobytes - before) / 1024
        print("1 GiB in, at most \(grownIn) MiB more than \(before / 1024) MiB; and out, at most \(grown) MiB more")
        #expect(grown < 96)
        await mongo.close()
    }

    private static func pieces(
        _ buffer: ByteBuffer, _ count: Int, _ each: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> AsyncStream<ByteBuffer> {
        let sent = Counter(peak: Peak())
        return AsyncStream {
            sent.bytes += 1
            each(sent.bytes)
            return sent.bytes > count ? nil : buffer
        }
    }
}

/// The most memory that was seen.
private final class Peak: @unchecked Sendable {
    private(set) var kilobytes = 0
    func see() { kilobytes = max(kilobytes, residentKilobytes()) }
}

/// Counts in one task at a time.
private final class Counter: @unchecked Sendable {
    let peak: Peak
    var bytes = 0
    init(peak: Peak) { self.peak = peak }
}

/// A writer that counts what it is given and lets it go.
private struct CountingWriter: ResponseBodyWriter {
    let counter: Counter
    mutating func write(_ buffer: ByteBuffer) async throws {
        if (counter.bytes + buffer.readableBytes) >> 26 != counter.bytes >> 26 { counter.peak.see() }
        counter.bytes += buffer.readableBytes
    }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
