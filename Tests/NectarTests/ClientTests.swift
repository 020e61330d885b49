import ClientFixture
import FaultHarness
import MongoProtocol
import Nectar
import Testing

@Suite("Clients")
struct ClientTests {
    @Test(
        "An unusable URI is refused without telling what it holds",
        arguments: [
            "mongodb://kim:s3cret@db:x/", "mongodb+srv://kim:s3cret@db.example:1/", "kim:s3cret@db.example",
            "mongodb://kim:s3cret@", "mongodb://kim:s3cret@a/?proxyHost=s3cret",
            "s3cret:x", "s3cret", "embedded:a.db?s3cret=1", "embedded:a.db?password=s3cret",
        ])
    func unusableURIs(uri: String) async throws {
        let error = await mongoError { _ = try await MongoClient(uri) }
        #expect(error?.kind == .usage)
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test("A closed client refuses everything, and may be closed again")
    func closed() async throws {
        let client = try await MongoClient("embedded::memory:")
        await client.close()
        await client.close()
        #expect(await mongoError { _ = try await client["test"]["x"].findOne() }?.kind == .closed)
        #expect(await mongoError { try await client["test"]["x"].insertOne([:]) }?.kind == .closed)
    }

    @Test(
        "Listeners see commands with their documents, and nothing of those with secrets",
        arguments: TestDeployment.allCases)
    func events(on deployment: TestDeployment) async throws {
        let recorder = Recorder<CommandEvent>()
        try await withTestClient(on: deployment, listeners: [{ recorder.add($0) }]) { client in
            try await client["test"]["x"].insertOne(["_id": 1])
            _ = try? await client["test"].runCommand(["noSuchCommand": 1])
            _ = try? await client["admin"].runCommand(["createUser": "kim", "pwd": "s3cret", "roles": []])
        }
        let events = recorder.all
        // A driver ends its sessions when it is closed.
        let started = events.compactMap { if case .started(let event) = $0 { event } else { nil } }
            .filter { $0.commandName != "endSessions" }
        #expect(started.map(\.commandName) == ["insert", "noSuchCommand", "createUser"])
        #expect(started.first?.command["documents"] == [["_id": 1]])
        #expect(started.last?.command == [:])
        #expect(!events.contains { "\($0)".contains("s3cret") })
        let failed = events.compactMap { if case .failed(let event) = $0 { event } else { nil } }
        #expect(failed.first?.commandName == "noSuchCommand")
        #expect(failed.first?.error.code == .commandNotFound)
        #expect(failed.first?.requestID == started.dropFirst().first?.requestID)
    }

    @Test("What a connection string says counts where the program says nothing")
    func connectionStringDefaults() async throws {
        try await withTestServer { port in
            let recorder = Recorder<CommandEvent>()
            let uri = "mongodb://127.0.0.1:\(port)/?readConcernLevel=majority&journal=true&readPreference=nearest"
            try await withMongoClient(uri, listeners: [{ recorder.add($0) }]) { client in
                let things = client["test"]["x"]
                try await things.insertOne(["_id": 1])
                #expect(try await things.findOne()?["_id"] == 1)
                _ = try await things.with(writeConcern: .majority, readConcern: ReadConcern(.local)).findOne()
                #expect(client.defaults.readPreference.mode == .nearest)
            }
            let started = recorder.all.compactMap { if case .started(let event) = $0 { event } else { nil } }
            #expect(started.first?.command["writeConcern"] == ["j": true])
            #expect(started.first?.command["readConcern"] == nil)
            let levels = started.filter { $0.commandName == "find" }.map { $0.command[path: "readConcern.level"] }
            #expect(levels == ["majority", "local"])
        }
    }

    @Test("The event of a command whose task is cancelled says so", arguments: TestDeployment.allCases)
    func cancelledEvent(on deployment: TestDeployment) async throws {
        let recorder = Recorder<CommandEvent>()
        try await withTestClient(on: deployment, listeners: [{ recorder.add($0) }]) { client in
            // A driver knows its server from now on; before, it would end in waiting and have sent no command.
            try await client["test"]["x"].insertOne([:])
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await client["test"]["x"].findOne()
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        let failed = recorder.all.compactMap { if case .failed(let event) = $0 { event } else { nil } }
        #expect(failed.map(\.error.kind) == [.cancelled])
    }
}
