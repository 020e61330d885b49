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
        return [Stage(name: "$facet") { BlockingSource($0, FacetGatherer(pipelines)) }]
    }
}

private final class FacetGatherer: BlockingSource.Gatherer {
    private let pipelines: [(String, Pipeline)]
    private var documents: [BSONDocument] = []
    private var bytes = 0
    init(_ pipelines: [(String, Pipeline)]) { self.pipelines = pipelines }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        documents.append(document)
        bytes += document.byteCount
        if bytes > PipelineEnvironment.memoryLimit {
            throw MongoError(.queryExceededMemoryLimit, "$facet exceeded the memory limit of 100 megabytes")
        }
    }

    func finish() -> any DocumentSource {
        let (pipelines, documents) = (pipelines, documents)
        var isDone = false
        return ClosureSource { context in
            if isDone { return nil }
            isDone = true
            var writer = BSONWriter()
            for (name, pipeline) in pipelines {
                let source = pipeline.makeSource(over: ArraySource(documents), skipping: 0)
                var results: [BSONValue] = []
                loop: while true {
                    switch try source.next(context) {
                    case .document(let document): results.append(.document(document))
                    case .pause: try context.checkLimits()
                    case .end: break loop
                    }
                }
                writer.append(name, .array(BSONArray(results)))
            }
            return writer.finish()
        }
    }
}
