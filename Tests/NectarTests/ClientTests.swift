import Foundation
import MongoProtocol
import Nectar
import Testing

@Suite("Clients")
struct ClientTests {
    @Test(
        "An unusable URI is refused without telling what it holds",
        arguments: [
            "mongodb://kim:s3cret@db.example/", "mongodb+srv://kim:s3cret@db.example/", "kim:s3cret@db.example",
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

    @Test("Two clients of one file share it, and it outlives them")
    func sharedFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nectar-\(ObjectID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("shared.db").path
        let first = try await MongoClient("embedded:\(path)")
        let second = try await MongoClient("embedded:\(folder.path)/./shared.db")
        try await first["test"]["x"].insertOne(["_id": 1])
        #expect(try await second["test"]["x"].findOne() == ["_id": 1])
        await first.close()
        try await second["test"]["x"].insertOne(["_id": 2])
        await second.close()
        try await withMongoClient("embedded:\(path)") { third in
            let count = try await third["test"]["x"].countDocuments()
            #expect(count == 2)
        }
    }

    @Test("Listeners see commands with their documents, and nothing of those with secrets")
    func events() async throws {
        let recorder = Recorder<CommandEvent>()
        try await withTestClient(listeners: [{ recorder.add($0) }]) { client in
            try await client["test"]["x"].insertOne(["_id": 1])
            _ = try? await client["test"].runCommand(["noSuchCommand": 1])
            _ = try? await client["admin"].runCommand(["createUser": "kim", "pwd": "s3cret", "roles": []])
        }
        let events = recorder.all
        let started = events.compactMap { if case .started(let event) = $0 { event } else { nil } }
        #expect(started.map(\.commandName) == ["insert", "noSuchCommand", "createUser"])
        #expect(started.first?.command["documents"] == [["_id": 1]])
        #expect(started.last?.command == [:])
        #expect(!events.contains { "\($0)".contains("s3cret") })
        let failed = events.compactMap { if case .failed(let event) = $0 { event } else { nil } }
        #expect(failed.first?.commandName == "noSuchCommand")
        #expect(failed.first?.error.code == .commandNotFound)
        #expect(failed.first?.requestID == started.dropFirst().first?.requestID)
    }
}
