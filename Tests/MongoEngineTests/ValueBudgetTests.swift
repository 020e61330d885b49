import BSON
import MongoProtocol
import Testing

@Suite("What one expression may take")
struct ValueBudgetTests {
    private static let forty: BSONValue = ["$range": [0, 40]]

    private func run(_ engine: TestEngine, _ expression: BSONValue, maxTimeMS: Int = 60_000) async -> BSONDocument {
        await engine.run([
            "aggregate": "n", "pipeline": [["$project": ["r": expression]]], "cursor": [:],
            "maxTimeMS": .int(maxTimeMS),
        ])
    }

    private static func reduce(_ initial: BSONValue, _ body: BSONValue) -> BSONValue {
        ["$reduce": ["input": forty, "initialValue": initial, "in": body]]
    }

    /// Large from the start, so that a few turns are enough.
    private static let text: BSONValue = .string(String(repeating: "x", count: 1_000_000))

    private static let run: BSONValue = .string(String(repeating: "x", count: 50_000))

    private static let growing: [BSONValue] = [
        reduce(text, ["$concat": ["$$value", "$$value"]]),
        reduce([text], ["$concatArrays": ["$$value", "$$value"]]),
        reduce([text], ["$setUnion": ["$$value", [["$$value", "$$value"]]]]),
        reduce("x", ["$replaceAll": ["input": "$$value", "find": "x", "replacement": run]]),
        reduce("x", ["$replaceAll": ["input": "$$value", "find": "", "replacement": run]]),
        reduce(text, ["a": "$$value", "b": "$$value"]),
        reduce(text, ["$zip": ["inputs": [["$$value"], ["$$value"]]]]),
        ["$map": ["input": ["$range": [0, 100]], "in": text]],
    ]

    @Test("a value that grows without end is an error, and the engine goes on", arguments: growing)
    func growth(expression: BSONValue) async throws {
        try await withEngine { engine in
            await engine.run(["insert": "n", "documents": [["_id": 1]]])
            let reply = await run(engine, ["$size": ["$objectToArray": ["v": expression]]])
            #expect(reply["code"] == 146, "\(reply)")
            #expect(await engine.batch(["find": "n"]).count == 1)
        }
    }

    @Test("a loop inside one expression ends with the command's time", arguments: ["$map", "$filter"])
    func time(name: String) async throws {
        let inner: BSONDocument = [
            "input": ["$range": [0, 100_000]], "initialValue": 0, "in": ["$add": ["$$value", 1]],
        ]
        let body: BSONValue = ["$reduce": .document(inner)]
        let part = name == "$map" ? "in" : "cond"
        let loop: BSONDocument = ["input": ["$range": [0, 100_000]], part: body]
        try await withEngine { engine in
            await engine.run(["insert": "n", "documents": [["_id": 1]]])
            let reply = await run(engine, .document([name: .document(loop)]), maxTimeMS: 50)
            #expect(reply["code"] == 50, "\(reply)")
        }
    }

    @Test("an array is unwound in its field's place, and each element's document is as small as it looks")
    func unwinding() async throws {
        try await withEngine { engine in
            let numbers: BSONValue = .array(BSONArray((0..<20_000).map { .int32($0) }))
            await engine.run(["insert": "n", "documents": [["_id": 1, "a": ["b": numbers, "c": 1], "d": 2]]])
            let found = await engine.run([
                "aggregate": "n", "pipeline": [["$unwind": "$a.b"], ["$skip": 19_998]], "cursor": [:],
            ])
            let expected: [BSONValue] = (19_998..<20_000).map { number in
                ["_id": 1, "a": ["b": .int32(number), "c": 1], "d": 2]
            }
            #expect(found["cursor"]?.document?["firstBatch"] == .array(BSONArray(expected)))
        }
    }

    @Test("rows that are dear each end with the command's time too")
    func dearRows() async throws {
        try await withEngine { engine in
            let documents: [BSONValue] = (0..<3000).map { ["_id": .int32($0)] }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
            let join: BSONDocument = ["$lookup": ["from": "n", "pipeline": [], "as": "x"]]
            let reply = await engine.run([
                "aggregate": "n", "pipeline": [.document(join), ["$unwind": "$x"], ["$count": "n"]], "cursor": [:],
                "maxTimeMS": 200,
            ])
            #expect(reply["code"] == 50, "\(reply)")
        }
    }
}
