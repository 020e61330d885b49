import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("The planner")
struct PlannerTests {
    /// a from 0 to 9, b from 0 to 19, c a number of its own.
    static func grid() -> [BSONDocument] {
        var documents: [BSONDocument] = []
        for a in 0..<10 {
            for b in 0..<20 {
                documents.append(["_id": .int(a * 20 + b), "a": .int(a), "b": .int(b), "c": .int(a * 100 + b)])
            }
        }
        return documents
    }

    struct Count: Sendable {
        let filter: BSONDocument
        let found: Int
        let keys: ClosedRange<Int>
        let docs: Int
        init(_ filter: BSONDocument, _ found: Int, keys: ClosedRange<Int>, docs: Int) {
            (self.filter, self.found, self.keys, self.docs) = (filter, found, keys, docs)
        }
    }

    static let counts: [Count] = [
        Count(["a": 1], 20, keys: 20...20, docs: 20),
        Count(["a": 1, "b": ["$gte": 5, "$lt": 8]], 3, keys: 3...3, docs: 3),
        Count(["a": 2, "c": 205], 1, keys: 20...20, docs: 20),
        Count(["c": 205], 1, keys: 0...0, docs: 200),
        Count(["a": ["$gt": 7]], 40, keys: 40...40, docs: 40),
        Count(["a": ["$in": [1, 3]], "b": 5], 2, keys: 2...4, docs: 2),
        Count(["a": ["$in": [] as BSONValue]], 0, keys: 0...0, docs: 0),
        Count(["_id": 7], 1, keys: 1...1, docs: 1),
        Count(["_id": ["$lt": 3]], 3, keys: 3...3, docs: 3),
        Count(["$or": [["_id": 3], ["a": 1, "b": 2], ["_id": 22]]], 2, keys: 3...3, docs: 2),
        Count(["$and": [["a": ["$gte": 3]], ["a": ["$lte": 3]]]], 20, keys: 20...20, docs: 20),
        // Behind a range, keys outside the bounds of the next part are jumped over.
        Count(["a": ["$gte": 8], "b": 5], 2, keys: 2...6, docs: 2),
        Count(["a": ["$lt": 3], "b": ["$in": [2, 7, 30]]], 6, keys: 6...15, docs: 6),
        Count(["a": ["$gt": 7], "b": ["$type": "string"]], 0, keys: 2...4, docs: 0),
        Count(["a": ["$type": "string"]], 0, keys: 0...0, docs: 0),
        Count(
            ["$expr": ["$and": [["$eq": ["$a", 4]], ["$eq": [["$add": ["$b", 1]], 3]]]]], 1, keys: 20...20, docs: 20),
    ]

    @Test("A scan looks at no more keys and documents than its bounds leave")
    func examined() async throws {
        let fixture = try await PlannerFixture(Self.grid(), indexes: [["a": 1, "b": 1]])
        for count in Self.counts {
            let plan = try fixture.plan(FindPlanRequest(filter: count.filter))
            let found = try fixture.run(plan)
            #expect(found.count == count.found, "\(count.filter)")
            #expect(count.keys.contains(plan.counters.keysExamined), "\(count.filter): \(plan.counters.keysExamined)")
            #expect(plan.counters.docsExamined == count.docs, "\(count.filter)")
        }
    }

    struct Sorting: Sendable {
        let filter: BSONDocument
        let sort: BSONDocument
        let stage: String?
        init(_ filter: BSONDocument, _ sort: BSONDocument, _ stage: String? = nil) {
            (self.filter, self.sort, self.stage) = (filter, sort, stage)
        }
    }

    static let sortings: [Sorting] = [
        Sorting(["a": 1], ["b": 1]),
        Sorting(["a": 1], ["b": -1]),
        Sorting([:], ["a": -1, "b": -1]),
        Sorting(["a": 3], ["a": 1, "b": -1]),
        Sorting(["a": ["$in": [5, 2, 8]]], ["a": -1]),
        Sorting(["a": ["$in": [5, 2, 8]]], ["b": -1], "SORT_MERGE"),
        Sorting(["a": ["$in": [5, 2, 8]], "b": ["$gt": 4]], ["b": 1], "SORT_MERGE"),
        Sorting(["a": 1], ["c": 1], "SORT"),
        Sorting([:], ["a": 1, "b": -1], "SORT"),
        Sorting(["a": ["$gt": 6]], ["b": 1], "SORT"),
    ]

    @Test("An index gives the order of a sort, forward, backward and merged")
    func sorts() async throws {
        let fixture = try await PlannerFixture(Self.grid(), indexes: [["a": 1, "b": 1]])
        for sorting in Self.sortings {
            let request = FindPlanRequest(filter: sorting.filter, sort: sorting.sort, skip: 2, limit: 15)
            let stages = try fixture.stages(request)
            let sorts = ["SORT", "SORT_MERGE"].filter { stages[$0] != nil }
            #expect(sorts == [sorting.stage].compactMap(\.self), "\(sorting.filter) \(sorting.sort)")
            var plain = request
            plain.hint = ["$natural": 1]
            let keys = { (documents: [BSONDocument]) in
                documents.map { document in sorting.sort.keys.map { document[$0] } }
            }
            let (found, expected) = (try fixture.find(request), try fixture.find(plain))
            #expect(found.count == 15)
            #expect(keys(found) == keys(expected), "\(sorting.filter) \(sorting.sort)")
        }
    }

    @Test("A hint is followed, and one that names no index is BadValue")
    func hints() async throws {
        let fixture = try await PlannerFixture(Self.grid(), indexes: [["a": 1, "b": 1], ["c": -1]])
        func stage(_ hint: BSONValue) throws -> BSONDocument? {
            let stages = try fixture.stages(FindPlanRequest(filter: ["a": 1], hint: hint))
            return stages["IXSCAN"] ?? stages["COLLSCAN"]
        }
        #expect(try stage("c_-1")?["indexName"] == "c_-1")
        #expect(try stage(["c": -1])?[path: "indexBounds.c"] == ["[MaxKey, MinKey]"])
        #expect(try stage(["$natural": -1])?["direction"] == "backward")
        let error = #expect(throws: MongoError.self) { _ = try stage("nope") }
        #expect(error?.code == .badValue)
    }

    @Test("Explain shows what was judged worse, and operators of the top level with their arguments")
    func rejected() async throws {
        let fixture = try await PlannerFixture(Self.grid(), indexes: [["a": 1, "b": 1], ["b": 1]])
        func explained(_ filter: BSONDocument) throws -> BSONDocument {
            try fixture.plan(FindPlanRequest(filter: filter, sort: ["c": 1])).explain(
                namespace: "test.things", command: [:], verbosity: "queryPlanner", milliseconds: 0)
        }
        let plans = try explained(["a": 1, "b": 2])
        let other = plans[path: "queryPlanner.rejectedPlans"]?.array.map { Array($0) } ?? []
        #expect(other.count == 1)
        #expect(other.first?.document?["stage"] == "SORT")
        #expect(other.first?.document?[path: "inputStage.inputStage.indexName"] == "b_1")
        #expect(try explained(["$alwaysTrue": 1])[path: "queryPlanner.parsedQuery"] == ["$alwaysTrue": 1])
    }

    @Test("A collection that is not there gives nothing, and its filter is checked all the same")
    func missingCollection() throws {
        let now = BSONDate(millisecondsSince1970: 0)
        let plan = try QueryPlanner.plan(FindPlanRequest(filter: ["a": 1]), collection: nil, now: now)
        let explained = plan.explain(namespace: "d.c", command: [:], verbosity: "queryPlanner", milliseconds: 0)
        #expect(explained[path: "queryPlanner.winningPlan.stage"] == "EOF")
        #expect(throws: MongoError.self) {
            _ = try QueryPlanner.plan(FindPlanRequest(filter: ["a": ["$nope": 1]]), collection: nil, now: now)
        }
    }

    @Test("A sort past its memory goes through a file and keeps the order, or fails where it may not")
    func spills() async throws {
        let fixture = try await PlannerFixture(Self.grid(), indexes: [])
        func sorted(allowDiskUse: Bool) throws -> [Int?] {
            let order = try #require(try SortOrder.parse(["b": -1, "a": 1]))
            let scan = try fixture.plan(FindPlanRequest(filter: [:])).makeRecordSource()
            let source = SortedRecords(scan, order, limit: nil, allowDiskUse: allowDiskUse, memoryLimit: 5_000)
            var found: [Int?] = []
            while true {
                let isDone = try fixture.slice { context in
                    while true {
                        switch try source.next(context) {
                        case .record(_, let document): found.append(document["_id"]?.int)
                        case .pause: return false
                        case .end: return true
                        }
                    }
                }
                if isDone { return found }
            }
        }
        let expected = (0..<20).reversed().flatMap { b in (0..<10).map { a in Optional(a * 20 + b) } }
        #expect(try sorted(allowDiskUse: true) == expected)
        let error = #expect(throws: MongoError.self) { _ = try sorted(allowDiskUse: false) }
        #expect(error?.code == .queryExceededMemoryLimit)
    }
}
