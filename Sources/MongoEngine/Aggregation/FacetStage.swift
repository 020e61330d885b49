internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$facet`: several pipelines over the same documents.
    static func facet(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document, !document.isEmpty else {
            throw MongoError(.init(40169), "the $facet specification must be a non-empty object")
        }
        var inner = environment
        inner.depth += 1
        inner.isCollectionless = false
        let pipelines: [(String, Pipeline)] = try document.map { name, value in
            _ = try ExpressionPath.checkFieldName(name)
            guard let stages = value.array else {
                throw MongoError(
                    .init(40170), "arguments to $facet must be arrays, \(name) is type \(value.type.alias)")
            }
            for stage in stages {
                guard let key = stage.document?.keys.first else { continue }
                if ["$facet", "$out", "$merge", "$collStats", "$indexStats", "$geoNear"].contains(key) {
                    throw MongoError(.init(40600), "\(key) is not allowed to be used within a $facet stage")
                }
            }
            return (name, try Pipeline.compile(stages, inner))
        }
        return [
            Stage(name: "$facet") { source, variables in
                BlockingSource(source, FacetGatherer(pipelines, variables))
            }
        ]
    }
}

private final class FacetGatherer: BlockingSource.Gatherer {
    private let pipelines: [(String, Pipeline)]
    private let variables: ExpressionVariables
    private var documents: [BSONDocument] = []
    private var bytes = 0
    init(_ pipelines: [(String, Pipeline)], _ variables: ExpressionVariables) {
        (self.pipelines, self.variables) = (pipelines, variables)
    }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        documents.append(document)
        bytes += document.byteCount
        if bytes > PipelineEnvironment.memoryLimit {
            throw MongoError(.queryExceededMemoryLimit, "$facet exceeded the memory limit of 100 megabytes")
        }
    }

    func finish() -> any DocumentSource { FacetSource(pipelines, documents, variables) }
}

/// Gives one document of all pipelines' results. It keeps its place between slices.
private final class FacetSource: DocumentSource {
    private let pipelines: [(String, Pipeline)]
    private let documents: [BSONDocument]
    private let variables: ExpressionVariables
    private var results: [(String, BSONValue)] = []
    private var current: ResultList?
    private var isDone = false

    init(_ pipelines: [(String, Pipeline)], _ documents: [BSONDocument], _ variables: ExpressionVariables) {
        (self.pipelines, self.documents, self.variables) = (pipelines, documents, variables)
    }

    func next(_ context: ExecutionContext) throws -> Step {
        if isDone { return .end }
        while results.count < pipelines.count {
            let (name, pipeline) = pipelines[results.count]
            let list =
                current
                ?? ResultList(
                    pipeline.makeSource(over: RowSource(documents), variables: variables),
                    limit: PipelineEnvironment.memoryLimit, .queryExceededMemoryLimit)
            current = list
            guard let found = try list.collect(context) else { return .pause }
            results.append((name, found))
            current = nil
        }
        isDone = true
        return .document(BSONDocument(fields: results))
    }
}

/// Gives documents that are at hand, and counts each as a row so that long lists pause.
final class RowSource: DocumentSource {
    private let documents: [BSONDocument]
    private var place = 0
    private var mustPause = false
    init(_ documents: [BSONDocument]) { self.documents = documents }

    func next(_ context: ExecutionContext) throws -> Step {
        if mustPause {
            mustPause = false
            return .pause
        }
        guard place < documents.count else { return .end }
        defer { place += 1 }
        mustPause = try context.countRow()
        return .document(documents[place])
    }
}

/// Gathers what a source gives into one array, over as many slices as it takes.
final class ResultList {
    private let source: any DocumentSource
    private let limit: Int
    private let code: ServerErrorCode
    private var results: [BSONValue] = []
    /// What the results take, about.
    private(set) var bytes = 0

    /// - Parameters:
    ///   - limit: How many bytes the results may take.
    ///   - code: The error where they take more.
    init(_ source: any DocumentSource, limit: Int, _ code: ServerErrorCode) {
        (self.source, self.limit, self.code) = (source, limit, code)
    }

    /// All results, or nil where the slice is used up.
    func collect(_ context: ExecutionContext) throws -> BSONValue? {
        while true {
            switch try source.next(context) {
            case .document(let document):
                results.append(.document(document))
                bytes += document.byteCount
                if bytes > limit {
                    throw MongoError(code, "Total size of documents exceeds the limit of \(limit) bytes")
                }
            case .pause: return nil
            case .end: return .array(BSONArray(results))
            }
        }
    }
}
