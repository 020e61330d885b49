internal import BSON
internal import MongoProtocol

/// All changes of an update, merged by their paths, so that each container is opened once and in one order.
indirect enum UpdateTrie: Sendable {
    /// A change of the value here.
    case leaf(any UpdateOperator)
    /// Changes of fields, or of elements by their index, in order; `matched` is for the element the filter found.
    case fields([Child], matched: UpdateTrie?)
    /// Changes of elements by array filters; the empty identifier is `$[]`.
    case elements([Child])

    /// What stands below a name or an identifier.
    struct Child: Sendable {
        let name: String
        var trie: UpdateTrie
    }

    /// The trie with one more change.
    /// - Throws: ``MongoError`` 40 where two changes meet.
    static func adding(
        _ operation: any UpdateOperator, at path: UpdatePath, depth: Int = 0, to trie: UpdateTrie?
    ) throws -> UpdateTrie {
        let conflict = MongoError(
            .conflictingUpdateOperators,
            "Updating the path '\(path.text)' would create a conflict at '\(path.prefix(depth))'")
        guard depth < path.parts.count else {
            guard trie == nil else { throw conflict }
            return .leaf(operation)
        }
        switch path.parts[depth] {
        case .name(let name):
            guard case .fields(var children, let matched) = trie ?? .fields([], matched: nil) else { throw conflict }
            if let index = children.firstIndex(where: { $0.name == name }) {
                children[index].trie = try adding(operation, at: path, depth: depth + 1, to: children[index].trie)
            } else {
                let child = try adding(operation, at: path, depth: depth + 1, to: nil)
                let place = children.firstIndex { UpdatePath.precedes(name, $0.name) } ?? children.endIndex
                children.insert(Child(name: name, trie: child), at: place)
            }
            return .fields(children, matched: matched)
        case .matched:
            guard case .fields(let children, let matched) = trie ?? .fields([], matched: nil) else { throw conflict }
            return .fields(children, matched: try adding(operation, at: path, depth: depth + 1, to: matched))
        case .elements(let identifier):
            guard case .elements(var children) = trie ?? .elements([]) else { throw conflict }
            if let index = children.firstIndex(where: { $0.name == identifier }) {
                children[index].trie = try adding(operation, at: path, depth: depth + 1, to: children[index].trie)
            } else {
                let child = try adding(operation, at: path, depth: depth + 1, to: nil)
                children.append(Child(name: identifier, trie: child))
            }
            return .elements(children)
        }
    }

    /// Two tries for the same place as one, when only the document shows that they meet.
    static func merged(_ a: UpdateTrie, _ b: UpdateTrie, at path: String) throws -> UpdateTrie {
        func union(_ x: [Child], _ y: [Child], sorted: Bool) throws -> [Child] {
            var result = x
            for child in y {
                if let index = result.firstIndex(where: { $0.name == child.name }) {
                    result[index].trie = try merged(result[index].trie, child.trie, at: path + "." + child.name)
                } else {
                    result.append(child)
                }
            }
            return sorted ? result.sorted { UpdatePath.precedes($0.name, $1.name) } : result
        }
        switch (a, b) {
        case (.fields(let x, let p), .fields(let y, let q)):
            let matched: UpdateTrie? =
                if let p, let q { try merged(p, q, at: path + ".$") } else { p ?? q }
            return .fields(try union(x, y, sorted: true), matched: matched)
        case (.elements(let x), .elements(let y)):
            return .elements(try union(x, y, sorted: false))
        default:
            throw MongoError(.conflictingUpdateOperators, "Update created a conflict at '\(path)'")
        }
    }

    /// The changes at or below this place.
    var operators: [any UpdateOperator] {
        switch self {
        case .leaf(let operation): [operation]
        case .fields(let children, let matched): children.flatMap(\.trie.operators) + (matched?.operators ?? [])
        case .elements(let children): children.flatMap(\.trie.operators)
        }
    }
}
