internal import BSON

/// What a source or a stage has next.
enum Step {
    /// A document.
    case document(BSONDocument)
    /// Nothing yet: the slice of work is used up, and the caller goes on in a later one.
    case pause
    /// Nothing more.
    case end
}

/// Gives documents one at a time: a scan, or a stage of a pipeline over another source.
///
/// A source keeps its place as values (the key and record it stands at), never an open statement, so between two calls
/// with different contexts it holds nothing of the storage.
protocol DocumentSource: AnyObject {
    /// The next document. `.pause` is handed through as it is.
    func next(_ context: ExecutionContext) throws -> Step
    /// ``next(_:)`` for whoever copies the document anyway: shows it where it lies, which may be the storage's memory.
    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> VisitStep
}

extension DocumentSource {
    /// Shows the document that ``next(_:)`` gives.
    func visit(_ context: ExecutionContext, _ body: (RawDocument) throws -> Void) throws -> VisitStep {
        switch try next(context) {
        case .document(let document):
            try document.withRaw(body)
            return .visited
        case .pause: return .pause
        case .end: return .end
        }
    }
}

/// What a visit to a source's next document came to.
enum VisitStep {
    /// The document was shown.
    case visited
    /// Nothing yet: the slice of work is used up.
    case pause
    /// Nothing more.
    case end
}

/// Gives documents that are at hand.
final class ArraySource: DocumentSource {
    private var documents: IndexingIterator<[BSONDocument]>
    init(_ documents: [BSONDocument]) { self.documents = documents.makeIterator() }
    func next(_ context: ExecutionContext) -> Step { documents.next().map { .document($0) } ?? .end }
}
