import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Bounds of an index")
struct PlannerBoundsTests {
    struct Case: Sendable {
        let filter: BSONDocument
        let a: [String]
        let b: [String]
        init(_ filter: BSONDocument, _ a: [String], _ b: [String] = ["[MinKey, MaxKey]"]) {
            (self.filter, self.a, self.b) = (filter, a, b)
        }
    }

    private func bounds(_ filter: BSONDocument, _ paths: [String], multikey: Bool) throws -> [[String]] {
        let parts = paths.map { IndexDefinition.Part(path: $0, descending: false) }
        let index = IndexDefinition(
            name: "i", parts: parts, isUnique: false, table: TableID(raw: 1), isMultikey: multikey, specification: [:])
        let node = try CompiledFilter.compile(filter, now: BSONDate(millisecondsSince1970: 0)).node
        let document = IndexBounds(index, FilterBounds(node)).document(index, backward: false)
        return paths.map { document[$0]?.array?.compactMap(\.string) ?? [] }
    }

    private static let id = BSONValue.objectID(ObjectID("507f1f77bcf86cd799439011") ?? ObjectID())
    private static let date = BSONValue.date(BSONDate(millisecondsSince1970: 1000))

    static let plain: [Case] = [
        Case(["a": 5], ["[5, 5]"]),
        Case(["a": 5.5, "b": "x"], ["[5.5, 5.5]"], ["[\"x\", \"x\"]"]),
        Case(["a": ["$gt": 5]], ["(5, inf.0]"]),
        Case(["a": ["$lte": 5]], ["[-inf.0, 5]"]),
        Case(["a": ["$gt": 2, "$lte": 7]], ["(2, 7]"]),
        Case(["a": ["$gt": 7, "$lt": 2]], []),
        Case(["a": ["$gte": "a"]], ["[\"a\", {})"]),
        Case(["a": ["$lt": "a"]], ["[\"\", \"a\")"]),
        Case(["a": ["$in": [3, 1, 3, "x"]]], ["[1, 1]", "[3, 3]", "[\"x\", \"x\"]"]),
        Case(["a": .null], ["[undefined, undefined]", "[null, null]"]),
        Case(["a": ["$exists": false]], ["[null, null]"]),
        Case(["a": ["$exists": true]], ["[MinKey, MaxKey]"]),
        Case(["a": ["$type": "string"]], ["[\"\", {})"]),
        Case(["a": ["$type": "number"]], ["[nan.0, nan.0]", "[-inf.0, inf.0]"]),
        Case(["a": ["$type": "array"]], ["[MinKey, MaxKey]"]),
        Case(["a": ["$ne": 5]], ["[MinKey, 5)", "(5, MaxKey]"]),
        Case(["a": ["$not": ["$gt": 5]]], ["[MinKey, 5]", "(inf.0, MaxKey]"]),
        Case(["a": ["$all": [5]]], ["[5, 5]"]),
        Case(["a": .regularExpression(.init(pattern: "^abc"))], ["[\"abc\", \"abd\")", "[/^abc/, /^abc/]"]),
        Case(["a": .regularExpression(.init(pattern: "^ab*"))], ["[\"a\", \"b\")", "[/^ab*/, /^ab*/]"]),
        Case(["a": .regularExpression(.init(pattern: "^a|b"))], ["[\"\", {})", "[/^a|b/, /^a|b/]"]),
        Case(
            ["a": .regularExpression(.init(pattern: "^a", options: "i"))], ["[\"\", {})", "[/^a/i, /^a/i]"]),
        Case(["a": Self.id], ["[ObjectId('507f1f77bcf86cd799439011'), ObjectId('507f1f77bcf86cd799439011')]"]),
        Case(["a": ["$gte": Self.date]], ["[new Date(1000), new Date(9223372036854775807)]"]),
        Case(["a": ["$lt": true]], ["[false, true)"]),
        Case(["a": ["x": 1]], ["[{ x: 1 }, { x: 1 }]"]),
        Case(["c": 5], ["[MinKey, MaxKey]"]),
        Case(["$or": [["a": 1]]], ["[1, 1]"]),
    ]

    @Test("Each operator leaves the intervals that MongoDB shows")
    func operators() throws {
        for test in Self.plain {
            let found = try bounds(test.filter, ["a", "b"], multikey: false)
            #expect(found == [test.a, test.b], "\(test.filter)")
        }
    }

    @Test("Conditions on an array narrow one part each, except inside one $elemMatch")
    func multikey() throws {
        let both: BSONDocument = ["a": ["$gt": 2, "$lt": 7]]
        #expect(try bounds(both, ["a"], multikey: true) == [["(2, inf.0]"]])
        let element: BSONDocument = ["a": ["$elemMatch": ["$gt": 2, "$lt": 7]]]
        #expect(try bounds(element, ["a"], multikey: true) == [["(2, 7)"]])
        let apart: BSONDocument = ["a.b": 1, "a.c": 2]
        #expect(try bounds(apart, ["a.b", "a.c"], multikey: true) == [["[1, 1]"], ["[MinKey, MaxKey]"]])
        let together: BSONDocument = ["a": ["$elemMatch": ["b": 1, "c": 2]]]
        #expect(try bounds(together, ["a.b", "a.c"], multikey: true) == [["[1, 1]"], ["[2, 2]"]])
        let roots: BSONDocument = ["a": 1, "b": 2]
        #expect(try bounds(roots, ["a", "b"], multikey: true) == [["[1, 1]"], ["[2, 2]"]])
    }
}
