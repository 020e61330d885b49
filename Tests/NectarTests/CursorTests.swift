import BSON
import ClientFixture
import MongoProtocol
import Nectar
import Testing

@Suite("Cursors")
struct CursorTests {
    private func withNumbers(
        on deployment: TestDeployment, _ body: (MongoClient, MongoCollection) async throws -> Void
    ) async throws {
        try await withTestClient(on: deployment) { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<250).map { ["_id": .int($0)] })
            try await body(client, numbers)
        }
    }

    private func openCursors(_ client: MongoClient) async throws -> Int? {
        try await client["admin"].runCommand(["serverStatus": 1])[path: "metrics.cursor.open.total"]?.int
    }

    @Test("All documents come, whatever the batches' size", arguments: TestDeployment.allCases, [1, 7, 249, 250, 251])
    func batches(on deployment: TestDeployment, size: Int) async throws {
        try await withNumbers(on: deployment) { client, numbers in
            var seen: [Int] = []
            for try await document in numbers.find().sort(["_id": 1]).batchSize(size) {
                seen.append(document["_id"]?.int ?? -1)
            }
            #expect(seen == Array(0..<250))
            #expect(try await openCursors(client) == 0)
        }
    }

    @Test("A pipeline's results come in batches too", arguments: TestDeployment.allCases)
    func aggregateBatches(on deployment: TestDeployment) async throws {
        try await withNumbers(on: deployment) { _, numbers in
            let stages: [BSONDocument] = [["$match": ["_id": ["$lt": 100]]], ["$sort": ["_id": -1]]]
            let found = try await numbers.aggregate(stages, batchSize: 9).toArray()
            #expect(found.count == 100 && found.first?["_id"] == 99)
        }
    }

    @Test("A loop that ends early closes its cursor on the server", arguments: TestDeployment.allCases)
    func earlyExit(on deployment: TestDeployment) async throws {
        try await withNumbers(on: deployment) { client, numbers in
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

    @Test("A closed cursor gives nothing more and is gone from the server", arguments: TestDeployment.allCases)
    func close(on deployment: TestDeployment) async throws {
        try await withNumbers(on: deployment) { client, numbers in
            let cursor = try await numbers.find().batchSize(10).cursor()
            _ = try await cursor.next()
            #expect(try await openCursors(client) == 1)
            await cursor.close()
            #expect(try await openCursors(client) == 0)
            #expect(try await cursor.next() == nil)
        }
    }

    @Test("A cancelled task's cursor throws and is closed", arguments: TestDeployment.allCases)
    func cancellation(on deployment: TestDeployment) async throws {
        try await withNumbers(on: deployment) { client, numbers in
            let cursor = try await numbers.find().batchSize(10).cursor()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await cursor.toArray().count
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await openCursors(client) == 0)
        }
    }

    @Test("Tasks that share a cursor get each document once", arguments: TestDeployment.allCases)
    func sharedCursor(on deployment: TestDeployment) async throws {
        try await withNumbers(on: deployment) { client, numbers in
            let cursor = try await numbers.find().batchSize(3).cursor()
            let seen = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 { group.addTask { try await cursor.toArray().compactMap { $0["_id"]?.int } } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(seen.sorted() == Array(0..<250))
        }
    }

    @Test("A cursor that is closed while its batch is on the way stays closed")
    func closeDuringFetch() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let deployment = ScriptedDeployment { operation in
            switch operation.command.name {
            case "find": return ScriptedDeployment.batch("firstBatch", [], id: 7)
            case "getMore":
                start.finish()
                for await _ in released {}
                return ScriptedDeployment.batch("nextBatch", [["_id": 1]], id: 7)
            default: return ["ok": 1.0]
            }
        }
        let cursor = try await MongoClient(deployment: deployment)["test"]["x"].find().cursor()
        let reader = Task { try await cursor.next() }
        for await _ in started {}
        await cursor.close()
        release.finish()
        #expect(try await reader.value == nil)
        #expect(try await cursor.next() == nil)
        #expect(deployment.commands == ["find", "getMore", "killCursors"])
    }

    @Test("A batch that does not come in time leaves no cursor on the server")
    func lateBatch() async throws {
        let deployment = ScriptedDeployment { operation in
            switch operation.command.name {
            case "find": return ScriptedDeployment.batch("firstBatch", [], id: 7)
            case "getMore": throw MongoError(.timeout, "too late")
            default: return ["ok": 1.0]
            }
        }
        let cursor = try await MongoClient(deployment: deployment)["test"]["x"].find().cursor()
        #expect(await mongoError { _ = try await cursor.next() }?.kind == .timeout)
        #expect(try await cursor.next() == nil)
        #expect(deployment.commands == ["find", "getMore", "killCursors"])
        #expect(deployment.seen.last?.command.body["cursors"] == [.int64(7)])
    }

    @Test("A task that waits for another one's batch can be cancelled")
    func cancelledWaiter() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let deployment = ScriptedDeployment { operation in
            guard operation.command.name == "getMore" else {
                return ScriptedDeployment.batch("firstBatch", [], id: 7)
            }
            start.finish()
            for await _ in released {}
            return ScriptedDeployment.batch("nextBatch", [["_id": 1]], id: 0)
        }
        let cursor = try await MongoClient(deployment: deployment)["test"]["x"].find().cursor()
        let reader = Task { try await cursor.next() }
        for await _ in started {}
        let waiter = Task { try await cursor.next() }
        await Task.yield()
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        release.finish()
        #expect(try await reader.value == ["_id": 1])
    }

    @Test("Every command of a cursor and of a GridFS file bears its collection's or bucket's time limit")
    func timeLimits() async throws {
        let file: BSONDocument = ["_id": 1, "length": 2, "chunkSize": 1]
        let chunks: [BSONDocument] = [0, 1].map { n in
            ["n": .int(n), "data": .binary(BSONBinary(bytes: [UInt8(n)]))]
        }
        let deployment = ScriptedDeployment { operation in
            switch (operation.command.name, operation.command.body["find"]?.string) {
            case ("find", "fs.files"): ScriptedDeployment.batch("firstBatch", [file], id: 0)
            case ("find", _): ScriptedDeployment.batch("firstBatch", [chunks[0]], id: 7)
            case ("getMore", _): ScriptedDeployment.batch("nextBatch", [chunks[1]], id: 0)
            default: ["ok": 1.0, "n": 1]
            }
        }
        let database = MongoClient(deployment: deployment)["test"]
        _ = try await database["x"].with(timeout: .seconds(9)).find().toArray()
        let bucket = database.gridFSBucket().with(timeout: .seconds(9))
        #expect(try await bucket.download(id: 1) == [0, 1])
        try await bucket.upload(id: 2, filename: "a", bytes: [1])
        let unlimited = deployment.seen.filter { $0.deadline == nil }.map(\.command.name)
        #expect(unlimited.isEmpty && deployment.commands.contains("getMore"))
    }

    @Test("A cursor gives what is sound of an unchecked batch, and an error where a document is not")
    func uncheckedBatches() async throws {
        var bytes = (["text": "é"] as BSONDocument).bytes
        let place = try #require(bytes.firstIndex(of: 0xC3))
        bytes[place] = 0xFF
        let broken = BSONDocument(adopting: bytes.withUnsafeBytes { BSONBuffer(copying: $0) })
        let deployment = ScriptedDeployment(checksBatches: false) { operation in
            switch operation.command.name {
            case "find": ScriptedDeployment.batch("firstBatch", [["text": "a"], broken, ["text": "b"]], id: 0)
            default: ["ok": 1]
            }
        }
        let texts = MongoClient(deployment: deployment)["test"]["texts"]
        func isCorrupt(_ error: any Error) -> Bool { (error as? MongoError)?.kind == .corruptData }
        let cursor = try await texts.find().cursor()
        #expect(try await cursor.next() == ["text": "a"])
        await #expect { try await cursor.next() } throws: { isCorrupt($0) }
        #expect(try await cursor.next() == ["text": "b"])
        await #expect { try await texts.find().toArray() } throws: { isCorrupt($0) }
        var seen: [BSONDocument] = []
        await #expect {
            for try await text in texts.find() { seen.append(text) }
        } throws: { isCorrupt($0) }
        #expect(seen == [["text": "a"]])
        #expect(try await texts.findOne() == ["text": "a"])
    }
}
