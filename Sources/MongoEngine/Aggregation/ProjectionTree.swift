internal import BSON
internal import MongoProtocol

/// What `$project`, `$addFields` and `$unset` do to the fields of a document, as a tree along their paths.
struct ProjectionTree: Sendable {
    /// What becomes of the fields that the tree does not name.
    enum Mode: Sendable {
        /// They go: some fields were asked for.
        case inclusion
        /// They stay: some fields were asked to go, or are added.
        case exclusion
    }

    /// What becomes of a field.
    indirect enum Action: Sendable {
        case keep
        case drop
        case compute(CompiledExpression)
        case descend(Node)
    }

    /// The fields of one level, in the order they were written.
    struct Node: Sendable {
        fileprivate(set) var names: [String] = []
        fileprivate(set) var actions: [Action] = []
        /// Whether something is computed here or below.
        fileprivate(set) var computes = false

        fileprivate func index(of key: UnsafeRawBufferPointer) -> Int? {
            for index in names.indices {
                var name = names[index]
                if name.withUTF8({ $0.elementsEqual(key) }) { return index }
            }
            return nil
        }
    }

    private let mode: Mode
    private let root: Node

    // MARK: Reading a specification

    /// Reads a `$project`.
    static func project(
        _ document: BSONDocument, _ scope: ExpressionScope, stage: String = "$project"
    ) throws -> ProjectionTree {
        var builder = Builder(scope: scope, adds: false)
        return try builder.named(stage) { builder in
            if document.isEmpty {
                throw MongoError(.init(51272), "projection specification must have at least one field")
            }
            try builder.read(document, [])
            var root = builder.root
            let mode = builder.mode ?? (builder.keepsID == false && root.names == ["_id"] ? .exclusion : .inclusion)
            if mode == .inclusion, builder.keepsID == nil, root.names.firstIndex(of: "_id") == nil {
                root.names.insert("_id", at: 0)
                root.actions.insert(.keep, at: 0)
            }
            return ProjectionTree(mode: mode, root: root)
        }
    }

    /// Reads an `$addFields`.
    static func addFields(
        _ stage: String, _ document: BSONDocument, _ scope: ExpressionScope
    ) throws -> ProjectionTree {
        var builder = Builder(scope: scope, adds: true)
        return try builder.named(stage) { builder in
            if document.isEmpty {
                throw MongoError(.init(40177), "specification must have at least one field")
            }
            try builder.read(document, [])
            return ProjectionTree(mode: .exclusion, root: builder.root)
        }
    }

    private init(mode: Mode, root: Node) {
        self.mode = mode
        self.root = root
    }

    private struct Builder {
        let scope: ExpressionScope
        /// Whether every value is one to add: numbers and booleans too.
        let adds: Bool
        var root = Node()
        var mode: Mode?
        var keepsID: Bool?

        mutating func named<T>(_ stage: String, _ body: (inout Builder) throws -> T) throws -> T {
            do {
                return try body(&self)
            } catch var error as MongoError {
                error.message = "Invalid \(stage) :: caused by :: " + error.message
                throw error
            }
        }

        mutating func read(_ document: BSONDocument, _ prefix: [String]) throws {
            for (key, value) in document {
                if key.isEmpty { throw MongoError(.init(40352), "FieldPath cannot be constructed with empty string") }
                let path = prefix + (try ExpressionPath(key).parts)
                try read(value, path)
            }
        }

        private mutating func read(_ value: BSONValue, _ path: [String]) throws {
            if !adds {
                switch value {
                case .bool, .int32, .int64, .double, .decimal128:
                    return try include(value.isTruthy, path)
                default: break
                }
            }
            if case .document(let inner) = value {
                guard let first = inner.keys.first else {
                    if adds { return try compute(.constant(value), path) }
                    throw MongoError(
                        .init(51270),
                        "An empty sub-projection is not a valid value. Found empty object at path "
                            + path.joined(separator: "."))
                }
                guard first.utf8.first == UInt8(ascii: "$") else { return try read(inner, path) }
                if !adds, inner.keys.count == 1, !ExpressionOperators.contains(first) {
                    throw MongoError(.init(31325), "Unknown expression \(first)")
                }
            }
            try compute(scope.compile(value), path)
        }

        private mutating func include(_ includes: Bool, _ path: [String]) throws {
            if path == ["_id"] {
                keepsID = includes
            } else {
                let wanted: Mode = includes ? .inclusion : .exclusion
                if let mode, mode != wanted {
                    let name = path.joined(separator: ".")
                    throw includes
                        ? MongoError(.init(31253), "Cannot do inclusion on field \(name) in exclusion projection")
                        : MongoError(.init(31254), "Cannot do exclusion on field \(name) in inclusion projection")
                }
                mode = wanted
            }
            try root.insert(includes ? .keep : .drop, path[...])
        }

        private mutating func compute(_ expression: CompiledExpression, _ path: [String]) throws {
            if !adds {
                if mode == .exclusion {
                    throw MongoError(
                        .init(31252), "Cannot use expression other than $meta in exclusion projection")
                }
                mode = .inclusion
            }
            try root.insert(.compute(expression), path[...])
        }
    }

    // MARK: Applying it

    /// The document that this makes of another.
    func apply(_ document: BSONDocument, _ variables: ExpressionVariables) throws -> BSONDocument {
        var writer = BSONWriter(capacity: document.byteCount + 64)
        try document.withRaw { raw in try write(raw, root, into: &writer, document, variables) }
        return writer.finish()
    }

    private func write(
        _ input: RawDocument, _ node: Node, into writer: inout BSONWriter, _ document: BSONDocument,
        _ variables: ExpressionVariables
    ) throws {
        var written: Set<Int> = []
        for element in input {
            guard let index = node.index(of: element.key) else {
                if mode == .exclusion { writer.append(element) }
                continue
            }
            switch node.actions[index] {
            case .keep: writer.append(element)
            case .drop: break
            case .compute(let expression):
                // Added fields keep the place of those they replace; projected ones stand behind what is kept.
                guard mode == .exclusion else { continue }
                written.insert(index)
                if let value = try expression.evaluate(document, variables) { writer.append(node.names[index], value) }
            case .descend(let inner):
                if try write(node.names[index], element.value, inner, into: &writer, document, variables) {
                    written.insert(index)
                }
            }
        }
        guard node.computes else { return }
        for index in node.names.indices where !written.contains(index) {
            switch node.actions[index] {
            case .compute(let expression):
                if let value = try expression.evaluate(document, variables) { writer.append(node.names[index], value) }
            case .descend(let inner) where inner.computes:
                writer.begin(node.names[index])
                try write(
                    RawDocument(UnsafeRawBufferPointer(start: nil, count: 0)), inner, into: &writer, document, variables
                )
                writer.end()
            default: break
            }
        }
    }

    /// Writes a value that the tree goes on below.
    /// - Returns: False where nothing was written.
    private func write(
        _ name: String, _ value: RawValue, _ node: Node, into writer: inout BSONWriter, _ document: BSONDocument,
        _ variables: ExpressionVariables, inArray: Bool = false
    ) throws -> Bool {
        switch value.type {
        case .document:
            writer.begin(name)
            try write(value.document, node, into: &writer, document, variables)
            writer.end()
        case .array:
            writer.begin(name, .array)
            var position = 0
            for element in value.document {
                if try write(
                    String(position), element.value, node, into: &writer, document, variables, inArray: true)
                {
                    position += 1
                }
            }
            writer.end()
        default:
            if node.computes {
                // Outside arrays the caller writes it, behind what is kept.
                guard inArray || mode == .exclusion else { return false }
                writer.begin(name)
                try write(
                    RawDocument(UnsafeRawBufferPointer(start: nil, count: 0)), node, into: &writer, document, variables)
                writer.end()
            } else if mode == .exclusion {
                writer.append(name, value)
            } else {
                return false
            }
        }
        return true
    }
}

extension ProjectionTree.Node {
    /// Puts an action at the end of a path.
    /// - Throws: `Location31250` where another path goes the same way.
    fileprivate mutating func insert(_ action: ProjectionTree.Action, _ path: ArraySlice<String>) throws {
        guard let name = path.first else { return }
        if case .compute = action { computes = true }
        let place = names.firstIndex(of: name)
        if path.count == 1 {
            if place != nil {
                throw MongoError(.init(31250), "Path collision at \(path.joined(separator: "."))")
            }
            names.append(name)
            actions.append(action)
            return
        }
        var inner = ProjectionTree.Node()
        if let place {
            guard case .descend(let node) = actions[place] else {
                throw MongoError(
                    .init(31249),
                    "Path collision at \(path.joined(separator: ".")) remaining portion "
                        + path.dropFirst().joined(separator: "."))
            }
            inner = node
        }
        try inner.insert(action, path.dropFirst())
        if let place {
            actions[place] = .descend(inner)
        } else {
            names.append(name)
            actions.append(.descend(inner))
        }
    }
}
