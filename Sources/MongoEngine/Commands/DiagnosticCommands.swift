internal import BSON
internal import MongoProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What tools ask: versions, parameters, counters.
enum DiagnosticCommands {
    /// The version of MongoDB whose commands the engine answers.
    static let version = "7.0.0"

    static let rows: [CommandRow] = [
        CommandRow("buildInfo", "buildinfo", run: { _, _ in buildInfo }),
        CommandRow("getCmdLineOpts", run: { _, _ in ["argv": ["nectar"], "parsed": [:], "ok": 1.0] }),
        CommandRow("getParameter", run: { _, invocation in try parameters(invocation) }),
        CommandRow("getLog", run: { _, _ in ["totalLinesWritten": 0, "log": [], "ok": 1.0] }),
        CommandRow("hostInfo", run: { _, _ in ["system": ["currentTime": .date(.now)], "os": [:], "ok": 1.0] }),
        CommandRow(
            "whatsmyuri",
            run: { _, invocation in
                ["you": .string(invocation.context.connection.remoteAddress ?? "embedded"), "ok": 1.0]
            }),
        CommandRow("connectionStatus", run: { _, invocation in connectionStatus(invocation) }),
        CommandRow(
            "listCommands",
            run: { _, _ in
                let commands = CommandTable.names.map { ($0, BSONValue.document(["help": ""])) }
                return ["commands": .document(BSONDocument(fields: commands)), "ok": 1.0]
            }),
        CommandRow("serverStatus", run: { engine, invocation in serverStatus(engine, invocation) }),
        CommandRow("dbStats", "dbstats", run: { engine, invocation in try await dbStats(engine, invocation) }),
        CommandRow("collStats", "collstats", run: { engine, invocation in try await collStats(engine, invocation) }),
        CommandRow(
            "replSetGetStatus",
            run: { engine, invocation in
                let hello = HandshakeCommands.reply(engine, invocation)
                let me = hello["me"] ?? .null
                return [
                    "set": "nectar", "date": .date(.now), "myState": 1,
                    "members": [
                        ["_id": 0, "name": me, "health": 1.0, "state": 1, "stateStr": "PRIMARY", "self": true]
                    ],
                    "ok": 1.0,
                ]
            }),
        CommandRow("explain", run: { engine, invocation in try await ExplainCommand.run(engine, invocation) }),
    ]

    private static let buildInfo: BSONDocument = [
        "version": .string(version), "gitVersion": "nectar", "modules": ["nectar"], "allocator": "system",
        "versionArray": [7, 0, 0, 0], "bits": 64, "debug": false, "maxBsonObjectSize": 16_777_216,
        "storageEngines": ["sqlite"], "ok": 1.0,
    ]

    private static let known: [(String, BSONValue)] = [
        ("authenticationMechanisms", ["SCRAM-SHA-1", "SCRAM-SHA-256"]),
        ("enableTestCommands", false),
        ("featureCompatibilityVersion", ["version": "7.0"]),
        ("logLevel", 0),
        ("requireApiVersion", false),
    ]

    private static func parameters(_ invocation: Invocation) throws -> BSONDocument {
        let all =
            invocation.body["getParameter"]?.string == "*"
            || invocation.body["getParameter"]?.document?["allParameters"]?.isTruthy == true
        let asked = all ? known : known.filter { invocation.body[$0.0] != nil }
        guard !asked.isEmpty else { throw MongoError(.invalidOptions, "no option found to get") }
        return BSONDocument(fields: asked + [("ok", 1.0)])
    }

    private static func connectionStatus(_ invocation: Invocation) -> BSONDocument {
        let users = invocation.context.user.map { user -> [BSONValue] in
            [["user": .string(user.name), "db": .string(user.database)]]
        }
        var info: BSONDocument = ["authenticatedUsers": .array(BSONArray(users ?? [])), "authenticatedUserRoles": []]
        if invocation.body["showPrivileges"]?.isTruthy == true { info["authenticatedUserPrivileges"] = [] }
        return ["authInfo": .document(info), "ok": 1.0]
    }

    private static func serverStatus(_ engine: Engine, _ invocation: Invocation) -> BSONDocument {
        let up = ContinuousClock.now - engine.started
        let counts = engine.counters.all
        func total(_ names: String...) -> BSONValue { .int64(names.reduce(0) { $0 + (counts[$1] ?? 0) }) }
        let known = counts.values.reduce(0, +)
        let storage = engine.storage.statistics
        let address = HandshakeCommands.reply(engine, invocation)["me"] ?? .null
        return [
            "host": address, "version": .string(version), "process": "nectar", "pid": .int64(Int64(getpid())),
            "uptime": .double(Double(up.components.seconds)),
            "uptimeMillis": .int64(up.components.seconds * 1000), "localTime": .date(.now),
            "connections": ["current": .int(max(1, engine.counters.openConnections)), "available": 65_536],
            "opcounters": [
                "insert": total("insert"), "query": total("find", "aggregate", "count", "distinct"),
                "update": total("update", "findAndModify"), "delete": total("delete"),
                "getmore": total("getMore"), "command": .int64(known),
            ],
            "metrics": ["cursor": ["open": ["total": .int64(Int64(engine.cursors.count))]]],
            "repl": ["setName": "nectar", "isWritablePrimary": true, "hosts": [address]],
            "storageEngine": ["name": "sqlite", "persistent": .bool(engine.configuration.location != .memory)],
            "nectar": [
                "fileBytes": .int64(storage.fileBytes), "walBytes": .int64(storage.walBytes),
                "commits": .int64(Int64(storage.commits)), "transactions": .int64(Int64(storage.transactions)),
                "fsyncs": .int64(Int64(storage.fsyncs)), "checkpoints": .int64(Int64(storage.checkpoints)),
            ],
            "ok": 1.0,
        ]
    }

    private static func dbStats(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let collections = engine.catalog.current.collections[invocation.database] ?? [:]
        var objects = 0
        for collection in collections.values { objects += try await engine.count(invocation, collection) }
        return [
            "db": .string(invocation.database), "collections": .int64(Int64(collections.count)), "views": .int64(0),
            "objects": .int64(Int64(objects)),
            "indexes": .int64(Int64(collections.values.reduce(0) { $0 + $1.indexes.count })),
            "storageSize": .double(Double(engine.storage.statistics.fileBytes)),
            "ok": 1.0,
        ]
    }

    private static func collStats(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let found = engine.catalog.current.collection(invocation.database, name)
        var objects = 0
        if let found { objects = try await engine.count(invocation, found) }
        return [
            "ns": .string("\(invocation.database).\(name)"), "count": .int64(Int64(objects)),
            "nindexes": .int64(Int64(found?.indexes.count ?? 0)), "capped": false, "ok": 1.0,
        ]
    }
}
