import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Joins with other collections")
struct LookupTests {
    private static let people: [BSONDocument] = [
        ["_id": 1, "name": "Ada"], ["_id": 2, "name": "Bob", "boss": "Ada"], ["_id": 3, "name": "Cyd", "boss": "Bob"],
    ]
    private static let books: [BSONDocument] = [
        ["_id": 10, "by": "Ada", "n": 3], ["_id": 11, "by": ["Ada", "Bob"], "n": 7], ["_id": 12, "n": 9],
    ]

    private func results(
        _ stages: [BSONValue], from collection: BSONValue = "people", variables: BSONDocument = [:]
    ) async throws -> [BSONDocument] {
        try await withEngine { test in
            await test.run(["insert": "people", "documents": .array(BSONArray(Self.people.map { .document($0) }))])
            await test.run(["insert": "books", "documents": .array(BSONArray(Self.books.map { .document($0) }))])
            return await test.batch([
                "aggregate": collection, "pipeline": .array(BSONArray(stages)), "cursor": [:],
                "let": .document(variables),
            ])
        }
    }

    @Test("By two fields, elements of arrays counting each; missing is null's equal")
    func fields() async throws {
        let found = try await results([
            ["$lookup": ["from": "books", "localField": "boss", "foreignField": "by", "as": "b"]],
            ["$project": ["b._id": 1]],
        ])
        #expect(
            found == [
                ["_id": 1, "b": [["_id": 12]]], ["_id": 2, "b": [["_id": 10], ["_id": 11]]],
                ["_id": 3, "b": [["_id": 11]]],
            ])
    }

    @Test("By a pipeline with variables, in any stage and in pipelines inside it")
    func variables() async throws {
        let inner: BSONValue = [
            "$lookup": [
                "from": "people", "let": ["m": "$n"],
                "pipeline": [
                    ["$match": ["$expr": ["$and": [["$eq": ["$name", "$$who"]], ["$gt": ["$$m", "$$least"]]]]]],
                    ["$project": ["_id": 0, "x": "$$m"]],
                ], "as": "p",
            ]
        ]
        let found = try await results(
            [
                ["$match": ["_id": 1]],
                [
                    "$lookup": [
                        "from": "books", "let": ["who": "$name"],
                        "pipeline": [["$sort": ["_id": 1]], ["$match": ["$expr": ["$in": ["$$who", "$by"]]]], inner],
                        "as": "b",
                    ]
                ],
            ], variables: ["least": 3])
        // "by" is no array in the first book, so $in fails there: the command gives nothing.
        #expect(found.isEmpty)
        let sound = try await results(
            [
                ["$match": ["_id": 1]],
                [
                    "$lookup": [
                        "from": "books", "let": ["who": "$name"],
                        "pipeline": [["$match": ["$expr": ["$lt": [1, "$n"]]]], inner, ["$project": ["p": 1]]],
                        "as": "b",
                    ]
                ],
            ], variables: ["least": 3])
        let pairs: BSONValue = [
            ["_id": 10, "p": []], ["_id": 11, "p": [["x": 7]]], ["_id": 12, "p": [["x": 9]]],
        ]
        #expect(sound == [["_id": 1, "name": "Ada", "b": pairs]])
    }

    @Test("Every document is joined to the same where nothing depends on it")
    func constant() async throws {
        let found = try await results([
            ["$lookup": ["from": "books", "pipeline": [["$count": "n"]], "as": "b"]], ["$project": ["b": 1]],
        ])
        #expect(found == (1...3).map { ["_id": .int($0), "b": [["n": 3]]] })
    }

    @Test("Unions, documents from nowhere and searches along references")
    func others() async throws {
        let union = try await results([
            ["$project": ["_id": 1]], ["$unionWith": ["coll": "books", "pipeline": [["$match": ["n": 9]]]]],
            ["$project": ["_id": 1]],
        ])
        #expect(union == [["_id": 1], ["_id": 2], ["_id": 3], ["_id": 12]])
        #expect(try await results([["$documents": [["a": 1], ["a": 2]]]], from: 1) == [["a": 1], ["a": 2]])
        let graph = try await results([
            ["$match": ["_id": 3]],
            [
                "$graphLookup": [
                    "from": "people", "startWith": "$boss", "connectFromField": "boss", "connectToField": "name",
                    "as": "up", "depthField": "d",
                ]
            ], ["$project": ["up._id": 1, "up.d": 1]],
        ])
        #expect(graph == [["_id": 3, "up": [["_id": 1, "d": .int64(1)], ["_id": 2, "d": .int64(0)]]]])
    }

    @Test("A join of many with many leaves its thread in between, and its cursor goes on")
    func slices() async throws {
        try await withEngine { test in
            let many = BSONArray((0..<2_000).map { ["_id": .int($0), "k": .int($0 % 20)] })
            await test.run(["insert": "many", "documents": .array(many)])
            let join: BSONValue = ["$lookup": ["from": "many", "localField": "k", "foreignField": "k", "as": "j"]]
            let found = await test.batch([
                "aggregate": "many", "pipeline": [["$limit": 200], join, ["$project": ["n": ["$size": "$j"]]]],
                "cursor": ["batchSize": 1_000],
            ])
            #expect(found == (0..<200).map { ["_id": .int($0), "n": 100] })
        }
    }

    @Test("A command's let may use what stands before it, and no document")
    func commandLet() async throws {
        let found = try await results(
            [["$limit": 1], ["$project": ["_id": 0, "b": "$$b"]]], variables: ["a": 2, "b": ["$add": ["$$a", 3]]])
        #expect(found == [["b": 5]])
        try await withEngine { test in
            let reply = await test.run(["find": "people", "let": ["a": "$name"]])
            #expect(reply["code"] == 4_890_500)
        }
    }
}
