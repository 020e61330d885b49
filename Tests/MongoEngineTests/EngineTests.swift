import BSON
import Foundation
import MongoProtocol
import Testing

@testable import MongoEngine

/// An engine in memory with a database to talk to.
struct TestEngine {
    let engine: Engine
    let connection = ConnectionContext(id: 1)

    @discardableResult
    func run(_ command: BSONDocument, database: String = "test") async -> BSONDocument {
        let command = MongoCommand(command, database: database)
        let context = CommandContext(connection: connection, session: SessionContext(body: command.body))
        let reply: CommandReply
        if let immediate = engine.handleImmediately(command, context) {
            reply = immediate
        } else {
            reply = await engine.handle(command, context)
        }
        guard case .document(let document) = reply else { return [:] }
        return document
    }

    func batch(_ command: BSONDocument) async -> [BSONDocument] {
        let cursor = await run(command)["cursor"]?.document
        return (cursor?["firstBatch"] ?? cursor?["nextBatch"])?.array?.compactMap(\.document) ?? []
    }
}

func withEngine<R>(
    _ location: EngineConfiguration.Location = .memory, _ body: (TestEngine) async throws -> R
) async throws -> R {
    let engine = try Engine(EngineConfiguration(location: location))
    do {
        let result = try await body(TestEngine(engine: engine))
        await engine.close()
        return result
    } catch {
        await engine.close()
        throw error
    }
}

@Suite struct EngineTests {
    @Test("a document that was inserted is found by its _id and by a filter")
    func insertAndFind() async throws {
        try await withEngine { engine in
            let reply = await engine.run(["insert": "books", "documents": [["_id": 1, "title": "Solaris"]]])
            #expect(reply["n"] == 1 && reply["ok"] == 1.0)
            let book: BSONDocument = ["_id": 1, "title": "Solaris"]
            #expect(await engine.batch(["find": "books", "filter": ["_id": 1]]) == [book])
            #expect(await engine.batch(["find": "books", "filter": ["title": "Solaris"]]) == [book])
            #expect(await engine.batch(["find": "books", "filter": ["title": "Eden"]]) == [])
        }
    }

    @Test("a second document with the same _id is refused with the key and its value")
    func duplicateKey() async throws {
        try await withEngine { engine in
            await engine.run(["insert": "books", "documents": [["_id": 1]]])
            let reply = await engine.run(["insert": "books", "documents": [["_id": 2], ["_id": 1], ["_id": 3]]])
            let error = reply["writeErrors"]?.array?[0]?.document
            #expect(reply["n"] == 1)
            #expect(error?["index"] == 1 && error?["code"] == 11000)
            #expect(error?["keyPattern"] == ["_id": 1] && error?["keyValue"] == ["_id": 1])
            #expect(await engine.batch(["find": "books", "sort": ["_id": 1]]).count == 2)
        }
    }

    @Test("a document that one unique index refuses leaves nothing in the others")
    func refusedInsertLeavesNothing() async throws {
        try await withEngine { engine in
            await engine.run([
                "createIndexes": "books",
                "indexes": [
                    ["key": ["isbn": 1], "name": "isbn_1", "unique": true], ["key": ["a": 1], "name": "a_1"],
                ],
            ])
            await engine.run(["insert": "books", "documents": [["_id": 1, "isbn": "x", "a": 1]]])
            await engine.run(["insert": "books", "documents": [["_id": 2, "isbn": "x", "a": 2]]])
            await engine.run(["insert": "books", "documents": [["_id": 2, "isbn": "y", "a": 3]]])
            let byIndex = await engine.batch(["find": "books", "filter": ["a": ["$gt": 0]], "hint": "a_1"])
            #expect(byIndex.map { $0["a"] } == [1, 3])
        }
    }

    @Test("a cursor gives batches until it is used up, and then is gone")
    func batches() async throws {
        try await withEngine { engine in
            let documents = (0..<250).map { BSONValue.document(["_id": .int($0)]) }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
            let first = await engine.run(["find": "n", "sort": ["_id": 1], "batchSize": 100])["cursor"]?.document
            #expect(first?["firstBatch"]?.array?.count == 100)
            let id = first?["id"] ?? .null
            var seen = first?["firstBatch"]?.array?.compactMap { $0.document?["_id"]?.int } ?? []
            for expected in [100, 50] {
                let more = await engine.run(["getMore": id, "collection": "n", "batchSize": 100])["cursor"]?.document
                let batch = more?["nextBatch"]?.array?.compactMap { $0.document?["_id"]?.int } ?? []
                #expect(batch.count == expected)
                seen += batch
            }
            #expect(seen == Array(0..<250))
            #expect(await engine.run(["getMore": id, "collection": "n"])["code"] == 43)
        }
    }

    @Test("an index answers equality and ranges with as few keys as there are matches")
    func keysExamined() async throws {
        try await withEngine { engine in
            let documents = (0..<1000).map {
                BSONValue.document(["_id": .int($0), "a": .int($0 % 100), "b": .int($0)])
            }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
            await engine.run(["createIndexes": "n", "indexes": [["key": ["a": 1, "b": -1], "name": "a_1_b_-1"]]])
            func examined(_ find: BSONDocument) async -> (keys: Int?, returned: Int?) {
                let reply = await engine.run(["explain": .document(find), "verbosity": "executionStats"])
                let stats = reply["executionStats"]?.document
                return (stats?["totalKeysExamined"]?.int, stats?["nReturned"]?.int)
            }
            #expect(await examined(["find": "n", "filter": ["a": 7]]) == (10, 10))
            #expect(await examined(["find": "n", "filter": ["a": 7, "b": ["$gte": 500]]]) == (5, 5))
            let sorted = await examined(["find": "n", "filter": ["a": 7], "sort": ["b": -1], "limit": 3])
            #expect(sorted.returned == 3 && (sorted.keys ?? 99) <= 4)
        }
    }

    @Test("commands, databases and fields that are none get MongoDB's codes")
    func errors() async throws {
        try await withEngine { engine in
            #expect(await engine.run(["fly": 1])["code"] == 59)
            #expect(await engine.run(["find": "a", "wings": 2])["code"] == 40415)
            #expect(await engine.run(["find": ""])["code"] == 73)
            #expect(await engine.run(["find": "a", "filter": ["$fly": 1]])["code"] == 2)
            #expect(await engine.run(["find": "a"], database: "a b")["code"] == 73)
            #expect(await engine.run(["listIndexes": "none"])["code"] == 26)
        }
    }

    @Test("what was written is there after the engine is opened again")
    func reopening() async throws {
        let path = "\(NSTemporaryDirectory())nectar-\(ObjectID()).db"
        defer { for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) } }
        try await withEngine(.file(path)) { engine in
            await engine.run(["insert": "books", "documents": [["_id": 1]]])
            await engine.run(["createIndexes": "books", "indexes": [["key": ["a": 1], "name": "a_1"]]])
            await engine.run(["create": "gone"])
            await engine.run(["drop": "gone"])
        }
        try await withEngine(.file(path)) { engine in
            #expect(await engine.batch(["find": "books"]).count == 1)
            #expect(await engine.batch(["listIndexes": "books"]).count == 2)
            #expect(await engine.batch(["listCollections": 1]).map { $0["name"] } == ["books"])
        }
    }

    @Test("a retryable write that is sent twice is done once")
    func retriedWrite() async throws {
        try await withEngine { engine in
            let session: BSONDocument = ["id": .binary(BSONBinary(subtype: .uuid, bytes: Array(1...16)))]
            await engine.run(["insert": "n", "documents": [["_id": 1, "count": 0]]])
            let update: BSONDocument = [
                "update": "n", "updates": [["q": ["_id": 1], "u": ["$inc": ["count": 1]]]],
                "lsid": .document(session), "txnNumber": .int64(1),
            ]
            let first = await engine.run(update)
            let second = await engine.run(update)
            #expect(first == second)
            #expect(await engine.batch(["find": "n"]).first?["count"] == 1)
        }
    }

    @Test("a deadline ends a scan with MaxTimeMSExpired, and cancelling ends it with Interrupted")
    func limits() async throws {
        try await withEngine { engine in
            let documents = (0..<20_000).map { BSONValue.document(["_id": .int($0)]) }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
            let scan: BSONDocument = ["find": "n", "filter": ["x": ["$regex": "a"]]]
            let command = MongoCommand(scan, database: "test")
            let late = CommandContext(connection: engine.connection, deadline: .now - .seconds(1))
            guard case .document(let reply) = await engine.engine.handle(command, late) else { return }
            #expect(reply["code"] == 50)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await engine.run(scan)
            }
            #expect(await task.value["code"] == 11601)
        }
    }
}
