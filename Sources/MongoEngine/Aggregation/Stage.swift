internal import BSON
internal import MongoProtocol

/// What stages know of the command they belong to.
struct PipelineEnvironment: Sendable {
    /// `$$NOW` and the variables of the command's `let`.
    var variables: ExpressionVariables
    /// The names in scope.
    var scope: ExpressionScope
    /// Whether blocking stages may go to disk.
    var allowsDiskUse = true
    /// How many pipelines this one stands inside.
    var depth = 0
    /// Whether the pipeline starts without a collection, so that it has to begin with a stage that makes documents.
    var isCollectionless = false

    /// Bytes a blocking stage may hold in memory, as in MongoDB.
    static let memoryLimit = 100 << 20
}

/// One stage of a pipeline, compiled: it makes a source over another.
struct Stage: Sendable {
    /// What a planner or a neighbouring stage may know of a stage.
    enum Role: Sendable {
        case match(BSONDocument)
        case sort(BSONDocument)
        case limit(Int64)
        /// The pipeline ends here: its documents go to a collection.
        case output(PipelineOutput)
        case other
    }

    let name: String
    var role: Role = .other
    /// Makes a source over another. The variables are those of the pipeline's run: a sub-pipeline has its own for each
    /// document it is run for.
    let makeSource: @Sendable (any DocumentSource, ExpressionVariables) -> any DocumentSource

    init(
        name: String, role: Role = .other,
        makeSource: @escaping @Sendable (any DocumentSource, ExpressionVariables) -> any DocumentSource
    ) {
        self.name = name
        self.role = role
        self.makeSource = makeSource
    }

    /// Whether the pipeline's documents go to a collection here.
    var isOutput: Bool { if case .output = role { true } else { false } }

    /// A stage that evaluates nothing.
    init(
        name: String, role: Role = .other,
        makeSource: @escaping @Sendable (any DocumentSource) -> any DocumentSource
    ) {
        self.init(name: name, role: role) { source, _ in makeSource(source) }
    }
}

/// A stage that makes at most one document of each.
final class TransformSource: DocumentSource {
    typealias Transform = (BSONDocument, ExecutionContext) throws -> BSONDocument?
    private let upstream: any DocumentSource
    private let transform: Transform

    init(_ upstream: any DocumentSource, _ transform: @escaping Transform) {
        self.upstream = upstream
        self.transform = transform
    }

    func next(_ context: ExecutionContext) throws -> Step {
        while true {
            switch try upstream.next(context) {
            case .document(let document):
                if let result = try transform(document, context) { return .document(result) }
            case let other: return other
            }
        }
    }
}

/// A stage that sees all documents before it gives its first: it keeps what it gathered between pauses.
final class BlockingSource: DocumentSource {
    /// Takes documents, then gives the results.
    protocol Gatherer: AnyObject {
        func add(_ document: BSONDocument, _ context: ExecutionContext) throws
        func finish() throws -> any DocumentSource
    }

    private let upstream: any DocumentSource
    private let gatherer: any Gatherer
    private var results: (any DocumentSource)?

    init(_ upstream: any DocumentSource, _ gatherer: any Gatherer) {
        self.upstream = upstream
        self.gatherer = gatherer
    }

    func next(_ context: ExecutionContext) throws -> Step {
        if let results { return try results.next(context) }
        while true {
            switch try upstream.next(context) {
            case .document(let document): try gatherer.add(document, context)
            case .pause: return .pause
            case .end:
                let finished = try gatherer.finish()
                results = finished
                return try finished.next(context)
            }
        }
    }
}

/// Gives what a closure gives, nil being the end.
final class ClosureSource: DocumentSource {
    private let body: (ExecutionContext) throws -> BSONDocument?
    init(_ body: @escaping (ExecutionContext) throws -> BSONDocument?) { self.body = body }
    func next(_ context: ExecutionContext) throws -> Step { try body(context).map { .document($0) } ?? .end }
}
