internal import BSON
internal import MongoProtocol

/// A filter made ready once and run on many documents.
struct CompiledFilter: Sendable {
    /// The filter as a tree.
    let node: FilterNode
    private let matcher: any Matcher

    /// Makes a tree ready to run.
    init(_ node: FilterNode) {
        self.node = node
        matcher = node.matcher()
    }

    /// Reads a filter.
    /// - Parameters:
    ///   - now: The instant that `$$NOW` stands for.
    ///   - variables: What the command's `let` defines, for `$expr`.
    /// - Throws: ``MongoError`` with MongoDB's code and words where the filter is none.
    static func compile(
        _ filter: BSONDocument, now: BSONDate, variables: [String: BSONValue] = [:]
    ) throws -> CompiledFilter {
        CompiledFilter(try FilterParser(now: now, variables: variables).parse(filter))
    }

    /// A filter on one value instead of a document, as `$pull` takes it: the operators apply to the value itself.
    static func compileValue(_ operators: BSONDocument, now: BSONDate) throws -> @Sendable (RawValue) throws -> Bool {
        let predicates = try FilterParser(now: now, variables: [:]).predicates(operators)
        return { value in
            for predicate in predicates where try !predicate.matches(value) { return false }
            return true
        }
    }

    /// Whether the filter asks for nothing, so that every document matches.
    var isEmpty: Bool {
        if case .and(let nodes) = node { nodes.isEmpty } else { false }
    }

    /// Whether the document matches.
    func matches(_ document: RawDocument) throws -> Bool {
        var ignored: Int?
        return try matcher.matches(document, &ignored)
    }

    /// Whether the document matches, and which element of an array made it, as the positional `$` needs it.
    func matchWithArrayIndex(_ document: RawDocument) throws -> (matched: Bool, arrayIndex: Int?) {
        var arrayIndex: Int?
        let matched = try matcher.matches(document, &arrayIndex)
        return (matched, matched ? arrayIndex : nil)
    }
}
