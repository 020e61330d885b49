import BSON
import MongoProtocol

@testable import MongoEngine

/// A collection in a storage of its own, with indexes, for tests of the planner.
final class PlannerFixture: Sendable {
    let storage: Storage
    let definition: CollectionDefinition

    /// Stores `documents` and builds an index for each key pattern besides the one on `_id`.
    init(_ documents: [BSONDocument], indexes patterns: [BSONDocument]) async throws {
        let storage = try Storage(StorageOptions(.memory))
        self.storage = storage
        definition = try await storage.write { writer in
            let records = try writer.createRecordTable()
            var ids: [RecordID] = []
            for document in documents { ids.append(try document.withUnsafeBytes { try writer.insert(records, $0) }) }
            var indexes: [IndexDefinition] = []
            for pattern in [["_id": 1]] + patterns {
                let specification = try IndexSpecification.parse(["key": .document(pattern)])
                let table = try writer.createIndexTable(unique: false)
                let generator = IndexKeyGenerator(IndexSpecification.parts(of: pattern))
                var isMultikey = false
                for (document, id) in zip(documents, ids) {
                    let made = try document.withRaw { try generator.keys(of: $0) }
                    isMultikey = isMultikey || made.isMultikey
                    for key in made.keys {
                        _ = try key.withUnsafeBytes { try writer.insertKey(table, unique: false, key: $0, id) }
                    }
                }
                indexes.append(
                    IndexDefinition(
                        name: specification["name"]?.string ?? "", parts: IndexSpecification.parts(of: pattern),
                        isUnique: false, table: table, isMultikey: isMultikey, specification: specification))
            }
            return CollectionDefinition(
                database: "test", name: "things", uuid: [UInt8](repeating: 0, count: 16), records: records,
                options: [:], indexes: indexes)
        }
    }

    func plan(_ request: FindPlanRequest) throws -> QueryPlan {
        try QueryPlanner.plan(request, collection: definition, now: BSONDate(millisecondsSince1970: 0))
    }

    /// Runs a plan in slices that end as early as they can, each on a snapshot of its own.
    func run(_ plan: QueryPlan) throws -> [BSONDocument] {
        let source = plan.makeSource()
        var found: [BSONDocument] = []
        while true {
            let isDone = try slice { context in
                // A few at a time, so that places are kept and found again.
                for _ in 0..<7 {
                    switch try source.next(context) {
                    case .document(let document): found.append(document)
                    case .pause: return false
                    case .end: return true
                    }
                }
                return false
            }
            if isDone { return found }
        }
    }

    func slice<R>(_ body: (ExecutionContext) throws -> R) throws -> R {
        try storage.read { reader in
            try body(
                ExecutionContext(
                    reader: reader, catalog: CatalogSnapshot(collections: [:]), database: "test",
                    now: BSONDate(millisecondsSince1970: 0), limits: WorkLimits(), slice: .zero))
        }
    }

    func find(_ request: FindPlanRequest) throws -> [BSONDocument] { try run(plan(request)) }

    /// The stages of the winning plan by name.
    func stages(_ request: FindPlanRequest) throws -> [String: BSONDocument] {
        let explained = try plan(request).explain(
            namespace: "test.things", command: [:], verbosity: "queryPlanner", milliseconds: 0)
        var stages: [String: BSONDocument] = [:]
        var pending = [explained[path: "queryPlanner.winningPlan"]?.document].compactMap(\.self)
        while let stage = pending.popLast() {
            stages[stage["stage"]?.string ?? ""] = stage
            if let inner = stage["inputStage"]?.document { pending.append(inner) }
            pending += stage["inputStages"]?.array?.compactMap(\.document) ?? []
        }
        return stages
    }
}
