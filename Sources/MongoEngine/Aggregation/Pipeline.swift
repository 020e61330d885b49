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
    /// What stands for the variables where a run gives none.
    private let variables: ExpressionVariables
    /// The count of a `$limit` right behind those.
    private(set) var leadingLimit: Int64?
    /// How many stages the leading ones are: a source over a plan that does all their work skips as many.
    private(set) var leadingSkip = 0

    /// Compiles a pipeline.
    /// - Parameters:
    ///   - now: What `$$NOW` stands for.
    ///   - variables: The fields of the command's `let`, expressions that use no document.
    ///   - allowDiskUse: Whether blocking stages may go to disk; where not, they fail past the memory limit.
    ///   - isCollectionless: Whether there is no collection, as in `{aggregate: 1}`.
    static func compile(
        _ stages: BSONArray, now: BSONDate, variables: BSONDocument = BSONDocument(), allowDiskUse: Bool = true,
        isCollectionless: Bool = false
    ) throws -> Pipeline {
        let values = try ExpressionScope.evaluate(commandLet: variables, now: now)
        return try compile(
            stages,
            PipelineEnvironment(
                variables: values, scope: ExpressionScope(variables: values.names), allowsDiskUse: allowDiskUse,
                isCollectionless: isCollectionless))
    }

    /// Compiles a pipeline inside another.
    static func compile(_ stages: BSONArray, _ environment: PipelineEnvironment) throws -> Pipeline {
        guard stages.count <= maximumStages else {
            throw MongoError(.failedToParse, "Pipeline length must be no longer than \(maximumStages) stages")
        }
        let compiled = try stages.enumerated().flatMap { index, stage in
            try Stages.checkPlace(of: stage, index, environment)
            return try Stages.compile(stage, environment)
        }
        if let early = compiled.dropLast().first(where: \.isOutput) {
            throw MongoError(.init(40601), "\(early.name) can only be the final stage in the pipeline")
        }
        return Pipeline(compiled, environment)
    }

    private init(_ compiled: [Stage], _ environment: PipelineEnvironment) {
        var stages = compiled
        variables = environment.variables
        // A sort with a limit behind it keeps only what the limit lets through.
        for index in stages.indices.dropLast() {
            guard case .sort(let document) = stages[index].role, case .limit(let count) = stages[index + 1].role,
                let limit = Int(exactly: count), let order = try? SortOrder.parse(document)
            else { continue }
            stages[index] = Stages.sortStage(document, order, limit: limit, environment)
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

    /// Where the documents go, if not to the client.
    var output: PipelineOutput? {
        if case .output(let output)? = stages.last?.role { output } else { nil }
    }

    /// The stages over any source.
    /// - Parameters:
    ///   - skipping: How many of the first stages the source has already done.
    ///   - variables: The variables of this run; those it was compiled with where there are none.
    func makeSource(
        over source: any DocumentSource, skipping: Int = 0, variables: ExpressionVariables? = nil
    ) -> any DocumentSource {
        stages.dropFirst(skipping).reduce(source) { $1.makeSource($0, variables ?? self.variables) }
    }
}
