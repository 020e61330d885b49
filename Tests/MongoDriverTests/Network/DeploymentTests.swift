import BSON
import FaultHarness
import MongoProtocol
import Testing

@testable import MongoDriver

@Suite("A deployment over the network", .timeLimit(.minutes(2)))
struct DeploymentTests {
    private func insert(_ documents: [BSONDocument]) -> MongoOperation {
        MongoOperation(
            MongoCommand(
                ["insert": "x"], database: "test", sequences: [DocumentSequence("documents", documents)]),
            retryability: .write)
    }

    private func find(_ filter: BSONDocument = [:], batchSize: Int = 101) -> MongoOperation {
        MongoOperation(
            MongoCommand(
                ["find": "x", "filter": .document(filter), "batchSize": .int(batchSize)], database: "test"),
            retryability: .read)
    }

    private static func documents(_ ids: Range<Int>) -> [BSONDocument] { ids.map { ["_id": .int($0)] } }

    @Test("Commands are answered, errors thrown, and their events tell what went over the wire")
    func commands() async throws {
        try await withServer { _, options in
            let events = Recorder<CommandEvent>()
            var options = options
            options.commandListeners = [{ events.add($0) }]
            try await withDriver(options) { driver in
                #expect(try await driver.run(insert([["_id": 1]]))["n"]?.int == 1)
                let reply = try await driver.run(find())
                #expect(reply[path: "cursor.firstBatch.0._id"] == 1)
                await #expect(throws: MongoError.self) {
                    try await driver.run(MongoOperation(MongoCommand(["noSuchCommand": 1], database: "test")))
                }
                #expect(driver.snapshot.kind == .replicaSetWithPrimary || driver.snapshot.kind == .single)
            }
            let started = events.all.compactMap { if case .started(let event) = $0 { event } else { nil } }
            #expect(started.map(\.commandName) == ["insert", "find", "noSuchCommand", "endSessions"])
            #expect(started.first?.command["lsid"]?.document != nil)
            #expect(started.first?.command["txnNumber"]?.int == 1)
            #expect(started.first?.command["$db"] == "test")
            // The session was given back and used again.
            #expect(started.first?.command["lsid"] == started.dropFirst().first?.command["lsid"])
        }
    }

    @Test("A cursor is read on under its own session, which is free again behind it")
    func cursors() async throws {
        try await withServer { _, options in
            let events = Recorder<CommandEvent>()
            var options = options
            options.commandListeners = [{ events.add($0) }]
            try await withDriver(options) { driver in
                _ = try await driver.run(insert(Self.documents(0..<10)))
                let first = try await driver.run(find(batchSize: 4))
                let id = try #require(first[path: "cursor.id"]?.int64)
                _ = try await driver.run(find(["_id": 3]))
                let more: BSONDocument = ["getMore": .int64(id), "collection": "x"]
                let rest = try await driver.run(MongoOperation(MongoCommand(more, database: "test")))
                #expect(rest[path: "cursor.id"] == .int64(0))
                _ = try await driver.run(find(["_id": 4]))
            }
            let sessions = events.all.compactMap { event -> BSONValue? in
                if case .started(let event) = event, event.commandName != "endSessions" {
                    event.command["lsid"]
                } else {
                    nil
                }
            }
            #expect(sessions.count == 5)
            #expect(sessions[1] == sessions[3] && sessions[1] != sessions[2] && sessions[3] == sessions[4])
        }
    }

    @Test("A server that could not be reached for a moment has its cursors still, and nobody waits to close one")
    func cursorBehindFault() async throws {
        try await withServer { server, options in
            let proxy = FaultProxy(to: await server.port)
            var options = options
            options.seeds = [ServerAddress(host: "127.0.0.1", port: try await proxy.start())]
            options.directConnection = true
            try await withDriver(options) { driver in
                _ = try await driver.run(insert(Self.documents(0..<10)))
                let first = try #require(try await driver.run(find(batchSize: 4))[path: "cursor.id"]?.int64)
                let second = try #require(try await driver.run(find(batchSize: 4))[path: "cursor.id"]?.int64)
                proxy.set(.refuse)
                var lost = find()
                lost.deadline = .now + .milliseconds(300)
                await #expect(throws: MongoError.self) { try await driver.run(lost) }
                #expect(driver.snapshot.servers.values.allSatisfy { $0.kind == .unknown })
                let kill: BSONDocument = ["killCursors": "x", "cursors": [.int64(first)]]
                await #expect(throws: MongoError.self) {
                    try await driver.run(MongoOperation(MongoCommand(kill, database: "test")))
                }
                let more: BSONDocument = ["getMore": .int64(second), "collection": "x"]
                let rest = Task { try await driver.run(MongoOperation(MongoCommand(more, database: "test"))) }
                try await Task.sleep(for: .milliseconds(50))
                proxy.set(.none)
                #expect(try await rest.value[path: "cursor.nextBatch"]?.array?.count == 6)
            }
            await proxy.stop()
        }
    }

    @Test("More statements than a command takes go in several, and are counted as one")
    func manyStatements() async throws {
        try await withServer { _, options in
            let events = Recorder<CommandEvent>()
            var options = options
            options.commandListeners = [{ events.add($0) }]
            try await withDriver(options) { driver in
                let reply = try await driver.run(insert(Self.documents(0..<100_001)))
                #expect(reply["n"]?.int == 100_001)
                let more = Self.documents(100_001..<200_001) + Self.documents(7..<8)
                let error = await #expect(throws: MongoError.self) { try await driver.run(insert(more)) }
                #expect(error?.writeErrors.map(\.index) == [100_000])
                #expect(error?.details["n"]?.int == 100_000)
            }
            let inserts = events.all.filter {
                if case .started(let event) = $0 { event.commandName == "insert" } else { false }
            }
            #expect(inserts.count == 4)
        }
    }

    @Test("An operation whose time is up throws, and the next one succeeds")
    func deadline() async throws {
        try await withServer { server, options in
            try await withDriver(options) { driver in
                _ = try await driver.run(insert([["_id": 1]]))
                var slow = find()
                slow.deadline = .now - .milliseconds(1)
                let error = await #expect(throws: MongoError.self) { try await driver.run(slow) }
                #expect(error?.kind == .timeout)
                slow.deadline = .now + .seconds(5)
                #expect(try await driver.run(slow)["ok"] == 1.0)
            }
        }
    }

    @Test("No server is an error that names what was tried, once the time for the selection is up")
    func noServer() async throws {
        var options = DriverOptions(seeds: [ServerAddress(host: "127.0.0.1", port: 1)])
        options.serverSelectionTimeout = .milliseconds(300)
        try await withDriver(options) { driver in
            let error = await #expect(throws: MongoError.self) { try await driver.run(find()) }
            #expect(error?.kind == .serverSelection)
            #expect(error?.message.contains("127.0.0.1:1") == true)
        }
    }

    @Test("A waiting operation ends when its task is cancelled, and when the deployment is closed")
    func endOfWaiting() async throws {
        let options = DriverOptions(seeds: [ServerAddress(host: "127.0.0.1", port: 1)])
        try await withDriver(options) { driver in
            let task = Task { try await driver.run(find()) }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let other = Task { try await driver.run(find()) }
            try await Task.sleep(for: .milliseconds(50))
            await driver.close()
            let error = await #expect(throws: MongoError.self) { try await other.value }
            #expect(error?.kind == .closed)
        }
    }

    @Test("Operations survive a restart of the server without a new client")
    func restart() async throws {
        try await withServer { server, options in
            try await withDriver(options) { driver in
                _ = try await driver.run(insert([["_id": 1]]))
                await server.stop()
                try await server.start()
                #expect(try await driver.run(find())[path: "cursor.firstBatch.0._id"] == 1)
                #expect(try await driver.run(insert([["_id": 2]]))["n"]?.int == 1)
            }
        }
    }

    @Test("A pool opens no more connections than it may, however many ask")
    func poolLimit() async throws {
        try await withServer { _, options in
            let events = Recorder<PoolEvent>()
            var options = options
            options.pool.maxPoolSize = 3
            options.poolListeners = [{ events.add($1) }]
            try await withDriver(options) { driver in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<50 {
                        group.addTask { _ = try await driver.run(insert([["_id": .int(index)]])) }
                    }
                    try await group.waitForAll()
                }
                #expect(
                    try await driver.run(
                        MongoOperation(
                            MongoCommand(["count": "x"], database: "test"), retryability: .read))["n"]?.int == 50)
            }
            let created = events.all.filter { if case .connectionCreated = $0 { true } else { false } }
            let closed = events.all.filter { if case .connectionClosed = $0 { true } else { false } }
            #expect(created.count <= 3 && created.count == closed.count)
        }
    }

    @Test("A user logs in by each mechanism", arguments: [nil, AuthMechanism.scramSHA1, .scramSHA256])
    func login(mechanism: AuthMechanism?) async throws {
        try await withUser { options in
            var options = options
            options.credential = MongoCredential(username: "kim", password: "p@ss", mechanism: mechanism)
            try await withDriver(options) { driver in
                let reply = try await driver.run(insert([["_id": 1]]))
                #expect(reply["n"]?.int == 1)
            }
        }
    }

    @Test("A wrong password is the server's error 18, without waiting; and no login is error 13")
    func wrongPassword() async throws {
        try await withUser { options in
            var wrong = options
            wrong.credential = MongoCredential(username: "kim", password: "guess")
            try await withDriver(wrong) { driver in
                let error = await #expect(throws: MongoError.self) { try await driver.run(find()) }
                #expect(error?.code == .authenticationFailed)
            }
            try await withDriver(options) { driver in
                let error = await #expect(throws: MongoError.self) { try await driver.run(find()) }
                #expect(error?.code == .unauthorized)
            }
        }
    }

    /// Runs `body` with the options of a server that knows the user kim, whose password is p@ss.
    private func withUser(_ body: (DriverOptions) async throws -> Void) async throws {
        try await withServer(asksForLogin: true) { _, options in
            try await withDriver(options) { driver in
                let command: BSONDocument = ["createUser": "kim", "pwd": "p@ss", "roles": ["root"]]
                _ = try await driver.run(MongoOperation(MongoCommand(command, database: "admin")))
            }
            try await body(options)
        }
    }
}
