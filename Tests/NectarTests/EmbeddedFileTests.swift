import ClientFixture
import Foundation
import MongoProtocol
import Nectar
import Testing

@Suite("Files of the embedded engine")
struct EmbeddedFileTests {
    private func withFile(_ body: (_ folder: URL, _ path: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nectar-\(ObjectID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder, folder.appendingPathComponent("shared.db").path)
    }

    @Test("Two clients of one file share it, and it outlives them")
    func sharedFile() async throws {
        try await withFile { folder, path in
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
    }

    @Test("Clients that open and close one file at the same time never meet a lock, and lose nothing")
    func reopening() async throws {
        try await withFile { _, path in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for round in 0..<15 {
                            try await withMongoClient("embedded:\(path)") { client in
                                _ = try await client["test"]["x"].insertOne(["task": .int(task), "round": .int(round)])
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withMongoClient("embedded:\(path)") { client in
                let count = try await client["test"]["x"].countDocuments()
                #expect(count == 8 * 15)
            }
        }
    }

    @Test("A client that only reads stands beside one that writes in the same process", arguments: [false, true])
    func readOnly(readerFirst: Bool) async throws {
        try await withFile { _, path in
            try await withMongoClient("embedded:\(path)") { _ = try await $0["test"]["x"].insertOne(["_id": 1]) }
            let first = try await MongoClient("embedded:\(path)\(readerFirst ? "?readOnly=true" : "")")
            let second = try await MongoClient("embedded:\(path)\(readerFirst ? "" : "?readOnly=true")")
            let (reader, writer) = readerFirst ? (first, second) : (second, first)

            try await writer["test"]["x"].insertOne(["_id": 2])
            try await writer["test"]["new"].insertOne(["_id": 3])
            #expect(try await reader["test"]["new"].findOne() == ["_id": 3])
            #expect(try await reader["test"]["x"].countDocuments() == 2)
            let refused = await mongoError { try await reader["test"]["x"].insertOne(["_id": 4]) }
            #expect(refused?.code == .illegalOperation)
            #expect(refused?.message.contains("readOnly=true") == true)

            // The reader keeps nobody from writing when the writer is gone.
            await writer.close()
            try await withMongoClient("embedded:\(path)") { _ = try await $0["test"]["x"].insertOne(["_id": 5]) }
            #expect(try await reader["test"]["x"].countDocuments() == 3)
            await reader.close()
        }
    }
}
