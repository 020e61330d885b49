import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

/// Numbers that are the same in every run.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var mixed = state
        mixed = (mixed ^ (mixed >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ (mixed >> 33)
    }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &self)] }

    mutating func scalar() -> BSONValue {
        let choices: [BSONValue] = [0, 1, 2, 3, 1.5, "a", "ab", "b", .null, true, ["x": 1], .int64(2)]
        return pick(choices)
    }

    mutating func value(arrays: Bool, depth: Int = 0) -> BSONValue {
        // No filter takes undefined, but documents of old may hold it.
        if depth == 0, Int.random(in: 0..<40, using: &self) == 0 { return .undefined }
        guard arrays, depth < 2, Int.random(in: 0..<3, using: &self) == 0 else { return scalar() }
        let count = Int.random(in: 0...3, using: &self)
        return .array(BSONArray((0..<count).map { _ in value(arrays: true, depth: depth + 1) }))
    }

    mutating func inner() -> BSONValue {
        var fields: [(String, BSONValue)] = []
        for name in ["b", "c"] where Bool.random(using: &self) { fields.append((name, value(arrays: false))) }
        return .document(BSONDocument(fields: fields))
    }

    mutating func document(_ id: Int, arrays: Bool) -> BSONDocument {
        var fields: [(String, BSONValue)] = [("_id", .int(id))]
        if Int.random(in: 0..<5, using: &self) > 0 { fields.append(("a", value(arrays: arrays))) }
        if Int.random(in: 0..<5, using: &self) > 0 { fields.append(("s", scalar())) }
        switch Int.random(in: 0..<5, using: &self) {
        case 0: fields.append(("o", scalar()))
        case 1, 2: fields.append(("o", inner()))
        case 3 where arrays:
            let count = Int.random(in: 0...3, using: &self)
            fields.append(("o", .array(BSONArray((0..<count).map { $0 == 1 ? scalar() : inner() }))))
        default: break
        }
        return BSONDocument(fields: fields)
    }

    mutating func condition() -> BSONValue {
        let operand = value(arrays: Int.random(in: 0..<8, using: &self) == 0, depth: 1)
        switch Int.random(in: 0..<14, using: &self) {
        case 0, 1: return operand
        case 2: return ["$gt": scalar()]
        case 3: return ["$gte": scalar()]
        case 4: return ["$lt": scalar()]
        case 5: return ["$gte": scalar(), "$lte": scalar()]
        case 6: return ["$in": [operand, scalar(), scalar()]]
        case 7: return ["$exists": .bool(Bool.random(using: &self))]
        case 8: return ["$ne": operand]
        case 9: return ["$not": ["$gt": scalar()]]
        case 10: return ["$all": [scalar(), scalar()]]
        case 11: return .regularExpression(BSONRegularExpression(pattern: pick(["^a", "^ab", "b"])))
        case 12: return ["$type": pick(["string", "number", "null", "object", "array", "bool", "undefined"])]
        default: return ["$elemMatch": ["$gte": scalar(), "$lte": scalar()]]
        }
    }

    mutating func filter() -> BSONDocument {
        let paths = ["a", "s", "o.b", "o.c", "o", "a.0", "o.0.b"]
        switch Int.random(in: 0..<7, using: &self) {
        case 6:
            let field = pick(["$a", "$s", "$o.b", "$o.c"])
            return ["$expr": ["$eq": [.string(field), pick([0, 1, 1.5, "ab", true, .null, ["x": 1]])]]]
        case 0: return BSONDocument(fields: [(pick(paths), condition()), ("o.c", condition())])
        case 1: return ["$or": [.document([pick(paths): condition()]), .document([pick(paths): condition()])]]
        case 2: return ["o": ["$elemMatch": ["b": condition(), "c": condition()]]]
        default: return BSONDocument(fields: [(pick(paths), condition()), ("s", condition())])
        }
    }
}

@Suite("Plans against a plain scan")
struct PlannerPropertyTests {
    static let indexes: [BSONDocument] = [
        ["a": 1], ["s": -1], ["o.b": 1, "o.c": -1], ["a": 1, "s": 1], ["s": 1, "a": -1], ["o": 1], ["a.0": 1],
        ["o.c": 1, "s": -1], ["o.0.b": 1],
    ]

    @Test("Every index finds what a scan of the collection finds", arguments: [true, false])
    func sameDocuments(arrays: Bool) async throws {
        var dice = Dice(state: arrays ? 7 : 11)
        let documents = (0..<300).map { dice.document($0, arrays: arrays) }
        let fixture = try await PlannerFixture(documents, indexes: Self.indexes)
        for _ in 0..<300 {
            let filter = dice.filter()
            func ids(_ hint: BSONValue?) throws -> [Int] {
                try fixture.find(FindPlanRequest(filter: filter, hint: hint)).compactMap { $0["_id"]?.int }.sorted()
            }
            let expected = try ids(["$natural": 1])
            #expect(try ids(nil) == expected, "\(filter)")
            for index in fixture.definition.indexes {
                #expect(try ids(.string(index.name)) == expected, "\(filter) by \(index.name)")
            }
        }
    }

    @Test("Every index gives the order that a sort gives", arguments: [true, false])
    func sameOrder(arrays: Bool) async throws {
        var dice = Dice(state: arrays ? 17 : 19)
        let documents = (0..<200).map { dice.document($0, arrays: arrays) }
        let fixture = try await PlannerFixture(documents, indexes: Self.indexes)
        let sorts: [BSONDocument] = [
            ["a": 1], ["s": -1], ["a": -1, "s": -1], ["s": 1, "a": -1], ["o.c": 1, "s": -1],
        ]
        for _ in 0..<80 {
            let filter: BSONDocument = Bool.random(using: &dice) ? dice.filter() : ["s": dice.condition()]
            let sort = dice.pick(sorts)
            let order = try #require(try SortOrder.parse(sort))
            func keys(_ hint: BSONValue?) throws -> [[UInt8]] {
                let request = FindPlanRequest(filter: filter, sort: sort, skip: 1, limit: 40, hint: hint)
                return try fixture.find(request).map { document in
                    try document.withRaw { try order.key(of: $0) }
                }
            }
            let expected = try keys(["$natural": 1])
            #expect(try keys(nil) == expected, "\(filter) by \(sort)")
            for index in fixture.definition.indexes {
                #expect(try keys(.string(index.name)) == expected, "\(filter) by \(sort) with \(index.name)")
            }
        }
    }
}
