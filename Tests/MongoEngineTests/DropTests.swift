import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Reads beside drops")
struct DropTests {
    private static func fill(_ engine: TestEngine, _ name: String) async {
        let documents = (0..<20).map { BSONValue.document(["_id": .int($0), "a": .int($0)]) }
        await engine.run(["insert": .string(name), "documents": .array(BSONArray(documents))])
        await engine.run(["createIndexes": .string(name), "indexes": [["key": ["a": 1], "name": "a_1"]]])
    }

    private static let reads: [BSONDocument] = [
        ["find": "n"], ["find": "n", "filter": ["_id": 3]], ["find": "n", "filter": ["a": ["$gt": 3]]],
        ["count": "n"], ["count": "n", "query": ["a": 3]], ["distinct": "n", "key": "a"],
        ["aggregate": "n", "pipeline": [["$match": ["a": 3]]], "cursor": [:]],
        ["collStats": "n"], ["explain": ["find": "n", "filter": ["a": 3]], "verbosity": "executionStats"],
        [
            "aggregate": "other", "cursor": [:],
            "pipeline": [["$lookup": ["from": "n", "localField": "a", "foreignField": "a", "as": "x"]]],
        ],
    ]

    @Test("a read that finds its tables gone is killed, not an internal error")
    func tablesGone() async throws {
        try await withEngine { engine in
            await Self.fill(engine, "n")
            await Self.fill(engine, "other")
            // As a reader sees it whose snapshot is later than the catalog it planned with.
            let collection = try #require(engine.engine.catalog.current.collection("test", "n"))
            try await engine.engine.storage.write { writer in
                try writer.drop(collection.records)
                for index in collection.indexes { try writer.drop(index.table) }
            }
            for read in Self.reads {
                let reply = await engine.run(read)
                #expect(reply["code"] == 175 && reply["codeName"] == "QueryPlanKilled", "\(read): \(reply)")
            }
            let delete = await engine.run(["delete": "n", "deletes": [["q": ["a": 3], "limit": 0]]])
            #expect(delete["writeErrors"]?.array?[0]?.document?["code"] == 175)
        }
    }

    @Test("reads beside a collection that comes and goes find it or do not, and cursors on it are killed")
    func comingAndGoing() async throws {
        try await withEngine { engine in
            await Self.fill(engine, "other")
            await withTaskGroup(of: Void.self) { group in
                let writer = Task {
                    while !Task.isCancelled {
                        await Self.fill(engine, "n")
                        await engine.run(["dropIndexes": "n", "index": "a_1"])
                        await engine.run(["drop": "n"])
                        await Task.yield()
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<100 { for read in Self.reads { await Self.check(read, engine) } }
                    }
                }
                await group.waitForAll()
                writer.cancel()
                await writer.value
            }
        }
    }

    private static func check(_ read: BSONDocument, _ engine: TestEngine) async {
        let reply = await engine.run(read)
        let isFine = reply["ok"] == 1.0
        #expect(isFine || reply["code"] == 175, "\(read): \(reply)")
        guard read["find"] != nil, read["filter"] == nil else { return }
        let first = await engine.run(["find": "n", "batchSize": 2])
        #expect(first["ok"] == 1.0, "\(first)")
        guard let id = first["cursor"]?.document?["id"]?.int64, id != 0 else { return }
        await Task.yield()
        let more = await engine.run(["getMore": .int64(id), "collection": "n"])
        #expect(more["ok"] == 1.0 || more["code"] == 175, "\(more)")
    }
}
