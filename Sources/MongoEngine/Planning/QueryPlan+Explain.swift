internal import BSON

extension QueryPlan {
    /// What MongoDB's `explain` answers, without the fields that say which server it was.
    /// - Parameters:
    ///   - command: The command that is explained.
    ///   - verbosity: `queryPlanner`, or `executionStats` and `allPlansExecution` once a source of this plan has run.
    func explain(
        namespace: String, command: BSONDocument, verbosity: String, milliseconds: Int64
    ) -> BSONDocument {
        var parsed = conditions
        if case .point(let id) = access {
            parsed = [.field(path: "_id", predicate: FieldPredicate("$eq", id) { _ in true })]
        }
        let ran = verbosity != "queryPlanner"
        var planner = BSONWriter()
        planner.append("namespace", .string(namespace))
        planner.append("parsedQuery", .document(FilterDescription.document(parsed)))
        planner.append("indexFilterSet", false)
        planner.append("winningPlan", .document(stages(access, sort: window.sort, counted: false)))
        let rejected: [BSONValue] = self.rejected.map { other in
            var sort: SortOrder?
            if case .none = other.order { sort = order }
            return .document(stages(.index(other), sort: sort, counted: false))
        }
        planner.append("rejectedPlans", .array(BSONArray(rejected)))
        var writer = BSONWriter()
        writer.append("explainVersion", "1")
        writer.append("queryPlanner", .document(planner.finish()))
        if ran {
            var stats = BSONWriter()
            stats.append("executionSuccess", true)
            stats.append("nReturned", .int(counters.nReturned))
            stats.append("executionTimeMillis", .int(Int(clamping: milliseconds)))
            stats.append("totalKeysExamined", .int(counters.keysExamined))
            stats.append("totalDocsExamined", .int(counters.docsExamined))
            stats.append("executionStages", .document(stages(access, sort: window.sort, counted: true)))
            if verbosity == "allPlansExecution" { stats.append("allPlansExecution", []) }
            writer.append("executionStats", .document(stats.finish()))
        }
        writer.append("command", .document(command))
        writer.append("ok", .double(1))
        return writer.finish()
    }

    /// The stages, outermost first.
    private func stages(_ access: AccessPath, sort: SortOrder?, counted: Bool) -> BSONDocument {
        var stage = accessStages(access, counted: counted)
        func wrap(_ name: String, _ fields: [(String, BSONValue)] = []) {
            let returned: [(String, BSONValue)] = counted ? [("nReturned", .int(counters.nReturned))] : []
            stage = BSONDocument(
                fields: [("stage", .string(name))] + returned + fields + [("inputStage", .document(stage))])
        }
        if case .none = access { return stage }
        if let sort {
            let pattern = BSONDocument(fields: sort.parts.map { ($0.path, $0.descending ? -1 : 1) })
            var fields: [(String, BSONValue)] = [
                ("sortPattern", .document(pattern)), ("memLimit", .int(SortedRecords.memoryLimit)),
            ]
            if let wanted = window.wanted { fields.append(("limitAmount", .int(wanted))) }
            wrap("SORT", fields + [("type", "simple")])
        }
        if window.skip > 0 { wrap("SKIP", [("skipAmount", .int(window.skip))]) }
        if let limit = window.limit { wrap("LIMIT", [("limitAmount", .int(limit))]) }
        if let projection {
            wrap(
                projection.isSimple ? "PROJECTION_SIMPLE" : "PROJECTION_DEFAULT",
                [("transformBy", .document(projection.document))])
        }
        return stage
    }

    private func accessStages(_ access: AccessPath, counted: Bool) -> BSONDocument {
        func stage(_ name: String, _ fields: [(String, BSONValue)], _ stats: [(String, Int)] = []) -> BSONDocument {
            let counts = counted ? stats.map { ($0.0, BSONValue.int($0.1)) } : []
            return BSONDocument(fields: [("stage", .string(name))] + counts + fields)
        }
        // What the bounds settle needs no further check.
        var covered: Set<Int> = []
        if case .index(let access) = access { covered = access.bounds.covered }
        let residual = conditions.enumerated().filter { !covered.contains($0.offset) }.map(\.element)
        let rest: [(String, BSONValue)] =
            residual.isEmpty ? [] : [("filter", .document(FilterDescription.document(residual)))]
        let docs = [("nReturned", counters.nReturned), ("docsExamined", counters.docsExamined)]
        let keys = [("nReturned", counters.keysExamined), ("keysExamined", counters.keysExamined)]
        func scan(_ access: IndexAccess) -> BSONDocument { stage("IXSCAN", Self.fields(access), keys) }
        switch access {
        case .none: return stage("EOF", [], [("nReturned", 0)])
        case .collection(let backward):
            return stage("COLLSCAN", rest + [("direction", backward ? "backward" : "forward")], docs)
        case .point(let id):
            guard let index = collection?.idIndex else { return stage("EOF", []) }
            let text = IndexInterval.point(id).text()
            return stage(
                "IDHACK",
                [
                    ("keyPattern", index.specification["key"] ?? ["_id": 1]), ("indexName", .string(index.name)),
                    ("indexBounds", ["_id": [.string(text)]]),
                ],
                docs + [("keysExamined", counters.keysExamined)])
        case .index(let access):
            var input = scan(access)
            if case .merged = access.order { input = stage("SORT_MERGE", [("inputStage", .document(input))], keys) }
            return stage("FETCH", rest + [("inputStage", .document(input))], docs)
        case .union(let branches):
            let inputs = BSONValue.array(BSONArray(branches.map { .document(scan($0)) }))
            let or = stage("OR", [("inputStages", inputs)], keys)
            return stage("FETCH", rest + [("inputStage", .document(or))], docs)
        }
    }

    private static func fields(_ access: IndexAccess) -> [(String, BSONValue)] {
        let index = access.index
        return [
            ("keyPattern", index.specification["key"] ?? [:]), ("indexName", .string(index.name)),
            ("isMultiKey", .bool(index.isMultikey)), ("isUnique", .bool(index.isUnique)), ("isSparse", false),
            ("isPartial", false), ("indexVersion", 2), ("direction", access.backward ? "backward" : "forward"),
            ("indexBounds", .document(access.bounds.document(index, backward: access.backward))),
        ]
    }
}
