internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$graphLookup`: all documents that can be reached from a value, step by step.
    static func graphLookup(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let search = try GraphSearch(value, environment)
        return [Stage(name: "$graphLookup") { GraphLookupSource($0, search, $1) }]
    }
}

/// A compiled `$graphLookup`.
struct GraphSearch: Sendable {
    let from: String
    let path: [String]
    let start: CompiledExpression
    let connectFrom: ExpressionPath
    let connectTo: String
    private(set) var maximumDepth: Int64?
    private(set) var depthField: [String]?
    private(set) var restriction: BSONDocument?

    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
        guard let document = value.document else {
            throw MongoError(
                .failedToParse, "the $graphLookup stage specification must be an object, but found \(value.type.alias)")
        }
        func text(_ key: String) throws -> String? {
            guard let value = document[key] else { return nil }
            guard let text = value.string else {
                throw MongoError(.init(40103), "expected string as argument for \(key), found: \(value.type.alias)")
            }
            return text
        }
        for (key, value) in document {
            switch key {
            case "from", "as", "startWith", "connectFromField", "connectToField": break
            case "depthField": depthField = try text(key).map { try ExpressionPath($0).parts }
            case "maxDepth":
                guard value.isNumber else {
                    throw MongoError(.init(40100), "maxDepth requires numeric argument, found: \(value.type.alias)")
                }
                guard let depth = value.int64 else {
                    throw MongoError(.init(40102), "maxDepth could not be represented as a long long: \(value)")
                }
                guard depth >= 0 else {
                    throw MongoError(.init(40101), "maxDepth requires a nonnegative argument, found: \(value)")
                }
                maximumDepth = depth
            case "restrictSearchWithMatch":
                guard let filter = value.document else {
                    throw MongoError(
                        .init(40185), "restrictSearchWithMatch must be an object, found \(value.type.alias)")
                }
                _ = try CompiledFilter.compile(
                    filter, variables: environment.variables, names: environment.scope.variables)
                restriction = filter
            default: throw MongoError(.init(40104), "Unknown argument to $graphLookup: \(key)")
            }
        }
        guard let from = try text("from"), let output = try text("as"), let start = document["startWith"],
            let connectFrom = try text("connectFromField"), let connectTo = try text("connectToField")
        else {
            throw MongoError(
                .init(40105),
                "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be "
                    + "specified.")
        }
        self.from = from
        path = try ExpressionPath(output).parts
        self.start = try environment.scope.compile(start)
        self.connectFrom = try ExpressionPath(connectFrom)
        self.connectTo = try ExpressionPath(connectTo).text
    }

    /// The filter of one step.
    func filter(_ values: [BSONValue]) -> BSONDocument {
        // $eq and not $in: a regular expression or an object with an operator's name is a value here.
        let isPlain = values.allSatisfy {
            switch $0 {
            case .regularExpression: false
            case .document(let document): !FilterParser.isOperators(document)
            default: true
            }
        }
        let step: BSONDocument =
            isPlain
            ? [connectTo: ["$in": .array(BSONArray(values))]]
            : ["$or": .array(BSONArray(values.map { [connectTo: ["$eq": $0]] }))]
        guard let restriction else { return step }
        return ["$and": [.document(step), .document(restriction)]]
    }
}

/// Searches from each document in breadth, over as many slices as it takes.
final class GraphLookupSource: DocumentSource {
    /// The search from one document.
    private struct Search {
        let document: BSONDocument
        var depth: Int64 = 0
        var frontier: [BSONValue] = []
        /// The values that were searched for, by their keys.
        var seen: Set<[UInt8]> = []
        var found: [(key: [UInt8], document: BSONDocument)] = []
        var visited: Set<[UInt8]> = []
        var bytes = 0
        var step: (any DocumentSource)?
    }

    private let upstream: any DocumentSource
    private let search: GraphSearch
    private let variables: ExpressionVariables
    private var current: Search?

    init(_ upstream: any DocumentSource, _ search: GraphSearch, _ variables: ExpressionVariables) {
        (self.upstream, self.search, self.variables) = (upstream, search, variables)
    }

    func next(_ context: ExecutionContext) throws -> Step {
        while true {
            if var state = current {
                current = nil
                guard let result = try advance(&state, context) else {
                    current = state
                    return .pause
                }
                return .document(state.document.setting(search.path[...], result))
            }
            let step = try upstream.next(context)
            guard case .document(let document) = step else { return step }
            var state = Search(document: document)
            reach(try search.start.evaluate(document, variables), &state)
            current = state
        }
    }

    /// Goes on with a search: its result, or nil where the slice is used up.
    private func advance(_ state: inout Search, _ context: ExecutionContext) throws -> BSONValue? {
        while true {
            guard let step = state.step else {
                let isDeep = search.maximumDepth.map { state.depth > $0 } ?? false
                if state.frontier.isEmpty || isDeep { break }
                state.step = try context.source(of: search.from, matching: search.filter(state.frontier), variables)
                state.frontier = []
                continue
            }
            switch try step.next(context) {
            case .document(let document): try visit(document, &state)
            case .pause: return nil
            case .end:
                state.step = nil
                state.depth += 1
            }
        }
        // By their ids: an order that does not depend on the way the search took.
        let sorted = state.found.sorted { SpillFile.precedes($0.key, $1.key) }
        return .array(BSONArray(sorted.map { .document($0.document) }))
    }

    private func visit(_ document: BSONDocument, _ state: inout Search) throws {
        let key = KeyEncoding.key(of: document["_id"] ?? .null)
        guard state.visited.insert(key).inserted else { return }
        let result = search.depthField.map { document.setting($0[...], .int64(state.depth)) } ?? document
        state.found.append((key, result))
        state.bytes += key.count * 2 + result.byteCount
        guard state.bytes <= PipelineEnvironment.memoryLimit else {
            throw MongoError(.init(40099), "$graphLookup reached maximum memory consumption")
        }
        reach(search.connectFrom.value(in: document), &state)
    }

    /// Adds a value, or the elements of an array, to what the next step searches for.
    private func reach(_ value: BSONValue?, _ state: inout Search) {
        guard let value else { return }
        let values: [BSONValue] = value.array.map { Array($0) } ?? [value]
        for value in values where state.seen.insert(KeyEncoding.key(of: value)).inserted {
            state.frontier.append(value)
        }
    }
}
