internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$unionWith`: what comes in, then what a pipeline over another collection gives.
    static func unionWith(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        var collection: String?
        var stages: BSONArray = []
        switch value {
        case .string(let name): collection = name
        case .document(let document):
            for (key, value) in document {
                switch (key, value) {
                case ("coll", .string(let name)): collection = name
                case ("pipeline", .array(let list)): stages = list
                case ("coll", _):
                    throw MongoError(
                        .typeMismatch,
                        "BSON field '$unionWith.coll' is the wrong type '\(value.type.alias)', expected type 'string'")
                case ("pipeline", _):
                    throw MongoError(
                        .typeMismatch,
                        "BSON field '$unionWith.pipeline' is the wrong type '\(value.type.alias)', expected type 'array'"
                    )
                default: throw MongoError(.init(40415), "BSON field '$unionWith.\(key)' is an unknown field.")
                }
            }
        default:
            throw MongoError(
                .failedToParse,
                "the $unionWith stage specification must be an object or string, but found \(value.type.alias)")
        }
        if collection == nil, stages.first(where: { _ in true })?.document?.keys.first != "$documents" {
            throw MongoError(
                .failedToParse,
                "$unionWith stage without explicit collection must have a pipeline with $documents as first stage")
        }
        for stage in stages {
            guard let name = stage.document?.keys.first, name == "$out" || name == "$merge" else { continue }
            throw MongoError(.init(31441), "\(name) is not allowed within a $unionWith's sub-pipeline")
        }
        var inner = environment
        inner.depth += 1
        inner.isCollectionless = collection == nil
        let pipeline = try Pipeline.compile(stages, inner)
        let name = collection
        return [
            Stage(name: "$unionWith") { source, variables in
                UnionSource(source) { context in
                    guard let name else { return pipeline.makeSource(over: ArraySource([]), variables: variables) }
                    let leading = pipeline.leadingMatch
                    let found = try context.source(of: name, matching: leading ?? [:], variables)
                    return pipeline.makeSource(over: found, skipping: leading == nil ? 0 : 1, variables: variables)
                }
            }
        ]
    }

    /// `$documents`: documents from an expression instead of a collection.
    static func documents(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let expression = try environment.scope.compile(value)
        // What is wrong with a constant is said at once.
        if case .constant = expression.form { _ = try made(expression, environment.variables) }
        return [
            Stage(name: "$documents") { _, variables in
                UnionSource(ArraySource([])) { _ in RowSource(try made(expression, variables)) }
            }
        ]
    }

    private static func made(
        _ expression: CompiledExpression, _ variables: ExpressionVariables
    ) throws -> [BSONDocument] {
        guard let list = try expression.evaluate([:], variables)?.array else {
            throw MongoError(.init(5_858_203), "an array is expected")
        }
        return try list.map { value in
            if let document = value.document { return document }
            throw MongoError(
                .init(40228),
                "'newRoot' expression must evaluate to an object, but resulting value was: \(value). Type of "
                    + "resulting value: '\(value.type.alias)'.")
        }
    }
}

/// Gives what one source gives, then what a second one does, which is made when it is needed.
private final class UnionSource: DocumentSource {
    private let first: any DocumentSource
    private let makeSecond: (ExecutionContext) throws -> any DocumentSource
    private var second: (any DocumentSource)?

    init(_ first: any DocumentSource, _ second: @escaping (ExecutionContext) throws -> any DocumentSource) {
        (self.first, makeSecond) = (first, second)
    }

    func next(_ context: ExecutionContext) throws -> Step {
        if let second { return try second.next(context) }
        let step = try first.next(context)
        guard case .end = step else { return step }
        let second = try makeSecond(context)
        self.second = second
        return try second.next(context)
    }
}
