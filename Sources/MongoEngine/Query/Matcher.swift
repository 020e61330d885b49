internal import BSON

/// What a filter carries along while it looks at one document.
struct MatchState {
    /// The place in an array that made the last part hold, for the positional `$`; parts that do not hold may set it too.
    var arrayIndex: Int?
    /// What `$expr` sees beside the document.
    let variables: ExpressionVariables
}

/// A part of a filter made ready to run.
protocol Matcher: Sendable {
    func matches(_ document: RawDocument, _ state: inout MatchState) throws -> Bool
}

/// All parts hold.
final class AllMatcher: Matcher {
    private let parts: [any Matcher]
    init(_ parts: [any Matcher]) { self.parts = parts }
    func matches(_ document: RawDocument, _ state: inout MatchState) throws -> Bool {
        for part in parts where try !part.matches(document, &state) { return false }
        return true
    }
}

/// One part holds, or with `negated` none does. Which element made a part hold says nothing about the whole, so the
/// positional `$` has no place from here.
final class AnyMatcher: Matcher {
    private let parts: [any Matcher]
    private let negated: Bool
    init(_ parts: [any Matcher], negated: Bool) {
        self.parts = parts
        self.negated = negated
    }
    func matches(_ document: RawDocument, _ state: inout MatchState) throws -> Bool {
        var ignored = state
        for part in parts where try part.matches(document, &ignored) { return !negated }
        return negated
    }
}

/// A predicate holds at a path.
final class FieldMatcher: Matcher {
    private let path: FieldPath
    private let predicate: FieldPredicate
    init(_ path: FieldPath, _ predicate: FieldPredicate) {
        self.path = path
        self.predicate = predicate
    }
    func matches(_ document: RawDocument, _ state: inout MatchState) throws -> Bool {
        try predicate.holds(at: path, in: document, &state.arrayIndex)
    }
}

/// A test of the whole document.
final class TestMatcher: Matcher {
    private let test: FilterNode.Test
    init(_ test: @escaping FilterNode.Test) { self.test = test }
    func matches(_ document: RawDocument, _ state: inout MatchState) throws -> Bool {
        try test(document, state.variables)
    }
}

extension FilterNode {
    /// The part that runs this node.
    func matcher() -> any Matcher {
        switch self {
        case .and(let nodes) where nodes.count == 1: nodes[0].matcher()
        case .and(let nodes): AllMatcher(nodes.map { $0.matcher() })
        case .or(let nodes) where nodes.count == 1: nodes[0].matcher()
        case .or(let nodes): Self.equalities(nodes) ?? AnyMatcher(nodes.map { $0.matcher() }, negated: false)
        case .nor(let nodes): AnyMatcher(nodes.map { $0.matcher() }, negated: true)
        case .field(let path, let predicate): FieldMatcher(FieldPath(path), predicate)
        case .not(let path, let predicates):
            FieldMatcher(FieldPath(path), FieldPredicate(negating: predicates, name: "$not", .null))
        case .expression(_, _, let test), .other(_, _, let test): TestMatcher(test)
        }
    }
}

extension FilterNode {
    /// An `$or` of nothing but equalities at one path, which is an `$in`: one walk, and a place for the positional `$`.
    private static func equalities(_ nodes: [FilterNode]) -> FieldMatcher? {
        var shared: String?
        var predicates: [FieldPredicate] = []
        for node in nodes {
            guard case .field(let path, let predicate) = node, shared == nil || shared == path,
                ["$eq", "$in", "$regex"].contains(predicate.name)
            else { return nil }
            shared = path
            predicates.append(predicate)
        }
        guard let shared else { return nil }
        let alternatives = predicates
        return FieldMatcher(
            FieldPath(shared),
            FieldPredicate("$in", .null) { value in
                for predicate in alternatives where try predicate.matches(value) { return true }
                return false
            })
    }
}

extension FieldPredicate {
    /// Whether the predicate holds for the values at the path.
    func holds(at path: FieldPath, in document: RawDocument, _ arrayIndex: inout Int?) throws -> Bool {
        if let negated {
            var ignored: Int?
            for predicate in negated where try !predicate.holds(at: path, in: document, &ignored) { return true }
            return false
        }
        if !parts.isEmpty {
            for part in parts where try !part.holds(at: path, in: document, &arrayIndex) { return false }
            return true
        }
        var found: Int?
        let matched: Bool
        if let elementIndex {
            matched = try path.first(in: document, leaf: leaf) { value, outerIndex in
                guard let value, let index = try elementIndex(value) else { return false }
                found = outerIndex ?? index
                return true
            }
        } else {
            matched = try path.first(in: document, leaf: leaf) { value, outerIndex in
                guard try matches(value) else { return false }
                found = outerIndex
                return true
            }
        }
        if matched, let found { arrayIndex = found }
        return matched
    }

    /// A predicate that holds where not all of these do.
    init(negating predicates: [FieldPredicate], name: String, _ argument: BSONValue) {
        self.init(name, argument) { value in
            for predicate in predicates where try !predicate.matches(value) { return true }
            return false
        }
        negated = predicates
    }
}
