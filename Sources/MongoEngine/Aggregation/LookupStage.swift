internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$lookup`: by equality of two fields, by a pipeline, or both.
    static func lookup(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let lookup = try Lookup(value, environment)
        return [Stage(name: "$lookup") { LookupSource($0, lookup, $1) }]
    }
}

/// A compiled `$lookup`.
struct Lookup: Sendable {
    private var from: String?
    private(set) var path: [String] = []
    private var localField: ExpressionPath?
    private var foreignField: String?
    private var bindings: [(String, CompiledExpression)] = []
    private var pipeline: Pipeline?

    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
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
        var stages: BSONArray?
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
                guard let list = value.array else {
                    throw MongoError(.typeMismatch, "'pipeline' option must be specified as an array")
                }
                stages = list
            default: throw MongoError(.failedToParse, "unknown argument to $lookup: \(key)")
            }
        }
        try check(hasPipeline: stages != nil)
        pipeline = try stages.map { stages in
            var inner = environment
            inner.scope.variables.formUnion(bindings.map(\.0))
            inner.depth += 1
            inner.isCollectionless = from == nil
            if from == nil, stages.first(where: { _ in true })?.document?.keys.first != "$documents" {
                throw MongoError(
                    .failedToParse, "missing 'from' option to $lookup stage specification")
            }
            return try Pipeline.compile(stages, inner)
        }
    }

    private func check(hasPipeline: Bool) throws {
        if path.isEmpty { throw MongoError(.failedToParse, "must specify 'as' field for a $lookup") }
        if from == nil, !hasPipeline {
            throw MongoError(.failedToParse, "missing 'from' option to $lookup stage specification")
        }
        if (localField == nil) != (foreignField == nil) {
            throw MongoError(
                .failedToParse, "$lookup requires both or neither of 'localField' and 'foreignField' to be specified")
        }
        if localField == nil, !hasPipeline {
            throw MongoError(
                .failedToParse,
                "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified")
        }
    }

    /// Whether every document is joined to the same.
    var isConstant: Bool {
        localField == nil && bindings.isEmpty && pipeline?.stages.contains { $0.name == "$sample" } != true
    }

    /// What the document is joined to.
    func source(
        for document: BSONDocument, _ variables: ExpressionVariables, _ context: ExecutionContext
    ) throws -> any DocumentSource {
        var clauses: [BSONValue] = []
        if let localField, let foreignField {
            clauses.append(.document(equality(foreignField, localField.value(in: document))))
        }
        var inner = variables
        for (name, expression) in bindings {
            inner = inner.binding(name, try expression.evaluate(document, variables))
        }
        guard let from else {
            // Documents made by the pipeline itself: the equality is a filter on them.
            let made = pipeline?.makeSource(over: ArraySource([]), variables: inner) ?? ArraySource([])
            if clauses.isEmpty { return made }
            let filter = try CompiledFilter.compile(Self.all(clauses), now: context.now)
            return TransformSource(made) { document, _ in
                try document.withRaw { try filter.matches($0) } ? document : nil
            }
        }
        // The planner may have an index for a $match at the start.
        let leading = pipeline?.leadingMatch
        if let leading { clauses.append(.document(leading)) }
        let found = try context.source(of: from, matching: Self.all(clauses), inner)
        return pipeline?.makeSource(over: found, skipping: leading == nil ? 0 : 1, variables: inner) ?? found
    }

    private static func all(_ clauses: [BSONValue]) -> BSONDocument {
        switch clauses.count {
        case 0: [:]
        case 1: clauses[0].document ?? [:]
        default: ["$and": .array(BSONArray(clauses))]
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
        // An object with an operator's name is a value here too, which $in would refuse.
        let isPlain = !hasPattern && !elements.contains { $0.document.map { FilterParser.isOperators($0) } ?? false }
        if isPlain { return [field: ["$in": .array(array)]] }
        return ["$or": .array(BSONArray(elements.map { [field: clause($0)] }))]
    }
}

/// Joins each document to others, one document after the other, over as many slices as it takes.
final class LookupSource: DocumentSource {
    private let upstream: any DocumentSource
    private let lookup: Lookup
    private let variables: ExpressionVariables
    private var current: (document: BSONDocument, results: ResultList)?
    /// What every document is joined to, once known, where it is the same for all.
    private var constant: BSONValue?

    init(_ upstream: any DocumentSource, _ lookup: Lookup, _ variables: ExpressionVariables) {
        (self.upstream, self.lookup, self.variables) = (upstream, lookup, variables)
    }

    func next(_ context: ExecutionContext) throws -> Step {
        while true {
            if let (document, results) = current {
                guard let found = try results.collect(context) else { return .pause }
                current = nil
                if lookup.isConstant { constant = found }
                return .document(document.setting(lookup.path[...], found))
            }
            let step = try upstream.next(context)
            guard case .document(let document) = step else { return step }
            if let constant { return .document(document.setting(lookup.path[...], constant)) }
            current = (
                document,
                ResultList(
                    try lookup.source(for: document, variables, context),
                    limit: BSONValidator.maximumDocumentSize, ServerErrorCode(4568))
            )
        }
    }
}
