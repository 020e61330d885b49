import Foundation
import MongoProtocol
import Nectar
import ProcessHarness
import Testing

@Suite("Two processes, one file")
struct TwoProcessTests {
    /// Runs `nectar serve` on a file; `command` sends that process a command.
    private func withWriter(
        _ body: (_ path: String, _ writer: ChildProcess, _ command: (BSONDocument) async throws -> Void) async throws ->
            Void
    ) async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "shared.db").path
        let writer = try await ChildProcess.nectar(["--path", path])
        let connection = try await TestClient.connect(to: writer.port)
        try await body(path, writer) { command in
            try await connection.send(Message.command(command))
            let reply = try #require(await connection.receive()).document
            #expect(reply["ok"]?.double == 1 && reply["writeErrors"] == nil, "\(reply)")
        }
        await connection.close()
        #expect(await writer.end() == 0)
    }

    private func insert(_ id: Int, into collection: String) -> BSONDocument {
        ["insert": .string(collection), "documents": [["_id": .int(id), "n": .int(id)]], "$db": "test"]
    }

    @Test("A second writer is refused, with the file, the process that has it and what to do")
    func secondWriter() async throws {
        try await withWriter { path, writer, command in
            try await command(insert(1, into: "x"))
            let error = await #expect(throws: MongoError.self) { try await MongoClient("embedded:\(path)") }
            #expect(error?.code == .dbPathInUse)
            let advice = ["shared.db", "process \(writer.id)", "readOnly=true", "nectar serve"]
            for text in advice { #expect(error?.message.contains(text) == true, "\(text)") }

            let second = try await ChildProcess.run(
                [ChildProcess.executable("nectar"), "serve", "--port", "0", "--path", path])
            #expect(second.status != 0)
            for text in advice { #expect(second.output.contains(text), "\(second.output)") }
            #expect(!second.output.contains("server error"), "\(second.output)")
        }
    }

    @Test("The lock of a process that was killed is free at once")
    func killedWriter() async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "killed.db").path
        let writer = try await ChildProcess.nectar(["--path", path])
        #expect(await writer.end(SIGKILL) == -SIGKILL)
        try await withMongoClient("embedded:\(path)") { client in
            let inserted = try await client["test"]["x"].insertOne(["_id": 1])
            #expect(inserted.insertedID == 1)
        }
    }

    @Test("Who only reads sees each commit, new collections and indexes, and can write nothing")
    func reader() async throws {
        try await withWriter { path, _, command in
            try await command(insert(1, into: "x"))
            try await withMongoClient("embedded:\(path)?readOnly=true") { client in
                let database = client["test"]
                for id in 2...20 {
                    try await command(insert(id, into: "x"))
                    #expect(try await database["x"].findOne(["_id": .int(id)])?["n"] == .int(id))
                }
                try await command(insert(1, into: "new"))
                #expect(try await database["new"].findOne() == ["_id": 1, "n": 1])
                #expect(try await Set(database.listCollectionNames()) == ["x", "new"])

                let key: BSONDocument = ["key": ["n": 1], "name": "n_1"]
                try await command(["createIndexes": "x", "indexes": [.document(key)], "$db": "test"])
                let plan = try await database["x"].find(["n": 7]).explain(verbosity: "queryPlanner")
                #expect("\(plan)".contains("n_1"))
                #expect(try await database["x"].find(["n": 7]).toArray() == [["_id": 7, "n": 7]])
                try await command(["drop": "new", "$db": "test"])
                #expect(try await database["new"].findOne() == nil)
                #expect(try await database.listCollectionNames() == ["x"])

                let x = database["x"]
                let writes: [@Sendable () async throws -> Void] = [
                    { try await x.insertOne([:]) }, { try await x.deleteMany([:]) }, { try await x.drop() },
                    { try await x.updateOne([:], ["$set": ["n": 0]]) }, { try await x.createIndex(["m": 1]) },
                    { try await database["y"].insertOne([:]) }, { _ = try await x.findOneAndDelete([:]) },
                ]
                for (number, write) in writes.enumerated() {
                    let error = await #expect(throws: MongoError.self, "write \(number)") { try await write() }
                    #expect(error?.code == .illegalOperation, "write \(number): \(String(describing: error))")
                    #expect(error?.message.contains("readOnly=true") == true, "write \(number)")
                }
                #expect(try await x.countDocuments() == 20)
            }
        }
    }

    @Test("Who only reads goes on when the writer is killed, and sees the commits of the next one")
    func readerOutlivesWriter() async throws {
        let folder = try ChildProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "killed.db").path
        var writer = try await ChildProcess.nectar(["--path", path])
        try await withMongoClient("embedded:\(path)?readOnly=true") { client in
            for id in 1...3 {
                let connection = try await TestClient.connect(to: writer.port)
                try await connection.send(Message.command(insert(id, into: "x")))
                _ = await connection.receive()
                #expect(try await client["test"]["x"].countDocuments() == id)
                #expect(await writer.end(id == 2 ? SIGTERM : SIGKILL) == (id == 2 ? 0 : -SIGKILL))
                #expect(try await client["test"]["x"].countDocuments() == id)
                writer = try await ChildProcess.nectar(["--path", path])
            }
        }
        #expect(await writer.end() == 0)
    }
}
