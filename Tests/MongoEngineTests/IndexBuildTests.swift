import BSON
import Foundation
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Building indexes beside reads and writes")
struct IndexBuildTests {
    private static let unique: BSONDocument = [
        "createIndexes": "n", "indexes": [["key": ["a": 1], "name": "a_1", "unique": true]],
    ]

    private static func insert(_ engine: TestEngine, _ range: Range<Int>) async {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1000) {
            let part = start..<min(start + 1000, range.upperBound)
            let documents = part.map { BSONValue.document(["_id": .int($0), "a": .int($0)]) }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
        }
    }

    private static func indexes(_ engine: TestEngine) -> [IndexDefinition] {
        engine.engine.catalog.current.collection("test", "n")?.indexes ?? []
    }

    private static func isBuilding(_ engine: TestEngine) -> Bool {
        indexes(engine).contains { $0.state == .building }
    }

    /// Runs a build that does `pause` before each of its batches.
    private static func build(
        _ engine: TestEngine, cancellation: CancellationFlag? = nil, _ pause: @escaping @Sendable () async -> Void
    ) async throws -> BSONDocument {
        let command = MongoCommand(unique, database: "test")
        var invocation = Invocation(command, CommandContext(connection: engine.connection))
        invocation.limits.cancellation = cancellation
        let specification = try IndexSpecification.parse(["key": ["a": 1], "unique": true])
        return try await IndexBuild(engine.engine, invocation, "n", [specification], pause: pause).run()
    }

    /// Puts an index into the catalog as a build's first step does.
    private static func beginBuild(_ engine: TestEngine, _ specification: BSONDocument) async throws -> TableID {
        try await engine.engine.catalog.write(durability: .buffered) { writer, draft in
            let collection = try #require(draft.snapshot.collection("test", "n"))
            let table = try writer.createIndexTable(unique: true)
            let index = IndexDefinition(
                specification: try IndexSpecification.parse(specification), table: table, state: .building)
            draft.set(collection.with(indexes: collection.indexes + [index]))
            return table
        }
    }

    @Test("writes and reads go on during a build, and the finished index holds what they left")
    func concurrent() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<20_000)
            let rounds = Counter()
            let reply = try await Self.build(engine) {
                #expect(Self.isBuilding(engine))
                for step in 0..<10 {
                    let low = rounds.value * 20 + step * 2
                    let inserted: BSONValue = ["_id": .int(20_000 + low), "a": .int(20_000 + low)]
                    #expect(await engine.run(["insert": "n", "documents": [inserted]])["n"] == 1)
                    let updates: BSONValue = [["q": ["_id": .int(low + 1)], "u": ["$inc": ["a": 1_000_000]]]]
                    #expect(await engine.run(["update": "n", "updates": updates])["nModified"] == 1)
                    let deletes: BSONValue = [["q": ["_id": .int(19_999 - low)], "limit": 1]]
                    #expect(await engine.run(["delete": "n", "deletes": deletes])["n"] == 1)
                }
                let explained = await engine.run(["explain": ["find": "n", "filter": ["a": 5]]])
                #expect(explained[path: "queryPlanner.winningPlan"]?.document?["stage"] == "COLLSCAN")
                rounds.increment()
            }
            #expect(reply["ok"] == 1.0 && reply["numIndexesAfter"] == 2, "\(reply)")
            #expect(rounds.value > 1)
            let scanned = await engine.run([
                "find": "n", "sort": ["a": 1], "hint": ["$natural": 1], "batchSize": 99_999,
            ])
            let indexed = await engine.run(["find": "n", "sort": ["a": 1], "hint": "a_1", "batchSize": 99_999])
            let expected = scanned["cursor"]?.document?["firstBatch"]?.array?.compactMap { $0.document?["_id"]?.int }
            #expect((expected?.count ?? 0) > 10_000)
            #expect(
                indexed["cursor"]?.document?["firstBatch"]?.array?.compactMap { $0.document?["_id"]?.int } == expected)
            let table = try #require(Self.indexes(engine).last).table
            #expect(try engine.engine.storage.read { try $0.count(table) } == expected?.count)
        }
    }

    @Test("a duplicate that is found late takes the whole build back")
    func duplicates() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<3_000)
            await engine.run(["insert": "n", "documents": [["_id": 5_000, "a": 7]]])
            let reply = await engine.run([
                "createIndexes": "n",
                "indexes": [["key": ["b": 1], "name": "b_1"], ["key": ["a": 1], "name": "a_1", "unique": true]],
            ])
            #expect(reply["code"] == 11000 && reply["keyPattern"] == ["a": 1] && reply["keyValue"] == ["a": 7])
            let message = reply["errmsg"]?.string ?? ""
            #expect(message.hasPrefix("Index build failed: ") && message.contains(": Collection test.n ( "))
            #expect(
                message.hasSuffix(
                    ":: caused by :: E11000 duplicate key error collection: test.n index: a_1 dup key: { a: 7 }"))
            #expect(await engine.batch(["listIndexes": "n"]).map { $0["name"] } == ["_id_"])
            let orphans = try engine.engine.storage.read { try $0.allMetadata(prefix: CatalogDraft.orphanPrefix) }
            #expect(orphans.isEmpty)
            await engine.run(["delete": "n", "deletes": [["q": ["_id": 5_000], "limit": 1]]])
            #expect(await engine.run(Self.unique)["ok"] == 1.0)
            let refused = await engine.run(["insert": "n", "documents": [["_id": 5_000, "a": 7]]])
            #expect(refused["writeErrors"]?.array?[0]?.document?["code"] == 11000)
        }
    }

    @Test("a write that brings a duplicate during a build succeeds, and the index is lost")
    func duplicateWritten() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<10)
            let error = await #expect(throws: MongoError.self) {
                try await Self.build(engine) {
                    #expect(await engine.run(["insert": "n", "documents": [["_id": 20, "a": 20]]])["n"] == 1)
                    #expect(Self.isBuilding(engine))
                    let second = await engine.run(["insert": "n", "documents": [["_id": 21, "a": 20]]])
                    #expect(second["n"] == 1 && second["writeErrors"] == nil)
                    #expect(await engine.run(["find": "n", "hint": "a_1"])["code"] == 2)
                }
            }
            #expect(error?.code == .duplicateKey)
            let reason = "E11000 duplicate key error collection: test.n index: a_1 dup key: { a: 20 }"
            #expect(error?.message.hasSuffix(reason) == true)
            #expect(await engine.batch(["listIndexes": "n"]).count == 1)
            #expect(await engine.run(["count": "n"])["n"] == 12)
        }
    }

    @Test("dropping the index or its collection ends the build", arguments: [true, false])
    func dropped(collection: Bool) async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<10)
            let error = await #expect(throws: MongoError.self) {
                try await Self.build(engine) {
                    await engine.run(collection ? ["drop": "n"] : ["dropIndexes": "n", "index": "a_1"])
                }
            }
            #expect(error?.code == .indexBuildAborted && error?.code?.description == "IndexBuildAborted")
            #expect(await engine.batch(["listIndexes": "n"]).count == (collection ? 0 : 1))
        }
    }

    @Test("cancelling a build leaves nothing of it")
    func cancelled() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<10)
            let flag = CancellationFlag()
            let error = await #expect(throws: MongoError.self) {
                try await Self.build(engine, cancellation: flag) { flag.cancel() }
            }
            #expect(error?.code == .interrupted)
            #expect(await engine.batch(["listIndexes": "n"]).count == 1)
        }
    }

    @Test("two commands for one index give one index, and both wait until it is there")
    func twice() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<5_000)
            async let first = engine.run(Self.unique)
            async let second = engine.run(Self.unique)
            let replies = await [first, second]
            #expect(replies.allSatisfy { $0["ok"] == 1.0 && $0["numIndexesAfter"] == 2 }, "\(replies)")
            #expect(replies.filter { $0["note"] == "all indexes already exist" }.count == 1)
        }
    }

    @Test("an index whose build was cut short by a crash is gone when the file is opened again")
    func crash() async throws {
        let directory = try TestDirectory()
        let location = EngineConfiguration.Location.file(directory.database)
        let table = try await withEngine(location) { engine in
            await Self.insert(engine, 0..<10)
            return try await Self.beginBuild(engine, ["key": ["a": 1], "unique": true])
        }
        try await withEngine(location) { engine in
            #expect(await engine.batch(["listIndexes": "n"]).map { $0["name"] } == ["_id_"])
            let error = #expect(throws: StorageError.self) {
                try engine.engine.storage.read { _ = try $0.count(table) }
            }
            #expect(error?.kind == .missing)
            #expect(await engine.run(Self.unique)["numIndexesAfter"] == 2)
        }
    }
}
