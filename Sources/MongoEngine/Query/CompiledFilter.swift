internal import BSON
internal import MongoProtocol

/// A filter made ready once and run on many documents.
struct CompiledFilter: Sendable {
    /// The filter as a tree.
    let node: FilterNode

    /// Reads a filter.
    /// - Parameters:
    ///   - now: The instant that `$$NOW` stands for.
    ///   - variables: What the command's `let` defines, for `$expr`.
    /// - Throws: ``MongoError`` with MongoDB's code and words where the filter is none.
    static func compile(
        _ filter: BSONDocument, now: BSONDate, variables: [String: BSONValue] = [:]
    ) throws -> CompiledFilter {
        throw MongoError(.badValue, "filters are not supported yet")
    }

    /// Whether the filter asks for nothing, so that every document matches.
    var isEmpty: Bool {
        if case .and(let nodes) = node { nodes.isEmpty } else { false }
    }

    /// Whether the document matches.
    func matches(_ document: RawDocument) throws -> Bool { false }

    /// Whether the document matches, and which element of an array made it, as the positional `$` needs it.
    func matchWithArrayIndex(_ document: RawDocument) throws -> (matched: Bool, arrayIndex: Int?) { (false, nil) }
}
