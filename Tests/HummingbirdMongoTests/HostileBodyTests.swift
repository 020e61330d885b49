import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Bodies over a socket")
struct HostileBodyTests {
    /// Runs clients against a server that takes files.
    private func withServer(
        grace: Duration = .seconds(30),
        _ test: @escaping @Sendable (_ port: Int, Mongo) async throws -> Void
    ) async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "test")
        let router = Router()
        let limits = UploadLimits(
            fileBytes: 100_000, bytes: 200_000, bytesPerSecond: 1000, grace: grace)
        router.put("file") { request, _ in "\(try await mongo.saveFile("a", from: request, limits: limits))" }
        router.post("form") { request, _ in
            "\(try await mongo.saveFiles(from: request, limits: limits).files.count)"
        }
        router.put("fields") { request, _ in "\(try await request.urlEncodedForm(limits: limits).fields.count)" }
        try await Application(router: router, services: [mongo]).test(.live) { client in
            try await test(try #require(client.port), mongo)
        }
    }

    /// Sends a head and then pieces of a body, and gives the first line of the answer; empty where there is none.
    private func exchange(
        _ port: Int, _ head: String, pieces: AsyncStream<ByteBuffer>, breaksOff: Bool = false
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: head + "\r\n\r\n"))
            let sending = Task {
                for await piece in pieces { try await outbound.write(piece) }
            }
            defer { sending.cancel() }
            if breaksOff {
                try await sending.value
                return ""
            }
            var text = ""
            do {
                for try await buffer in inbound {
                    text += String(buffer: buffer)
                    if text.contains("\r\n") { break }
                }
            } catch {
                // A server that has answered may reset the connection on what still comes.
                if text.isEmpty { throw error }
            }
            return String(text.prefix { $0 != "\r\n" })
        }
    }

    /// Waits until a bucket is empty: what a broken connection leaves is removed behind it.
    private func waitUntilEmpty(_ mongo: Mongo) async throws -> Bool {
        for _ in 0..<100 {
            let files = try await mongo.db["fs.files"].countDocuments()
            if try await mongo.db["fs.chunks"].countDocuments() + files == 0 { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private static let formHead = """
        POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nTransfer-Encoding: chunked
        """

    @Test("A body that stops, or comes a byte now and then, is answered with 408")
    func slow() async throws {
        try await withServer(grace: .milliseconds(400)) { port, mongo in
            let stalled = AsyncStream<ByteBuffer> { $0.yield(ByteBuffer(string: "x")) }
            let trickling = AsyncStream<ByteBuffer> {
                try? await Task.sleep(for: .milliseconds(30))
                return Task.isCancelled ? nil : ByteBuffer(string: "x")
            }
            let plain = AsyncStream<ByteBuffer> { $0.yield(ByteBuffer(string: "a=b")) }
            for (path, body) in [("file", stalled), ("file", trickling), ("fields", plain)] {
                let head = "PUT /\(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 50000"
                let line = try await exchange(port, head, pieces: body)
                #expect(line.hasPrefix("HTTP/1.1 408"), "\(line)")
            }
            #expect(try await waitUntilEmpty(mongo))
        }
    }

    @Test("A body without an end is answered with 413 as soon as it is too long")
    func endless() async throws {
        try await withServer { port, mongo in
            func chunk(_ text: String) -> ByteBuffer {
                ByteBuffer(string: "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
            }
            let data = chunk(String(repeating: "x", count: 1000))
            let endless = AsyncStream<ByteBuffer> { Task.isCancelled ? nil : data }
            let head = "PUT /file HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
            let line = try await exchange(port, head, pieces: endless)
            #expect(line.hasPrefix("HTTP/1.1 413"), "\(line)")

            let part = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"
            let (pieces, more) = AsyncStream<ByteBuffer>.makeStream()
            more.yield(chunk(part))
            for _ in 0..<300 { more.yield(data) }
            let answer = try await exchange(port, Self.formHead, pieces: pieces)
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
            #expect(try await waitUntilEmpty(mongo))
        }
    }

    @Test("A body whose chunks are none is answered with 400", arguments: ["file", "fields"])
    func badChunks(path: String) async throws {
        try await withServer { port, mongo in
            let broken = AsyncStream<ByteBuffer> { $0.yield(ByteBuffer(string: "3\r\na=b\r\nzz\r\nc=d\r\n0\r\n\r\n")) }
            let head = "PUT /\(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
            let line = try await exchange(port, head, pieces: broken)
            #expect(line.hasPrefix("HTTP/1.1 400"), "\(line)")
            #expect(try await waitUntilEmpty(mongo))
        }
    }

    @Test("A client that goes away in the middle leaves nothing behind")
    func brokenOff() async throws {
        try await withServer { port, mongo in
            let half = AsyncStream<ByteBuffer> {
                $0.yield(ByteBuffer(string: String(repeating: "x", count: 20_000)))
                $0.finish()
            }
            let head = "PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 50000"
            _ = try await exchange(port, head, pieces: half, breaksOff: true)
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await waitUntilEmpty(mongo))
        }
    }
}
