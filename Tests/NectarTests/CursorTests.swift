import Nectar
import Testing

@Suite("Cursors")
struct CursorTests {
    private func withNumbers(_ body: (MongoClient, MongoCollection) async throws -> Void) async throws {
        try await withTestClient { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<250).map { ["_id": .int($0)] })
            try await body(client, numbers)
        }
    }

    private func openCursors(_ client: MongoClient) async throws -> Int? {
        try await client["admin"].runCommand(["serverStatus": 1])[path: "metrics.cursor.open.total"]?.int
    }

    @Test("All documents come, whatever the batches' size", arguments: [1, 7, 249, 250, 251])
    func batches(size: Int) async throws {
        try await withNumbers { client, numbers in
            var seen: [Int] = []
            for try await document in numbers.find().sort(["_id": 1]).batchSize(size) {
                seen.append(document["_id"]?.int ?? -1)
            }
            #expect(seen == Array(0..<250))
            #expect(try await openCursors(client) == 0)
        }
    }

    @Test("A pipeline's results come in batches too")
    func aggregateBatches() async throws {
        try await withNumbers { _, numbers in
            let stages: [BSONDocument] = [["$match": ["_id": ["$lt": 100]]], ["$sort": ["_id": -1]]]
            let found = try await numbers.aggregate(stages, batchSize: 9).toArray()
            #expect(found.count == 100 && found.first?["_id"] == 99)
        }
    }

    @Test("A loop that ends early closes its cursor on the server")
    func earlyExit() async throws {
        try await withNumbers { client, numbers in
            for try await document in numbers.find().batchSize(10) where document["_id"] == 5 { break }
            // The cursor closes itself in a task of its own, which needs a few turns.
            var open = try await openCursors(client)
            for _ in 0..<1000 where open != 0 {
                await Task.yield()
                open = try await openCursors(client)
            }
            #expect(open == 0)
        }
    }

    @Test("A closed cursor gives nothing more and is gone from the server")
    func close() async throws {
        try await withNumbers { client, numbers in
            let cursor = try await numbers.find().batchSize(10).cursor()
            _ = try await cursor.next()
            #expect(try await openCursors(client) == 1)
            await cursor.close()
            #expect(try await openCursors(client) == 0)
            #expect(try await cursor.next() == nil)
        }
    }

    @Test("A cancelled task's cursor throws and is closed")
    func cancellation() async throws {
        try await withNumbers { client, numbers in
            let cursor = try await numbers.find().batchSize(10).cursor()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await cursor.toArray().count
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await openCursors(client) == 0)
        }
    }
}
