internal import BSON
internal import MongoProtocol

/// A filter made ready once and run on many documents.
struct CompiledFilter: Sendable {
    /// The filter as a tree.
    let node: FilterNode
    private let matcher: any Matcher
    private let variables: ExpressionVariables

    /// Makes a tree ready to run.
    /// - Parameter variables: What `$expr` sees beside the document.
    init(
        _ node: FilterNode,
        _ variables: ExpressionVariables = ExpressionVariables(now: BSONDate(millisecondsSince1970: 0))
    ) {
        self.node = node
        self.variables = variables
        matcher = node.matcher()
    }

    /// Reads a filter.
    /// - Parameters:
    ///   - now: The instant that `$$NOW` stands for.
    ///   - variables: What the command's `let` defines, for `$expr`.
    /// - Throws: ``MongoError`` with MongoDB's code and words where the filter is none.
    static func compile(
        _ filter: BSONDocument, now: BSONDate, variables: ExpressionVariables? = nil
    ) throws -> CompiledFilter {
        let variables = variables ?? ExpressionVariables(now: now)
        let parser = FilterParser(variables: variables.names, values: variables)
        return CompiledFilter(try parser.parse(filter), variables)
    }

    /// Reads a filter of a pipeline, which names variables that only its runs have values for.
    static func compile(
        _ filter: BSONDocument, variables: ExpressionVariables, names: Set<String>
    ) throws -> CompiledFilter {
        CompiledFilter(try FilterParser(variables: names).parse(filter), variables)
    }

    /// Whether the filter asks for nothing, so that every document matches.
    var isEmpty: Bool {
        if case .and(let nodes) = node { nodes.isEmpty } else { false }
    }

    /// Whether the document matches.
    /// - Parameter variables: What `$expr` sees in place of what the filter was compiled with.
    func matches(_ document: RawDocument, _ variables: ExpressionVariables? = nil) throws -> Bool {
        var state = MatchState(variables: variables ?? self.variables)
        return try matcher.matches(document, &state)
    }

    /// Whether the document matches, and which element of an array made it, as the positional `$` needs it.
    func matchWithArrayIndex(_ document: RawDocument) throws -> (matched: Bool, arrayIndex: Int?) {
        var state = MatchState(variables: variables)
        let matched = try matcher.matches(document, &state)
        return (matched, matched ? state.arrayIndex : nil)
    }
}
