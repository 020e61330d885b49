import BSON
import MongoProtocol
import MongoServer
import Testing

@Suite struct MongoServerTests {
    /// Runs a server with the stub while `body` runs.
    private func withServer(
        _ configuration: ServerConfiguration = ServerConfiguration(port: 0, threads: 1),
        _ body: (StubHandler, Int) async throws -> Void
    ) async throws {
        let handler = StubHandler()
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let server = MongoServer(configuration: configuration, handler: handler) { continuation.yield($0.port ?? 0) }
        let running = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        for await port in ports {
            do {
                try await body(handler, port)
            } catch {
                running.cancel()
                throw error
            }
            break
        }
        running.cancel()
        try await running.value
    }

    @Test("OP_MSG is answered in OP_MSG, with both kinds of section, and with a checksum where it had one")
    func messages() async throws {
        try await withServer { handler, port in
            let client = try await TestClient.connect(to: port)
            try await client.send(Message.command(["ping": 5], id: 11))
            let ping = try #require(await client.receive())
            #expect(ping.opcode == 2013)
            #expect(ping.responseTo == 11)
            #expect(ping.flags == 0)
            #expect(try ping.document["number"] == 5)

            let documents: [BSONDocument] = [["_id": 1], ["_id": 2]]
            try await client.send(
                Message.command(["echo": 6, "$db": "shop"], flags: 1, sequence: ("documents", documents)))
            let echo = try #require(await client.receive())
            #expect(echo.flags == 1)
            let sent = Int32(bitPattern: echo.bytes.dropLast(4).withUnsafeBytes { CRC32C.checksum($0) })
            #expect(echo.int32(echo.bytes.count - 4) == sent)
            #expect(try echo.document["documents"]?.array?.compactMap(\.document) == documents)
            #expect(try echo.document["database"] == "shop")
            let context = try #require(handler.seen.contexts.first)
            #expect(context.connection.localAddress == "127.0.0.1:\(port)")
            await client.close()
            #expect(try await handler.wait { $0.closed.map(\.id) == [context.connection.id] })
        }
    }

    @Test("Every command is answered in OP_QUERY form")
    func queries() async throws {
        try await withServer { _, port in
            let client = try await TestClient.connect(to: port)
            for (body, ok) in [(["ping": 1], 1.0), (["echo": 1], 1.0), (["nonsense": 1], 0.0)]
                as [(BSONDocument, Double)]
            {
                try await client.send(Message.query("admin", body, id: 21))
                let reply = try #require(await client.receive())
                #expect(reply.opcode == 1)
                #expect(reply.responseTo == 21)
                #expect(try reply.document["ok"]?.double == ok)
            }
            await client.close()
        }
    }

    @Test("An exhaust hello streams, each reply answering the one before; without the flag there is one reply")
    func exhaust() async throws {
        try await withServer { handler, port in
            let client = try await TestClient.connect(to: port)
            try await client.send(Message.command(["hello": 1], id: 31, flags: 1 << 16))
            let replies = await client.receive(5)
            #expect(try replies.map { try $0.document["number"] } == [1, 2, 3, 4, 5])
            #expect(replies.allSatisfy { $0.flags == 2 })
            #expect(replies.map(\.responseTo) == [31] + replies.dropLast().map(\.requestID))
            await client.close()
            #expect(try await handler.wait { $0.closed.count == 1 })

            let other = try await TestClient.connect(to: port)
            try await other.send(Message.command(["hello": 1]) + Message.command(["ping": 2]))
            let two = await other.receive(2)
            #expect(try two.map { try $0.document["number"] } == [1, 2])
            #expect(two.allSatisfy { $0.flags == 0 })
            await other.close()
        }
    }

    @Test("Pipelined requests are answered in their order, also past the limit of the queue")
    func pipelining() async throws {
        try await withServer(ServerConfiguration(port: 0, maximumQueuedMessages: 4, threads: 1)) { _, port in
            let client = try await TestClient.connect(to: port)
            let bytes = (1...100).flatMap { number -> [UInt8] in
                number % 3 == 0
                    ? Message.command(["ping": .int(number)], id: number)
                    : Message.command(["echo": .int(number), "delay": .int(number == 1 ? 50 : 0)], id: number)
            }
            try await client.send(bytes)
            let replies = await client.receive(100)
            #expect(replies.map(\.responseTo) == Array(1...100))
            #expect(try replies.map { try $0.document["number"]?.int } == Array(1...100))
            await client.close()
        }
    }

    @Test("A request that wants no reply gets none, and is done even when its client has left")
    func unacknowledged() async throws {
        try await withServer { handler, port in
            let client = try await TestClient.connect(to: port)
            try await client.send(Message.command(["echo": 1], id: 1, flags: 2) + Message.command(["ping": 2], id: 2))
            #expect(await client.receive()?.responseTo == 2)
            try await client.send(
                Message.command(["echo": 1, "delay": 50], flags: 2) + Message.command(["ping": 1])
                    + Message.command(["last": 1], flags: 2))
            await client.close()
            #expect(try await handler.wait { $0.closed.count == 1 })
            #expect(handler.seen.commands == ["echo", "ping", "echo", "last"])
        }
    }

    @Test("Bad bytes close their connection, and the others go on")
    func badBytes() async throws {
        try await withServer { handler, port in
            let other = try await TestClient.connect(to: port)
            let bad: [(String, [UInt8])] = [
                ("random", (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 91) }),
                ("HTTP", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
                ("negative length", Message.lying(length: -1)),
                ("huge length", Message.lying(length: Int(Int32.max))),
                ("length below the header's", Message.lying(length: 15)),
                ("truncated document", Message.lying(length: 30)),
                ("unknown opcode", [16, 0, 0, 0] + [UInt8](repeating: 9, count: 12)),
            ]
            for (index, (name, bytes)) in bad.enumerated() {
                let client = try await TestClient.connect(to: port)
                try await client.send(bytes)
                #expect(await client.receive() == nil, "\(name)")
                #expect(try await handler.wait { $0.closed.count == index + 1 }, "\(name)")
                try await other.send(Message.command(["ping": .int(index)], id: index))
                #expect(await other.receive()?.responseTo == Int32(index), "\(name)")
            }
            await other.close()
        }
    }

    @Test("A command that is nested too deep is answered, and its connection goes on")
    func tooDeep() async throws {
        try await withServer { handler, port in
            let client = try await TestClient.connect(to: port)
            try await client.send(Message.nested(201))
            #expect(try await client.receive()?.document["codeName"] == "Overflow")
            try await client.send(Message.nested(200) + Message.command(["ping": 1], id: 5))
            #expect(await client.receive(2).map(\.responseTo).last == 5)
            #expect(handler.seen.commands == ["ping", "ping"])
            await client.close()
        }
    }

    @Test("A client that leaves in the middle of a message or a command ends its command only")
    func disconnect() async throws {
        try await withServer { handler, port in
            let cut = try await TestClient.connect(to: port)
            try await cut.send(Array(Message.command(["ping": 1]).prefix(20)))
            await cut.close()
            #expect(try await handler.wait { $0.closed.count == 1 })

            let client = try await TestClient.connect(to: port)
            try await client.send(Message.command(["hang": 1]))
            #expect(try await handler.wait { $0.commands == ["hang"] })
            #expect(handler.seen.cancelled == 0)
            await client.close()
            #expect(try await handler.wait { $0.cancelled == 1 && $0.closed.count == 2 })
        }
    }

    @Test("A connection too many is closed, and its place is free again later")
    func limit() async throws {
        try await withServer(ServerConfiguration(port: 0, maximumConnections: 1, threads: 1)) { handler, port in
            let first = try await TestClient.connect(to: port)
            try await first.send(Message.command(["ping": 1]))
            #expect(await first.receive() != nil)
            let second = try await TestClient.connect(to: port)
            #expect(await second.receive() == nil)
            await first.close()
            #expect(try await handler.wait { $0.closed.count == 1 })
            let third = try await TestClient.connect(to: port)
            try await third.send(Message.command(["ping": 1]))
            #expect(await third.receive() != nil)
            await third.close()
        }
    }

    @Test("A stopping server lets a command end, and does not wait for one that does not")
    func stopping() async throws {
        let configuration = ServerConfiguration(port: 0, shutdownGracePeriod: .milliseconds(500), threads: 1)
        let clients = Replies()
        try await withServer(configuration) { handler, port in
            let slow = try await TestClient.connect(to: port)
            let hanging = try await TestClient.connect(to: port)
            let idle = try await TestClient.connect(to: port)
            try await slow.send(Message.command(["echo": 7, "delay": 200]))
            try await hanging.send(Message.command(["hang": 1]))
            try await idle.send(Message.command(["ping": 1]))
            _ = await idle.receive()
            #expect(try await handler.wait { $0.commands.count == 3 })
            clients.wait(for: [slow, hanging, idle])
        }
        let replies = await clients.all()
        #expect(try replies[0]?.document["number"] == 7)
        #expect(replies[1] == nil)
        #expect(replies[2] == nil)
    }

    /// Takes what comes to clients while the server stops.
    private final class Replies: @unchecked Sendable {
        private var tasks: [Task<ReceivedMessage?, Never>] = []
        func wait(for clients: [TestClient]) { tasks = clients.map { client in Task { await client.receive() } } }
        func all() async -> [ReceivedMessage?] {
            var replies: [ReceivedMessage?] = []
            for task in tasks { replies.append(await task.value) }
            return replies
        }
    }
}
