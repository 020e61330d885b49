internal import BSON
internal import MongoProtocol

/// What a client asks first: who are you, and are you there.
enum HandshakeCommands {
    static let rows: [CommandRow] = [
        CommandRow("hello", immediate: immediate, stream: stream, run: run),
        CommandRow("isMaster", "ismaster", immediate: immediate, stream: stream, run: run),
        CommandRow("ping", immediate: { _, _ in ok }, run: { _, _ in ok }),
        CommandRow(
            "endSessions",
            run: { engine, invocation in
                let sessions = invocation.body["endSessions"]?.array?.compactMap(\.document) ?? []
                for session in sessions {
                    engine.cursors.remove(session: session)
                    engine.retried.forget(session)
                }
                return ok
            }),
        CommandRow("refreshSessions", "startSession", "killSessions", run: { _, _ in ok }),
        CommandRow("logout", run: { _, _ in ok }),
    ]

    static let ok: BSONDocument = ["ok": 1.0]

    /// A client that waits for news names the topology version it knows.
    private static func awaited(_ invocation: Invocation) -> Duration? {
        guard invocation.body["topologyVersion"]?.document != nil,
            let milliseconds = invocation.body["maxAwaitTimeMS"]?.int64, milliseconds >= 0
        else { return nil }
        return .milliseconds(min(milliseconds, 60_000))
    }

    private static func knowsCurrent(_ engine: Engine, _ invocation: Invocation) -> Bool {
        let known = invocation.body["topologyVersion"]?.document
        return known?["processId"]?.objectID == engine.processID && (known?["counter"]?.int64 ?? -1) >= 0
    }

    @Sendable private static func immediate(_ engine: Engine, _ invocation: Invocation) throws -> BSONDocument? {
        awaited(invocation) == nil ? reply(engine, invocation) : nil
    }

    @Sendable private static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        if let wait = awaited(invocation), knowsCurrent(engine, invocation) { try await Task.sleep(for: wait) }
        return reply(engine, invocation)
    }

    /// With exhaust, an unchanged topology is told again after every wait.
    @Sendable private static func stream(_ engine: Engine, _ invocation: Invocation) async throws -> CommandReply? {
        guard invocation.context.allowsExhaust, let wait = awaited(invocation) else { return nil }
        let first = FirstReply(isDue: !knowsCurrent(engine, invocation))
        return .stream(
            ReplyStream {
                if !first.take() { try await Task.sleep(for: wait) }
                return reply(engine, invocation)
            })
    }

    static func reply(_ engine: Engine, _ invocation: Invocation) -> BSONDocument {
        // Every client says hello first, so this is where connections are met.
        engine.counters.met(invocation.context.connection)
        let address =
            engine.configuration.advertisedAddress ?? invocation.context.connection.localAddress ?? "127.0.0.1:27017"
        let legacy = invocation.command.name.lowercased() == "ismaster"
        var writer = BSONWriter(capacity: 512)
        if invocation.body["helloOk"]?.isTruthy == true { writer.append("helloOk", true) }
        writer.append(legacy ? "ismaster" : "isWritablePrimary", .bool(!engine.configuration.readOnly))
        writer.append(
            "topologyVersion", ["processId": .objectID(engine.processID), "counter": .int64(0)])
        writer.append("hosts", [.string(address)])
        writer.append("setName", "nectar")
        writer.append("setVersion", 1)
        writer.append("secondary", .bool(engine.configuration.readOnly))
        writer.append("primary", .string(address))
        writer.append("me", .string(address))
        writer.append("maxBsonObjectSize", .int32(16 * 1024 * 1024))
        writer.append("maxMessageSizeBytes", .int32(48_000_000))
        writer.append("maxWriteBatchSize", .int32(100_000))
        writer.append("localTime", .date(.now))
        writer.append("logicalSessionTimeoutMinutes", .int32(30))
        writer.append("connectionId", .int64(invocation.context.connection.id))
        writer.append("minWireVersion", .int32(0))
        writer.append("maxWireVersion", .int32(21))
        writer.append("readOnly", .bool(engine.configuration.readOnly))
        writer.append("ok", .double(1))
        return writer.finish()
    }
}
