internal import BSON
internal import MongoProtocol

/// `explain`: https://www.mongodb.com/docs/manual/reference/command/explain/
enum ExplainCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        guard let inner = try invocation.document("explain") else {
            throw MongoError(.typeMismatch, "explain takes a command")
        }
        let explained = Invocation(
            MongoCommand(inner, database: invocation.database, sequences: invocation.command.sequences),
            invocation.context)
        return try await run(engine, invocation, of: explained)
    }

    /// Explains `explained`; `invocation` carries the verbosity and the limits.
    static func run(
        _ engine: Engine, _ invocation: Invocation, of explained: Invocation
    ) async throws -> BSONDocument {
        let verbosity = try invocation.string("verbosity") ?? "allPlansExecution"
        guard ["queryPlanner", "executionStats", "allPlansExecution"].contains(verbosity) else {
            throw MongoError(
                .failedToParse,
                "verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}")
        }
        let name = explained.body[explained.command.name]?.string ?? ""
        let collection = engine.catalog.current.collection(explained.database, name)
        let plan = try plan(explained, collection)
        var milliseconds: Int64 = 0
        if verbosity != "queryPlanner" {
            let start = ContinuousClock.now
            try await engine.slices(invocation, SlicedWork(plan.makeSource())) { source, context -> Void? in
                while true {
                    switch try source.next(context) {
                    case .document: continue
                    case .pause: return nil
                    case .end: return ()
                    }
                }
            }
            milliseconds = Int64((ContinuousClock.now - start) / .milliseconds(1))
        }
        return plan.explain(
            namespace: "\(explained.database).\(name)", command: explained.body, verbosity: verbosity,
            milliseconds: milliseconds)
    }

    private static func plan(_ explained: Invocation, _ collection: CollectionDefinition?) throws -> QueryPlan {
        func statement(_ field: String) throws -> FindPlanRequest {
            guard let first = try explained.documents(field).first else {
                throw MongoError(.invalidLength, "explain takes one statement")
            }
            return FindPlanRequest(filter: first["q"]?.document ?? [:], hint: first["hint"])
        }
        let request: FindPlanRequest
        switch explained.command.name {
        case "find": request = try FindCommand.request(explained)
        case "count", "distinct", "findAndModify":
            request = FindPlanRequest(
                filter: try explained.document("query") ?? [:], sort: try explained.document("sort") ?? [:],
                hint: explained.body["hint"])
        case "update": request = try statement("updates")
        case "delete": request = try statement("deletes")
        case "aggregate":
            guard let stages = explained.body["pipeline"]?.array else {
                throw MongoError(.typeMismatch, "'pipeline' option must be specified as an array")
            }
            return try AggregateCommand.plan(explained, stages, collection).0
        default:
            throw MongoError(.commandNotFound, "Explain failed due to unknown command: \(explained.command.name)")
        }
        return try QueryPlanner.plan(request, collection: collection, now: explained.now)
    }
}
