import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

/// A pipeline over a few documents.
struct PipelineCase: Sendable, CustomTestStringConvertible {
    let stages: [BSONValue]
    let input: [BSONDocument]
    let expected: [BSONDocument]
    var testDescription: String { "\(stages)" }

    init(_ stages: [BSONValue], _ input: [BSONDocument], _ expected: [BSONDocument]) {
        self.stages = stages
        self.input = input
        self.expected = expected
    }
}

/// Gives its documents one at a time with a pause before each, as a scan at the end of its slices does.
private final class HaltingSource: DocumentSource {
    private var documents: [BSONDocument]
    private var isPaused = false
    init(_ documents: [BSONDocument]) { self.documents = documents.reversed() }
    func next(_ context: ExecutionContext) -> Step {
        isPaused.toggle()
        if isPaused { return .pause }
        return documents.popLast().map { .document($0) } ?? .end
    }
}

@Suite("Pipelines")
struct AggregationTests {
    func run(_ stages: [BSONValue], _ input: [BSONDocument]) async throws -> [BSONDocument] {
        let pipeline = try Pipeline.compile(BSONArray(stages), now: BSONDate(millisecondsSince1970: 0))
        let fixture = try await PlannerFixture([], indexes: [])
        let source = pipeline.makeSource(over: HaltingSource(input))
        return try fixture.slice { context in
            var found: [BSONDocument] = []
            while true {
                switch try source.next(context) {
                case .document(let document): found.append(document)
                case .pause: continue
                case .end: return found
                }
            }
        }
    }

    static let sales: [BSONDocument] = [
        ["_id": 1, "k": "a", "n": 1], ["_id": 2, "k": "b", "n": 2.5], ["_id": 3, "k": "a", "n": .int64(3)],
        ["_id": 4, "n": "x"],
    ]
    static let groups: [PipelineCase] = [
        .init(
            [["$group": ["_id": "$k", "s": ["$sum": "$n"], "a": ["$avg": "$n"]]], ["$sort": ["_id": 1]]], sales,
            [
                ["_id": .null, "s": 0, "a": .null], ["_id": "a", "s": .int64(4), "a": 2.0],
                ["_id": "b", "s": 2.5, "a": 2.5],
            ]),
        .init(
            [["$group": ["_id": .null, "f": ["$first": "$n"], "l": ["$last": "$n"], "c": ["$count": [:]]]]], sales,
            [["_id": .null, "f": 1, "l": "x", "c": 4]]),
        .init(
            [["$group": ["_id": ["k": "$k"], "p": ["$push": "$_id"]]], ["$sort": ["p": 1]]], sales,
            [["_id": ["k": "a"], "p": [1, 3]], ["_id": ["k": "b"], "p": [2]], ["_id": [:], "p": [4]]]),
        .init(
            [["$group": ["_id": 1, "m": ["$max": "$n"], "s": ["$addToSet": "$k"]]]], sales,
            [["_id": 1, "m": "x", "s": ["a", "b"]]]),
        .init([["$sortByCount": "$k"], ["$limit": 1]], sales, [["_id": "a", "count": 2]]),
        .init([["$group": ["_id": "$z"]]], [["z": 1], ["z": 1.0], ["z": .int64(1)]], [["_id": 1]]),
    ]
    static let shapes: [PipelineCase] = [
        .init([["$project": ["k": 1]]], [["_id": 1, "k": 2, "n": 3]], [["_id": 1, "k": 2]]),
        .init([["$project": ["_id": 0, "a.b": 1]]], [["_id": 1, "a": [["b": 1, "c": 2], 3]]], [["a": [["b": 1]]]]),
        .init([["$project": ["a.b": 0]]], [["a": [["b": 1, "c": 2], 3]]], [["a": [["c": 2], 3]]]),
        .init([["$project": ["_id": 0, "t": ["$add": ["$x", 1]]]]], [["_id": 1, "x": 1]], [["t": 2]]),
        .init(
            [["$addFields": ["a.b": 1, "x": "$$REMOVE"]]], [["x": 1, "a": [["c": 1], 2]]],
            [["a": [["c": 1, "b": 1], ["b": 1]]]]),
        .init([["$set": ["x": "$y"]]], [["x": 1, "y": 2, "z": 3]], [["x": 2, "y": 2, "z": 3]]),
        .init([["$unset": ["a.b", "c"]]], [["a": ["b": 1, "d": 2], "c": 3]], [["a": ["d": 2]]]),
        .init([["$replaceRoot": ["newRoot": "$a"]]], [["a": ["b": 1]]], [["b": 1]]),
        .init([["$count": "n"]], [[:], [:]], [["n": 2]]), .init([["$count": "n"]], [], []),
        .init([["$skip": 1], ["$limit": 1]], [["i": 1], ["i": 2], ["i": 3]], [["i": 2]]),
        .init(
            [["$facet": ["a": [["$count": "n"]], "b": [["$match": ["i": 2]]]]]], [["i": 1], ["i": 2]],
            [["a": [["n": 2]], "b": [["i": 2]]]]),
    ]
    static let rows: [PipelineCase] = [
        .init(
            [["$unwind": "$a"]], [["i": 1, "a": [1, 2]], ["i": 2, "a": []], ["i": 3], ["i": 4, "a": 5]],
            [["i": 1, "a": 1], ["i": 1, "a": 2], ["i": 4, "a": 5]]),
        .init(
            [["$unwind": ["path": "$a", "includeArrayIndex": "p", "preserveNullAndEmptyArrays": true]]],
            [["a": [7]], ["a": []], ["i": 3]], [["a": 7, "p": .int64(0)], ["p": .null], ["i": 3, "p": .null]]),
        .init(
            [["$sort": ["a": -1]], ["$limit": 2]], [["a": 1], ["a": [0, 9]], ["a": "x"]], [["a": "x"], ["a": [0, 9]]]),
        .init([["$sort": ["a": 1]]], [["a": 1], ["b": 1], ["a": []]], [["a": []], ["b": 1], ["a": 1]]),
        .init([["$match": ["a": ["$gt": 1]]]], [["a": 1], ["a": 2]], [["a": 2]]),
    ]

    @Test("Pipelines give MongoDB's documents, whatever pauses come between", arguments: groups + shapes + rows)
    func results(_ test: PipelineCase) async throws {
        #expect(try await run(test.stages, test.input) == test.expected)
    }

    static let failures: [ExpressionFailure] = [
        .init(["$foo": 1], 40324), .init([:], 40323), .init(["$match": 1], 15959),
        .init(["$group": ["a": ["$sum": 1]]], 15955),
        .init(["$group": ["_id": 1, "a.b": ["$sum": 1]]], 40235), .init(["$group": ["_id": 1, "a": 1]], 40234),
        .init(["$group": ["_id": 1, "a": ["$foo": 1]]], 15952),
        .init(["$group": ["_id": 1, "a": ["$sum": [1, 2]]]], 40237),
        .init(["$limit": 0], 15958), .init(["$skip": -1], 5_107_200), .init(["$sort": [:]], 15976),
        .init(["$unwind": "a"], 28818),
        .init(["$count": "a.b"], 40160), .init(["$project": [:]], 51272), .init(["$project": ["a": 1, "b": 0]], 31254),
        .init(["$project": ["a": 1, "a.b": 1]], 31249), .init(["$addFields": ["a": ["$foo": 1]]], 168),
        .init(["$lookup": ["from": "x", "as": "y"]], 9), .init(["$out": 1], 16990),
    ]

    @Test("Malformed stages fail with MongoDB's codes", arguments: failures)
    func errors(_ test: ExpressionFailure) {
        let error = #expect(throws: MongoError.self) {
            try Pipeline.compile([test.expression], now: BSONDate(millisecondsSince1970: 0))
        }
        #expect(error?.code?.rawValue == test.code)
    }

    @Test("A match, a sort and a limit at the start are offered to the planner")
    func leading() throws {
        let pipeline = try Pipeline.compile(
            [["$match": ["a": 1]], ["$sort": ["b": 1]], ["$limit": 3], ["$count": "n"]],
            now: BSONDate(millisecondsSince1970: 0))
        #expect(pipeline.leadingMatch == ["a": 1])
        #expect(pipeline.leadingSort == ["b": 1])
        #expect(pipeline.leadingLimit == 3)
        #expect(pipeline.leadingSkip == 3)
    }

    @Test("Groups and sorts past the memory limit go to disk and come back whole")
    func spilling() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let input: [BSONDocument] = (0..<240).map { ["_id": .int((239 - $0) % 120), "t": .string(text)] }
        let counts = try await run(
            [
                ["$group": ["_id": "$_id", "t": ["$max": "$t"], "n": ["$sum": 1]]], ["$sort": ["_id": 1]],
                ["$unset": "t"],
            ], input)
        #expect(counts == (0..<120).map { ["_id": .int($0), "n": 2] })
    }
}
