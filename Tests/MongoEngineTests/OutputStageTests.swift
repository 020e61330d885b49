import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Pipelines that write")
struct OutputStageTests {
    private static let source: [BSONDocument] = [["_id": 1, "k": "a", "n": 1], ["_id": 2, "k": "b", "n": 2]]
    private static let target: [BSONDocument] = [["_id": 2, "k": "b", "old": true], ["_id": 3, "k": "c"]]

    /// What a stage makes of the target: the documents in the order of their ids, or the code of its error.
    private func outcome(_ stage: BSONValue) async throws -> (documents: [BSONDocument], code: Int?) {
        try await withEngine { test in
            func insert(_ name: BSONValue, _ documents: [BSONDocument]) async {
                await test.run(["insert": name, "documents": .array(BSONArray(documents.map { .document($0) }))])
            }
            await insert("source", Self.source)
            await insert("target", Self.target)
            await test.run([
                "createIndexes": "target", "indexes": [["key": ["k": 1], "name": "k_1", "unique": true]],
            ])
            let reply = await test.run(["aggregate": "source", "pipeline": [stage], "cursor": [:]])
            let documents = await test.batch(["find": "target", "sort": ["_id": 1]])
            let names = await test.batch(["listCollections": 1]).compactMap { $0["name"]?.string }
            #expect(names.sorted() == ["source", "target"], "nothing is left over")
            let indexes = await test.batch(["listIndexes": "target"])
            #expect(indexes.count == 2, "the target keeps its indexes")
            return (documents, reply["code"]?.int)
        }
    }

    private func merged(_ fields: BSONDocument) async throws -> [BSONDocument] {
        let stage = BSONDocument(fields: [("into", "target")] + fields.map { ($0.key, $0.value) })
        let outcome = try await outcome(["$merge": .document(stage)])
        #expect(outcome.code == nil, "\(fields)")
        return outcome.documents
    }

    @Test("$out puts its documents in the place of the collection")
    func out() async throws {
        let outcome = try await outcome(["$out": "target"])
        #expect(outcome.documents == Self.source)
        #expect(outcome.code == nil)
    }

    @Test("$merge in each of its modes")
    func merge() async throws {
        let (one, two, three) = (Self.source[0], Self.source[1], Self.target[1])
        let both: BSONDocument = ["_id": 2, "k": "b", "old": true, "n": 2]
        #expect(try await merged([:]) == [one, both, three])
        #expect(try await merged(["on": "k"]) == [one, both, three])
        #expect(try await merged(["whenMatched": "replace"]) == [one, two, three])
        #expect(try await merged(["whenMatched": "keepExisting"]) == [one] + Self.target)
        #expect(try await merged(["whenNotMatched": "discard"]) == [both, three])
        let pipeline: BSONDocument = ["whenMatched": [["$set": ["sum": ["$add": ["$_id", "$$new.n"]]]]]]
        #expect(try await merged(pipeline) == [one, ["_id": 2, "k": "b", "old": true, "sum": 4], three])
    }

    @Test("What goes wrong has MongoDB's codes")
    func failures() async throws {
        let found = try await outcome(["$merge": ["into": "target", "whenMatched": "fail"]])
        #expect(found.code == 11000)
        let missing = try await outcome(["$merge": ["into": "target", "whenNotMatched": "fail"]])
        #expect(missing.code == 13113)
        #expect(missing.documents == Self.target)
        #expect(try await outcome(["$merge": ["into": "target", "on": "n"]]).code == 51183)
        #expect(try await outcome(["$out": "a$b"]).code == 73)
    }

    @Test("A failed $out leaves the collection as it was")
    func failedOut() async throws {
        try await withEngine { test in
            await test.run(["insert": "target", "documents": [["_id": 1]]])
            await test.run(["insert": "source", "documents": [["_id": 5, "a": 1]]])
            let reply = await test.run([
                "aggregate": "source", "pipeline": [["$set": ["_id": [1, 2]]], ["$out": "target"]], "cursor": [:],
            ])
            #expect(reply["code"] == 53)
            #expect(await test.batch(["find": "target"]) == [["_id": 1]])
            #expect(await test.batch(["listCollections": 1]).count == 2)
        }
    }
}
