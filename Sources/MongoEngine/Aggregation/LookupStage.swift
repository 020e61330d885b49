internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$lookup`: by equality of two fields, by a pipeline, or both.
    static func lookup(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let lookup = try Lookup(value, environment)
        return [
            Stage(name: "$lookup") { source in
                TransformSource(source) { document, context in try lookup.join(document, context) }
            }
        ]
    }
}

/// A compiled `$lookup`.
struct Lookup: Sendable {
    private var from: String?
    private var path: [String] = []
    private var localField: ExpressionPath?
    private var foreignField: String?
    private var bindings: [(String, CompiledExpression)] = []
    private var pipeline: BSONArray?
    private let environment: PipelineEnvironment

    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
        self.environment = environment
        guard let document = value.document else {
            throw MongoError(
                .failedToParse, "the $lookup stage specification must be an object, but found \(value.type.alias)")
        }
        guard environment.depth < 20 else {
            throw MongoError(.init(51066), "Maximum number of nested $lookup sub-pipelines exceeded")
        }
        func text(_ key: String, _ value: BSONValue) throws -> String {
            if let text = value.string { return text }
            throw MongoError(.failedToParse, "$lookup argument '\(key)' must be a string, is type \(value.type.alias)")
        }
        for (key, value) in document {
            switch key {
            case "from": from = try text(key, value)
            case "as": path = try ExpressionPath(try text(key, value)).parts
            case "localField": localField = try ExpressionPath(try text(key, value))
            case "foreignField": foreignField = try ExpressionPath(try text(key, value)).text
            case "let":
                guard let variables = value.document else {
                    throw MongoError(
                        .failedToParse,
                        "$lookup argument 'let: \(value)' must be an object, is type \(value.type.alias)")
                }
                bindings = try variables.map { name, value in
                    try ExpressionScope.checkUserName(name)
                    return (name, try environment.scope.compile(value))
                }
            case "pipeline":
                guard let stages = value.array else {
                    throw MongoError(.typeMismatch, "'pipeline' option must be specified as an array")
                }
                pipeline = stages
            default: throw MongoError(.failedToParse, "unknown argument to $lookup: \(key)")
            }
        }
        if path.isEmpty { throw MongoError(.failedToParse, "must specify 'as' field for a $lookup") }
        if from == nil, pipeline == nil {
            throw MongoError(.failedToParse, "missing 'from' option to $lookup stage specification")
        }
        if (localField == nil) != (foreignField == nil) {
            throw MongoError(
                .failedToParse, "$lookup requires both or neither of 'localField' and 'foreignField' to be specified")
        }
        if localField == nil, pipeline == nil {
            throw MongoError(
                .failedToParse,
                "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified")
        }
        // A malformed pipeline is an error even where no document comes by.
        if pipeline != nil { _ = try compilePipeline(environment.variables) }
    }

    private func compilePipeline(_ variables: ExpressionVariables) throws -> Pipeline {
        var inner = environment
        inner.variables = variables
        inner.scope.variables.formUnion(bindings.map(\.0))
        inner.depth += 1
        return try Pipeline.compile(pipeline ?? [], inner)
    }

    /// The document with what it is joined to.
    func join(_ document: BSONDocument, _ context: ExecutionContext) throws -> BSONDocument {
        var clauses: [BSONValue] = []
        if let localField, let foreignField {
            clauses.append(.document(equality(foreignField, localField.value(in: document))))
        }
        guard pipeline != nil else { return document.setting(path[...], try found(clauses, context)) }

        var variables = environment.variables
        for (name, expression) in bindings {
            variables = variables.binding(name, try expression.evaluate(document, environment.variables))
        }
        let compiled = try compilePipeline(variables)
        // A first $match that uses no variables goes to the planner, which may have an index for it.
        if variables.isEmpty, let filter = compiled.leadingMatch {
            clauses.append(.document(filter))
            return document.setting(path[...], try run(compiled, clauses, skipping: 1, context))
        }
        return document.setting(path[...], try run(compiled, clauses, skipping: 0, context))
    }

    private func candidates(_ clauses: [BSONValue], _ context: ExecutionContext) throws -> [BSONDocument] {
        guard let from else { return [] }
        let filter: BSONDocument =
            switch clauses.count {
            case 0: [:]
            case 1: clauses[0].document ?? [:]
            default: ["$and": .array(BSONArray(clauses))]
            }
        return try context.documents(of: from, matching: filter)
    }

    private func found(_ clauses: [BSONValue], _ context: ExecutionContext) throws -> BSONValue {
        .array(BSONArray(try candidates(clauses, context).map { .document($0) }))
    }

    private func run(
        _ pipeline: Pipeline, _ clauses: [BSONValue], skipping: Int, _ context: ExecutionContext
    ) throws -> BSONValue {
        let source = pipeline.makeSource(over: ArraySource(try candidates(clauses, context)), skipping: skipping)
        var results: [BSONValue] = []
        while true {
            switch try source.next(context) {
            case .document(let document): results.append(.document(document))
            case .pause: try context.checkLimits()
            case .end: return .array(BSONArray(results))
            }
        }
    }

    /// What the foreign field must be: equal to the local value, or to an element of it. Missing is null's equal, and a
    /// regular expression is a value here, not a pattern.
    private func equality(_ field: String, _ value: BSONValue?) -> BSONDocument {
        func clause(_ value: BSONValue) -> BSONValue {
            if case .undefined = value { return ["$eq": .null] }
            return ["$eq": value]
        }
        guard case .array(let array)? = value else { return [field: clause(value ?? .null)] }
        let elements = Array(array)
        let hasPattern = elements.contains { if case .regularExpression = $0 { true } else { false } }
        if elements.count == 1 { return [field: clause(elements[0])] }
        if !hasPattern { return [field: ["$in": .array(array)]] }
        return ["$or": .array(BSONArray(elements.map { [field: clause($0)] }))]
    }
}
