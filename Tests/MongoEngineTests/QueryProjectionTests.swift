internal import BSON
internal import MongoProtocol
internal import Testing

@testable internal import MongoEngine

private struct ProjectionCase: Sendable, CustomStringConvertible {
    let projection: BSONDocument
    let filter: BSONDocument
    let expected: BSONDocument
    init(_ projection: BSONDocument, filter: BSONDocument = [:], _ expected: BSONDocument) {
        self.projection = projection
        self.filter = filter
        self.expected = expected
    }
    var description: String { projection.description }
}

private let input: BSONDocument = [
    "_id": 1, "a": 2, "b": ["x": 1, "y": 2], "c": [1, 2, 3, 4], "d": [["x": 1, "y": 1], 5, ["x": 2, "y": 2]],
]

private let projectionCases: [ProjectionCase] = [
    ProjectionCase([:], input),
    ProjectionCase(["a": 1], ["_id": 1, "a": 2]),
    ProjectionCase(["c": true, "a": 1, "_id": 0], ["a": 2, "c": [1, 2, 3, 4]]),
    ProjectionCase(["_id": 1], ["_id": 1]),
    ProjectionCase(["b": 0, "c": 0, "d": 0], ["_id": 1, "a": 2]),
    ProjectionCase(["_id": 0, "c": 0, "d": 0, "b.x": 0], ["a": 2, "b": ["y": 2]]),
    ProjectionCase(["b.y": 1, "d.x": 1], ["_id": 1, "b": ["y": 2], "d": [["x": 1], ["x": 2]]]),
    ProjectionCase(["b": ["y": 1], "a.z": 1], ["_id": 1, "b": ["y": 2]]),
    ProjectionCase(["c": ["$slice": 2], "a": 1], ["_id": 1, "a": 2, "c": [1, 2]]),
    ProjectionCase(["c": ["$slice": -1], "_id": 1, "a": 1], ["_id": 1, "a": 2, "c": [4]]),
    ProjectionCase(["c": ["$slice": [-3, 2]], "b": 0, "d": 0], ["_id": 1, "a": 2, "c": [2, 3]]),
    ProjectionCase(["c": ["$slice": [9, 2]], "a": 1], ["_id": 1, "a": 2, "c": []]),
    ProjectionCase(["c": ["$elemMatch": ["$gt": 2]]], ["_id": 1, "c": [3]]),
    ProjectionCase(["c": ["$elemMatch": ["$gt": 9]], "a": 1], ["_id": 1, "a": 2]),
    ProjectionCase(["c.$": 1], filter: ["c": ["$gte": 3]], ["_id": 1, "c": [3]]),
    ProjectionCase(["d.x.$": 1], filter: ["d.y": 2], ["_id": 1, "d": [["x": 2]]]),
    ProjectionCase(["s": ["$add": ["$a", 1]], "a": 1], ["_id": 1, "a": 2, "s": 3]),
    ProjectionCase(["z": "$b.y", "_id": 0], ["z": 2]),
]

@Test("A projection keeps, drops and computes fields as MongoDB does", arguments: projectionCases)
private func projecting(_ test: ProjectionCase) throws {
    let filter = try CompiledFilter.compile(test.filter, now: BSONDate(millisecondsSince1970: 0))
    let projection = try Projection.compile(test.projection, filter: filter)
    #expect(try projection.apply(input) == test.expected)
}

@Test(
    "A projection that is none is refused with MongoDB's code",
    arguments: [
        (["a": 1, "b": 0], 31254), (["a": 0, "b": 1], 31253), (["a": 1, "a.b": 1], 31249), (["a.b": 1, "a": 1], 31250),
        (["a": [:]], 51270), (["a.$": 1, "b.$": 1], 31276), (["a.$": 0], 31395), (["a.$.b": 1], 31394),
        (["a": ["$slice": [1, 0]]], 28724), (["a": ["$slice": "x"]], 28667), (["a": ["$elemMatch": 1]], 31274),
        (["a": 0, "b": ["$add": [1, 2]]], 31252), (["a.$": 1, "b": ["$elemMatch": ["x": 1]]], 31256),
    ] as [(BSONDocument, Int32)])
private func refusing(_ projection: BSONDocument, _ code: Int32) throws {
    let filter = try CompiledFilter.compile([:], now: BSONDate(millisecondsSince1970: 0))
    let error = #expect(throws: MongoError.self) { try Projection.compile(projection, filter: filter) }
    #expect(error?.code?.rawValue == code)
}

@Test("A positional projection that no element was matched for is an error")
private func missingTheElement() throws {
    let filter = try CompiledFilter.compile(["a": 2], now: BSONDate(millisecondsSince1970: 0))
    let projection = try Projection.compile(["c.$": 1], filter: filter)
    let error = #expect(throws: MongoError.self) { try projection.apply(input) }
    #expect(error?.code?.rawValue == 51246)
}
