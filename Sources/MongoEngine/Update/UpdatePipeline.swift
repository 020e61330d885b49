internal import BSON
internal import MongoProtocol

/// An update written as a pipeline of stages that make one document of one.
struct UpdatePipeline: Sendable {
    private let steps: [@Sendable (BSONDocument) throws -> BSONDocument]

    /// Reads the stages.
    /// - Throws: ``MongoError`` 72 for a stage that updates do not have, and what the stages themselves throw.
    static func compile(
        _ stages: BSONArray, now: BSONDate, variables: ExpressionVariables?
    ) throws -> UpdatePipeline {
        let variables = variables ?? ExpressionVariables(now: now)
        let environment = PipelineEnvironment(
            variables: variables, scope: ExpressionScope(variables: variables.names))
        return UpdatePipeline(steps: try stages.map { try step($0, environment) })
    }

    /// The document that the pipeline makes of one.
    func run(_ document: BSONDocument) throws -> BSONDocument {
        let result = try steps.reduce(document) { document, step in try step(document) }
        guard BSONValue.document(result).nestingDepth <= UpdateLimits.depth else { throw UpdateLimits.tooDeep }
        return result
    }

    private static func step(
        _ stage: BSONValue, _ environment: PipelineEnvironment
    ) throws -> @Sendable (BSONDocument) throws -> BSONDocument {
        // The stage table checks the specification, so that its errors are the same as in an aggregation.
        _ = try Stages.compile(stage, environment)
        guard let document = stage.document, let (name, value) = document.first(where: { _ in true }) else {
            throw MongoError(.typeMismatch, "Each element of the 'pipeline' array must be an object")
        }
        switch name {
        case "$set", "$addFields":
            return projecting(try ProjectionTree.addFields(name, value.document ?? [:], environment.scope), environment)
        case "$project":
            return projecting(try ProjectionTree.project(value.document ?? [:], environment.scope), environment)
        case "$unset":
            let names: [BSONValue] = value.array.map { Array($0) } ?? [value]
            let fields = BSONDocument(fields: names.compactMap(\.string).map { ($0, false) })
            return projecting(try ProjectionTree.project(fields, environment.scope, stage: name), environment)
        case "$replaceWith": return try replacing(value, environment)
        case "$replaceRoot": return try replacing(value.document?["newRoot"] ?? .null, environment)
        default: throw MongoError(.invalidOptions, "\(name) is not allowed to be used within an update")
        }
    }

    private static func projecting(
        _ tree: ProjectionTree, _ environment: PipelineEnvironment
    ) -> @Sendable (BSONDocument) throws -> BSONDocument {
        { document in try tree.apply(document, environment.variables) }
    }

    private static func replacing(
        _ value: BSONValue, _ environment: PipelineEnvironment
    ) throws -> @Sendable (BSONDocument) throws -> BSONDocument {
        let expression = try environment.scope.compile(value)
        return { document in
            let result = try expression.evaluate(document, environment.variables)
            if case .document(let root)? = result { return root }
            throw MongoError(
                .init(40228),
                "'newRoot' expression must evaluate to an object, but resulting value was: "
                    + "\(result?.shellText ?? "MISSING"). Input document: \(document)")
        }
    }
}
