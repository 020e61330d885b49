internal import BSON
internal import MongoProtocol

/// A compiled aggregation pipeline.
struct Pipeline: Sendable {
    /// More stages than this are an error, as in MongoDB.
    private static let maximumStages = 1000

    /// The stages, in order.
    let stages: [Stage]
    /// The filter of a leading `$match`, which a planner can take over.
    private(set) var leadingMatch: BSONDocument?
    /// The pattern of a `$sort` at the start or right behind that `$match`.
    private(set) var leadingSort: BSONDocument?
    /// The count of a `$limit` right behind those.
    private(set) var leadingLimit: Int64?
    /// How many stages ``leadingMatch``, ``leadingSort`` and ``leadingLimit`` stand for; a source over a plan that did
    /// their work skips as many. The planner may take over the match alone: then it skips one.
    private(set) var leadingSkip = 0

    /// Compiles a pipeline.
    /// - Parameters:
    ///   - now: What `$$NOW` stands for.
    ///   - variables: The command's `let`, already evaluated.
    static func compile(
        _ stages: BSONArray, now: BSONDate, variables: BSONDocument = BSONDocument(), allowDiskUse: Bool = true
    ) throws -> Pipeline {
        for name in variables.keys { try ExpressionScope.checkUserName(name) }
        return try compile(
            stages,
            PipelineEnvironment(
                variables: ExpressionVariables(now: now, variables),
                scope: ExpressionScope(variables: Set(variables.keys)), allowsDiskUse: allowDiskUse))
    }

    /// Compiles a pipeline inside another.
    static func compile(_ stages: BSONArray, _ environment: PipelineEnvironment) throws -> Pipeline {
        guard stages.count <= maximumStages else {
            throw MongoError(.failedToParse, "Pipeline length must be no longer than \(maximumStages) stages")
        }
        return Pipeline(try stages.flatMap { try Stages.compile($0, environment) }, environment)
    }

    private init(_ compiled: [Stage], _ environment: PipelineEnvironment) {
        var stages = compiled
        // A sort with a limit behind it keeps only what the limit lets through.
        for index in stages.indices.dropLast() {
            guard case .sort(let document) = stages[index].role, case .limit(let count) = stages[index + 1].role,
                let limit = Int(exactly: count), let pattern = try? SortKeyPattern(document)
            else { continue }
            stages[index] = Stages.sortStage(document, pattern, limit: limit, environment)
        }
        self.stages = stages
        var rest = stages[...]
        if case .match(let filter)? = rest.first?.role {
            leadingMatch = filter
            rest = rest.dropFirst()
        }
        if case .sort(let pattern)? = rest.first?.role {
            leadingSort = pattern
            rest = rest.dropFirst()
        }
        if case .limit(let count)? = rest.first?.role {
            leadingLimit = count
            rest = rest.dropFirst()
        }
        leadingSkip = stages.count - rest.count
    }

    /// The stages over a source.
    /// - Parameter skipping: How many of the first stages the source has already done.
    func makeSource(over source: any DocumentSource, skipping: Int = 0) -> any DocumentSource {
        stages.dropFirst(skipping).reduce(source) { $1.makeSource($0) }
    }
}
