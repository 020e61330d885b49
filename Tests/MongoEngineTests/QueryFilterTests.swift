internal import BSON
internal import MongoProtocol
internal import Testing

@testable internal import MongoEngine

/// What a filter makes of documents: the numbers of those it is to match.
private struct FilterCase: Sendable, CustomStringConvertible {
    let filter: BSONDocument
    let documents: [BSONDocument]
    let matching: [Int]
    init(_ filter: BSONDocument, _ documents: [BSONDocument], _ matching: [Int]) {
        self.filter = filter
        self.documents = documents
        self.matching = matching
    }
    var description: String { filter.description }
}

private func compile(_ filter: BSONDocument) throws -> CompiledFilter {
    try CompiledFilter.compile(filter, now: BSONDate(millisecondsSince1970: 0))
}

private let numbers: [BSONDocument] = [
    ["a": 1], ["a": 5.0], ["a": .int64(7)], ["a": "5"], ["a": .null], [:], ["a": [3, 9]], ["a": .double(.nan)],
]
private let arrays: [BSONDocument] = [
    ["a": [1, 2]], ["a": [[1, 2]]], ["a": []], ["a": [["b": 1], ["b": 5, "c": 2]]], ["a": ["b": [1, 5]]], ["a": 1],
]

private let comparisonCases: [FilterCase] = [
    FilterCase([:], numbers, [0, 1, 2, 3, 4, 5, 6, 7]),
    FilterCase(["a": 5], numbers, [1]),
    FilterCase(["a": ["$gt": 5]], numbers, [2, 6]),
    FilterCase(["a": ["$gte": 5]], numbers, [1, 2, 6]),
    FilterCase(["a": ["$lt": 5]], numbers, [0, 6]),
    FilterCase(["a": ["$lte": "5"]], numbers, [3]),
    FilterCase(["a": ["$gte": .double(.nan)]], numbers, [7]),
    FilterCase(["a": .null], numbers, [4, 5]),
    FilterCase(["a": ["$ne": .null]], numbers, [0, 1, 2, 3, 6, 7]),
    FilterCase(["a": ["$ne": 3]], numbers, [0, 1, 2, 3, 4, 5, 7]),
    FilterCase(
        ["a": ["$in": [1, .null, .regularExpression(BSONRegularExpression(pattern: "^5"))]]], numbers, [0, 3, 4, 5]),
    FilterCase(["a": ["$in": [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]]], numbers, [0, 1, 2, 6]),
    FilterCase(["a": ["$nin": [1, .null]]], numbers, [1, 2, 3, 6, 7]),
    FilterCase(["a": ["$gt": .minKey]], numbers, [0, 1, 2, 3, 4, 5, 6, 7]),
    FilterCase(["a": ["$not": ["$gt": 5]]], numbers, [0, 1, 3, 4, 5, 7]),
    FilterCase(["a": ["$exists": false]], numbers, [5]),
    FilterCase(["a": ["$exists": true, "$type": "null"]], numbers, [4]),
    FilterCase(["a": ["$type": "number"]], numbers, [0, 1, 2, 6, 7]),
    FilterCase(["a": ["$type": [2, "long"]]], numbers, [2, 3]),
    FilterCase(["a": ["$mod": [2, 1]]], numbers, [0, 1, 2, 6]),
    FilterCase(["$or": [["a": 1], ["a": 5]]], numbers, [0, 1]),
    FilterCase(["$nor": [["a": ["$gte": 1]], ["a": .null]]], numbers, [3, 7]),
    FilterCase(["$and": [["a": ["$gt": 3]], ["a": ["$lt": 9]]]], numbers, [1, 2, 6]),
    FilterCase(["$expr": ["$gt": ["$a", 5]]], [["a": 6], ["a": 5]], [0]),
    FilterCase(["$comment": "all", "$alwaysFalse": 1], numbers, []),
    FilterCase(["a": ["$ref": "x", "$id": 1]], [["a": ["$ref": "x", "$id": 1]], ["a": ["$id": 1]]], [0]),
    FilterCase(["a": ["$bitsAllSet": [.decimal128(Decimal128("0.5") ?? .nan)]]], numbers, [0, 1, 2, 6]),
]

private let arrayCases: [FilterCase] = [
    FilterCase(["a": [1, 2]], arrays, [0, 1]),
    FilterCase(["a": ["$size": 2]], arrays, [0, 3]),
    FilterCase(["a": ["$type": "array"]], arrays, [0, 1, 2, 3]),
    FilterCase(["a": []], arrays, [2]),
    FilterCase(["a.b": 5], arrays, [3, 4]),
    FilterCase(["a.0": 1], arrays, [0]),
    FilterCase(["a.0.b": 1], arrays, [3]),
    FilterCase(["a.0.1": 2], arrays, [1]),
    FilterCase(["a.b": .null], arrays, [5]),
    FilterCase(["a.b": ["$exists": false]], arrays, [0, 1, 2, 5]),
    FilterCase(["a": ["$all": [2, 1]]], arrays, [0]),
    FilterCase(["a": ["$all": []]], arrays, []),
    FilterCase(["a": ["$elemMatch": ["$gte": 2, "$lt": 3]]], arrays, [0]),
    FilterCase(["a": ["$elemMatch": ["b": 5, "c": 2]]], arrays, [3]),
    FilterCase(["a": ["$elemMatch": ["b": 1, "c": 2]]], arrays, []),
    FilterCase(["a": ["$all": [["$elemMatch": ["b": 1]], ["$elemMatch": ["c": 2]]]]], arrays, [3]),
    FilterCase(["a": ["x": 1, "y": 2]], [["a": ["x": 1, "y": 2]], ["a": ["y": 2, "x": 1]]], [0]),
    FilterCase(["a": ["$bitsAllSet": [1, 2]]], [["a": 6], ["a": 2], ["a": -1], ["a": 6.5]], [0, 2]),
    FilterCase(["a": ["$bitsAnySet": 3]], [["a": 4], ["a": 2]], [1]),
    FilterCase(["a": ["$bitsAllClear": [0, 200]]], [["a": 4], ["a": -2], ["a": 5]], [0]),
    FilterCase(["a": ["$bitsAnyClear": .binary(BSONBinary(bytes: [3]))]], [["a": 3], ["a": 1]], [1]),
]

@Test("Values compare within their type, and null is missing", arguments: comparisonCases)
private func comparing(_ test: FilterCase) throws { try check(test) }

@Test("Paths go through arrays, and arrays match whole or by element", arguments: arrayCases)
private func goingThroughArrays(_ test: FilterCase) throws { try check(test) }

private func check(_ test: FilterCase) throws {
    let filter = try compile(test.filter)
    let matching = try test.documents.indices.filter { index in
        try test.documents[index].withRaw { try filter.matches($0) }
    }
    #expect(matching == test.matching)
}

@Test(
    "A filter that is none is refused with MongoDB's code",
    arguments: [
        (["a": ["$foo": 1]], 2), (["$foo": 1], 2), (["a": ["$in": 1]], 2), (["a": ["$in": [["$gt": 1]]]], 2),
        (["a": ["$not": 1]], 2), (["$or": 1], 2), (["$or": []], 2), (["$or": [1]], 2), (["a": ["$size": -1]], 9),
        (["a": ["$mod": [0, 1]]], 2), (["a": ["$mod": [1]]], 2), (["a": ["$type": "int33"]], 2),
        (["a": ["$type": []]], 9), (["a": ["$elemMatch": 1]], 2), (["a": ["$all": 1]], 2), (["a": ["$regex": 1]], 2),
        (["a": ["$regex": "("]], 51091), (["a": ["$regex": "a", "$options": "q"]], 51108),
        (["a": ["$options": "i"]], 2),
        (["a": ["$bitsAllSet": "x"]], 9), (["a": .undefined], 2), (["a": ["$elemMatch": ["$expr": true]]], 2),
    ] as [(BSONDocument, Int32)])
private func refusing(_ filter: BSONDocument, _ code: Int32) {
    let error = #expect(throws: MongoError.self) { try compile(filter) }
    #expect(error?.code?.rawValue == code)
}

@Test("A filter may nest a hundred levels, and no more")
private func nesting() throws {
    func nested(_ depth: Int) -> BSONDocument {
        (0..<depth).reduce(["a": 1]) { inner, _ in ["$and": [.document(inner)]] }
    }
    _ = try compile(nested(90))
    #expect(throws: MongoError.self) { try compile(nested(120)) }
}

@Test("Regular expressions take their options, match equal ones, and give up rather than hang")
private func matchingText() throws {
    let documents: [BSONDocument] = [
        ["a": "Über\nzwei"], ["a": ["x", "zWei"]], ["a": 2],
        ["a": .regularExpression(BSONRegularExpression(pattern: "^zwei$", options: "im"))],
    ]
    try check(FilterCase(["a": ["$regex": "^zwei$", "$options": "mi"]], documents, [0, 1, 3]))
    try check(FilterCase(["a": ["$regex": "^.ber"]], documents, [0]))
    try check(FilterCase(["a": ["$not": ["$regex": "^.ber"]]], documents, [1, 2, 3]))
    let costly = try compile(["a": ["$regex": "^(a+)+$"]])
    let text: BSONDocument = ["a": .string(String(repeating: "a", count: 40) + "b")]
    let error = #expect(throws: MongoError.self) { try text.withRaw { try costly.matches($0) } }
    #expect(error?.code?.rawValue == 51156)
}

@Test("The place in the array that matched is known")
private func findingThePlace() throws {
    let document: BSONDocument = ["a": [1, 5, 9], "b": [["c": 1], ["c": 2]]]
    func place(_ filter: BSONDocument) throws -> Int? {
        let filter = try compile(filter)
        return try document.withRaw { try filter.matchWithArrayIndex($0).arrayIndex }
    }
    #expect(try place(["a": ["$gt": 4]]) == 1)
    #expect(try place(["b.c": 2]) == 1)
    #expect(try place(["b": ["$elemMatch": ["c": 2]]]) == 1)
    #expect(try place(["a": ["$not": ["$gt": 10]]]) == nil)
    // Equalities at one path are an $in; any other choice has no place.
    #expect(try place(["$or": [["a": 100], ["a": 9]]]) == 2)
    #expect(try place(["$or": [["a": ["$gt": 4]], ["a": ["$gt": 5]]]]) == nil)
    #expect(try place(["$or": [["a": 9]], "b.c": 2]) == 1)
    #expect(try place(["a": ["$exists": true]]) == 0)
    #expect(try place(["a": ["$type": "int"]]) == 0)
    #expect(try place(["a": ["$all": [1, 9]]]) == 2)
    #expect(try place(["a": ["$ne": 7]]) == nil)
}
