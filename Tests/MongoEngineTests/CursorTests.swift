import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Cursors between batches")
struct CursorTests {
    private static func fill(_ engine: TestEngine, count: Int = 300) async {
        let documents = (0..<count).map { BSONValue.document(["_id": .int($0)]) }
        await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
    }

    private static func open(_ engine: TestEngine, _ command: BSONDocument) async throws -> Int64 {
        let reply = await engine.run(command)
        return try #require(reply["cursor"]?.document?["id"]?.int64, "\(reply)")
    }

    @Test("getMore refuses a maxTimeMS of its own, and the cursor stays")
    func ownLimit() async throws {
        try await withEngine { engine in
            await Self.fill(engine)
            let id = try await Self.open(engine, ["find": "n", "batchSize": 2])
            let refused = await engine.run(["getMore": .int64(id), "collection": "n", "maxTimeMS": 1000])
            #expect(refused["code"] == 2)
            #expect(refused["errmsg"] == "cannot set maxTimeMS on getMore command for a non-awaitData cursor")
            #expect(await engine.batch(["getMore": .int64(id), "collection": "n"]).count == 298)
        }
    }

    @Test("the maxTimeMS of a find is used up by its further batches too")
    func remainingTime() async throws {
        try await withEngine { engine in
            await Self.fill(engine)
            let id = try await Self.open(engine, ["find": "n", "batchSize": 2, "maxTimeMS": 100_000])
            let more: BSONDocument = ["getMore": .int64(id), "collection": "n", "batchSize": 2]
            #expect(await engine.batch(more).count == 2)
            let cursor = try engine.engine.cursors.checkOut(id)
            let left = try #require(cursor.work.state.timeLeft)
            #expect(left > .zero && left < .seconds(100))
            cursor.work.state.timeLeft = .zero
            engine.engine.cursors.checkIn(cursor)
            #expect(await engine.run(more)["code"] == 50)
            #expect(await engine.run(more)["code"] == 43)
        }
    }

    @Test("$$NOW is one instant in all batches, also for what a getMore plans anew")
    func now() async throws {
        try await withEngine { engine in
            await Self.fill(engine)
            await engine.run(["insert": "log", "documents": [["_id": 1]]])
            let lookup: BSONDocument = [
                "from": "log", "as": "at", "pipeline": [["$match": ["$expr": ["$lt": ["$_id", "$$NOW"]]]]],
            ]
            let id = try await Self.open(
                engine,
                [
                    "aggregate": "n", "cursor": ["batchSize": 1],
                    "pipeline": [["$addFields": ["now": "$$NOW"]], ["$lookup": .document(lookup)]],
                ])
            let cursor = try engine.engine.cursors.checkOut(id)
            engine.engine.cursors.checkIn(cursor)
            while BSONDate.now == cursor.now { await Task.yield() }
            let rest = await engine.batch(["getMore": .int64(id), "collection": "n"])
            #expect(rest.count == 299)
            #expect(rest.allSatisfy { $0["now"] == .date(cursor.now) && $0["at"]?.array?.count == 1 })
        }
    }
}
