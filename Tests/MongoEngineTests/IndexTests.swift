import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Index keys and specifications")
struct IndexTests {
    struct Keys: Sendable {
        let document: BSONDocument
        let paths: [String]
        let expected: [[BSONValue]]
        let isMultikey: Bool
        init(_ document: BSONDocument, _ paths: [String], _ expected: [[BSONValue]], multikey: Bool = true) {
            (self.document, self.paths, self.expected, isMultikey) = (document, paths, expected, multikey)
        }
    }

    static let keys: [Keys] = [
        Keys(["a": 1], ["a"], [[1]], multikey: false),
        Keys([:], ["a"], [[.null]], multikey: false),
        Keys(["a": 1], ["a.b"], [[.null]], multikey: false),
        Keys(["a": ["b": 2], "c": "x"], ["a.b", "c"], [[2, "x"]], multikey: false),
        Keys(["a": []], ["a"], [[.undefined]]),
        Keys(["a": [1, 2, 1]], ["a"], [[1], [2]]),
        Keys(["a": [[1, 2]]], ["a"], [[[1, 2]]]),
        Keys(["a": []], ["a.b"], [[.null]]),
        Keys(["a": [["b": 1], ["b": []], 5]], ["a.b"], [[1], [.undefined], [.null]]),
        Keys(["a": [["b": 1, "c": 2], ["b": 3]], "d": 9], ["a.b", "a.c", "d"], [[1, 2, 9], [3, .null, 9]]),
        Keys(["a": [7, 8]], ["a.0"], [[7], [.null]]),
    ]

    @Test("A document has a key for each element of an array on the way")
    func generation() throws {
        for test in Self.keys {
            let generator = IndexKeyGenerator(test.paths.map { IndexDefinition.Part(path: $0, descending: false) })
            let made = try test.document.withRaw { try generator.keys(of: $0) }
            let expected = test.expected.map { $0.flatMap { KeyEncoding.key(of: $0) } }
            #expect(made.keys == expected, "\(test.document) \(test.paths)")
            #expect(made.isMultikey == test.isMultikey, "\(test.document) \(test.paths)")
        }
    }

    @Test("Two arrays side by side have no keys")
    func parallel() {
        let generator = IndexKeyGenerator(["a", "b"].map { IndexDefinition.Part(path: $0, descending: false) })
        let document: BSONDocument = ["a": [1], "b": [2]]
        let error = #expect(throws: MongoError.self) { _ = try document.withRaw { try generator.keys(of: $0) } }
        #expect(error?.code?.rawValue == 171 && error?.code?.description == "CannotIndexParallelArrays")
        #expect(error?.message == "cannot index parallel arrays [b] [a]")
    }

    @Test("A specification is filled in as listIndexes shows it")
    func specification() throws {
        #expect(
            try IndexSpecification.parse(["key": ["a": 1, "b.c": -1]])
                == ["v": 2, "key": ["a": 1, "b.c": -1], "name": "a_1_b.c_-1"])
        #expect(
            try IndexSpecification.parse(["name": "n", "key": ["a": 1], "unique": true, "background": true])
                == ["v": 2, "key": ["a": 1], "name": "n", "unique": true])
    }

    static let refused: [(BSONDocument, Int32)] = [
        (["key": [:]], 67), (["key": ["a": 0]], 67), (["key": ["a": true]], 67), (["key": ["a": "nope"]], 67),
        (["key": ["a": "text"]], 67), (["key": ["$**": 1]], 67), (["key": ["": 1]], 67), (["key": ["a..b": 1]], 67),
        (["key": ["a": 1], "sparse": true], 67), (["key": ["a": 1], "expireAfterSeconds": 5], 67),
        (["key": ["a": 1], "nope": 1], 197), (["name": "x"], 9), (["key": 5], 14),
    ]

    @Test("What is no index is refused with MongoDB's code")
    func refusals() {
        for (specification, code) in Self.refused {
            let error = #expect(throws: MongoError.self) { _ = try IndexSpecification.parse(specification) }
            #expect(error?.code?.rawValue == code, "\(specification)")
        }
    }

    @Test("An index that is there is known again, and one that stands in the way is a conflict")
    func comparison() throws {
        func index(_ asked: BSONDocument) throws -> IndexDefinition {
            let specification = try IndexSpecification.parse(asked)
            return IndexDefinition(
                name: specification["name"]?.string ?? "",
                parts: IndexSpecification.parts(of: specification["key"]?.document ?? [:]),
                isUnique: specification["unique"]?.isTruthy ?? false, table: TableID(raw: 1), isMultikey: false,
                specification: specification)
        }
        let there = [try index(["key": ["_id": 1]]), try index(["key": ["a": 1]])]
        func isPresent(_ asked: BSONDocument) throws -> Bool {
            try IndexSpecification.isPresent(IndexSpecification.parse(asked), among: there)
        }
        #expect(try isPresent(["key": ["a": 1]]))
        #expect(try isPresent(["key": ["_id": 1], "name": "other"]))
        #expect(try !isPresent(["key": ["a": -1]]))
        let conflicts: [(BSONDocument, ServerErrorCode)] = [
            (["key": ["a": 1], "name": "b"], .indexOptionsConflict),
            (["key": ["b": 1], "name": "a_1"], .indexKeySpecsConflict),
            (["key": ["a": 1], "unique": true], .indexKeySpecsConflict),
        ]
        for (asked, code) in conflicts {
            let error = #expect(throws: MongoError.self) { _ = try isPresent(asked) }
            #expect(error?.code == code, "\(asked)")
        }
    }
}
