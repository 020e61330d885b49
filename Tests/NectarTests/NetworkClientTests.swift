import ClientFixture
import FaultHarness
import InMemoryLogging
import Logging
import MongoDriver
import MongoProtocol
import Nectar
import Testing

/// Has one SRV record and one TXT record, whatever is asked for.
private struct OneServer: DNSResolver {
    let port: Int
    let text: String

    // Numbers are names too: 127.0.0.1 belongs to the domain 0.0.1 of the host db.0.0.1.
    func serviceRecords(of name: String) async throws -> [ServiceRecord] {
        name == "_mongodb._tcp.db.0.0.1" ? [ServiceRecord(target: "127.0.0.1", port: port)] : []
    }
    func textRecords(of name: String) async throws -> [String] { name == "db.0.0.1" ? [text] : [] }
}

@Suite("Clients over the network", .timeLimit(.minutes(2)))
struct NetworkClientTests {
    /// A logger that keeps everything.
    private func recordingLogger() -> (Logger, InMemoryLogHandler) {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        return (logger, handler)
    }

    @Test("A mongodb+srv URI leads to the servers of its records, with the options of its TXT record")
    func serviceRecords() async throws {
        try await withTestServer(asksForLogin: true) { port in
            try await withMongoClient("mongodb://127.0.0.1:\(port)") { client in
                _ = try await client["admin"].runCommand(["createUser": "kim", "pwd": "p@ss", "roles": ["root"]])
            }
            // Without the TXT record the user would be sought in the database that the string names.
            let resolver = OneServer(port: port, text: "authSource=admin")
            let client = try await MongoClient("mongodb+srv://kim:p%40ss@db.0.0.1/people?tls=false", resolver: resolver)
            try await client["people"]["x"].insertOne(["_id": 1])
            #expect(try await client["people"]["x"].findOne() == ["_id": 1])
            await client.close()
            let wrong = OneServer(port: port, text: "maxPoolSize=1")
            let error = await mongoError {
                _ = try await MongoClient("mongodb+srv://kim:s3cret@db.0.0.1/?tls=false", resolver: wrong)
            }
            #expect(error?.kind == .usage && error?.message.contains("s3cret") == false)
        }
    }

    @Test("What a connection string says in vain is in the client's log")
    func warnings() async throws {
        let (logger, handler) = recordingLogger()
        let client = try await MongoClient(
            "mongodb://127.0.0.1:1/?noSuchOption=1&maxPoolSize=many&compressors=zlib", logger: logger)
        await client.close()
        let warnings = handler.entries.filter { $0.level == .warning }.map { "\($0.message)" }
        #expect(warnings.contains { $0.contains("noSuchOption") } && warnings.contains { $0.contains("maxPoolSize") })
    }

    @Test("A client of a deployment over the network has listeners of its own")
    func listeners() async throws {
        try await withTestServer { port in
            let shared = Recorder<CommandEvent>()
            var options = try DriverOptions(ConnectionString("mongodb://127.0.0.1:\(port)"))
            options.commandListeners = [{ shared.add($0) }]
            let deployment = try NetworkDeployment(options)
            let own = Recorder<CommandEvent>()
            let observed = MongoClient(deployment: deployment, listeners: [{ own.add($0) }])
            let other = MongoClient(deployment: deployment)
            try await observed["test"]["x"].insertOne(["_id": 1])
            _ = try await other["test"]["x"].findOne()
            _ = await mongoError { try await observed["test"].runCommand(["noSuchCommand": 1]) }
            func names(_ events: [CommandEvent]) -> [String] {
                events.map { event in
                    switch event {
                    case .started(let event): event.commandName
                    case .succeeded: "succeeded"
                    case .failed: "failed"
                    }
                }
            }
            #expect(names(own.all) == ["insert", "succeeded", "noSuchCommand", "failed"])
            #expect(names(shared.all).count == 6)
            await deployment.close()
        }
    }

    @Test("No description, error, event or log entry has the password")
    func secrets() async throws {
        try await withTestServer(asksForLogin: true) { port in
            let (logger, handler) = recordingLogger()
            try await withMongoClient("mongodb://127.0.0.1:\(port)") { client in
                _ = try await client["admin"].runCommand(["createUser": "kim", "pwd": "s3cret", "roles": ["root"]])
            }
            var texts: [String] = []
            for password in ["s3cret", "wrong-s3cret"] {
                let events = Recorder<CommandEvent>()
                let uri = "mongodb://kim:\(password)@127.0.0.1:\(port)/?appName=a&nonsense=1"
                let client = try await MongoClient(uri, listeners: [{ events.add($0) }], logger: logger)
                let error = await mongoError { try await client["test"]["x"].insertOne([:]) }
                #expect((error == nil) == (password == "s3cret"))
                _ = await mongoError {
                    try await client["admin"].runCommand(["updateUser": "kim", "pwd": .string(password)])
                }
                var dumped = ""
                dump(client, to: &dumped)
                texts += ["\(error as Any)", String(reflecting: client), dumped]
                texts += events.all.map { "\($0)" }
                await client.close()
            }
            texts += handler.entries.map { "\($0.message) \($0.metadata)" }
            #expect(!handler.entries.isEmpty)
            #expect(texts.filter { $0.contains("s3cret") } == [])
        }
    }

    @Test(
        "Writes that nobody acknowledges are done all the same, and tell of no failure",
        arguments: TestDeployment.allCases)
    func unacknowledged(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let things = client["test"]["x"]
            let silent = things.with(writeConcern: WriteConcern(w: .members(0)))
            try await silent.insertOne(["_id": 1])
            try await silent.insertMany([["_id": 2], ["_id": 3]])
            try await silent.insertOne(["_id": 1])
            _ = try await silent.updateOne(["_id": 2], ["$set": ["seen": true]])
            _ = try await silent.deleteOne(["_id": 3])
            let expected: [BSONDocument] = [["_id": 1], ["_id": 2, "seen": true]]
            var found: [BSONDocument] = []
            for _ in 0..<200 where found != expected {
                try await Task.sleep(for: .milliseconds(10))
                found = try await things.find().sort(["_id": 1]).toArray()
            }
            #expect(found == expected)
        }
    }
}
