import BSON
import Logging
import MongoEngine
import MongoProtocol
import MongoServer
import Synchronization
import Testing

/// Keeps what is logged.
private final class RecordedLog: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// The lines that say why a connection was closed.
    var refusals: [String] {
        lines.withLock { $0.filter { $0.hasPrefix("warning: connection closed: bad message: ") } }
    }

    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(log: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.add("\(event.level): \(event.message): \(event.metadata?["reason"]?.description ?? "")")
        }
    }
}

@Suite struct HostileBytesTests {
    private static let bad: [(name: String, bytes: [UInt8])] = [
        ("random", (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 91) }),
        ("negative length", Message.lying(length: -1)),
        ("most negative length", Message.lying(length: Int(Int32.min))),
        ("huge length", Message.lying(length: Int(Int32.max))),
        ("length below the header's", Message.lying(length: 15)),
        ("document longer than its message", Message.lying(length: 30)),
    ]

    @Test("Hostile bytes close their connection with a line in the log, and the engine's other clients go on")
    func engineBehind() async throws {
        let log = RecordedLog()
        let engine = try Engine(EngineConfiguration(location: .memory))
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let configuration = ServerConfiguration(port: 0, threads: 1, logger: log.logger)
        let server = MongoServer(configuration: configuration, handler: engine) { continuation.yield($0.port ?? 0) }
        let running = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        for await port in ports {
            let other = try await TestClient.connect(to: port)
            for (index, (name, bytes)) in Self.bad.enumerated() {
                let client = try await TestClient.connect(to: port)
                try await client.send(bytes)
                #expect(await client.receive() == nil, "\(name)")
                #expect(log.refusals.count == index + 1, "\(name): \(log.refusals)")
                let documents: [BSONDocument] = [["_id": .int(index)]]
                try await other.send(Message.command(["insert": "n"], id: index, sequence: ("documents", documents)))
                let reply = await other.receive()
                #expect(reply?.responseTo == Int32(index), "\(name)")
                #expect(try reply?.document["n"] == 1, "\(name)")
            }
            // A message that ends too early is no refusal: its rest may still come.
            let cut = try await TestClient.connect(to: port)
            try await cut.send(Array(Message.command(["ping": 1]).prefix(20)))
            await cut.close()
            try await other.send(Message.command(["count": "n"]))
            #expect(try await other.receive()?.document["n"]?.int == Self.bad.count)
            #expect(log.refusals.count == Self.bad.count)
            await other.close()
            break
        }
        running.cancel()
        try await running.value
        await engine.close()
    }
}
