internal import BSON
internal import MongoProtocol

/// What the changes of one document share while they are made.
final class UpdateContext {
    /// The array filters by their identifiers.
    let arrayFilters: [String: CompiledFilter]
    /// The element that the filter found, for the positional `$`.
    let arrayIndex: Int?
    /// Whether the document is made anew by an upsert.
    let isInsert: Bool
    /// The document before the changes.
    let original: UpdateTree
    /// The values that renames take from the document, by their source.
    var renamed: [String: BSONValue] = [:]
    /// The names from the document's top to the place being changed.
    fileprivate(set) var path: [String] = []
    private var padding = 0

    init(arrayFilters: [String: CompiledFilter], arrayIndex: Int?, isInsert: Bool, original: UpdateTree) {
        self.arrayFilters = arrayFilters
        self.arrayIndex = arrayIndex
        self.isInsert = isInsert
        self.original = original
    }

    /// The place being changed, as a path.
    var pathText: String { path.joined(separator: ".") }

    /// The last name of the place being changed.
    var fieldName: String { path.last ?? "" }

    /// The document's `_id` as error messages show it.
    var documentText: String { "{_id: \(idText)}" }

    /// Counts nulls put in front of new elements, and fails before they fill the memory: each takes three bytes.
    func countPadding(_ count: Int) throws {
        padding += count
        guard padding <= UpdateLimits.documentSize / 3 else { throw UpdateLimits.tooLarge }
    }

    /// The document's `_id`.
    var idText: String { original.child("_id")?.materialized.shellText ?? "null" }
}

extension UpdateTrie {
    /// Makes the changes at and below a value that is there.
    func apply(to tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        switch self {
        case .leaf(let operation): return try operation.update(&tree, context)
        case .elements(let children): return try Self.applyToElements(children, &tree, context)
        case .fields(var children, let matched):
            if let matched {
                let index = String(try context.matchedIndex())
                children = try Self.adding(matched, at: index, to: children, context)
            }
            tree.open()
            switch tree {
            case .document(var fields):
                // Taking the fields out keeps them unique, so that changing one copies none.
                tree = .value(.null)
                let outcome = try Self.applyToFields(children, &fields, context)
                tree = .document(fields)
                return outcome
            case .array(var elements):
                tree = .value(.null)
                let outcome = try Self.applyToIndexes(children, &elements, context)
                tree = .array(elements)
                return outcome
            default:
                for child in children { try child.trie.reportBlocked(child.name, by: tree, context) }
                return .unchanged
            }
        }
    }

    /// The value that the changes make of nothing, or nil where they make none.
    func create(_ context: UpdateContext) throws -> UpdateTree? {
        switch self {
        case .leaf(let operation): return try operation.initial(context).map { .value($0) }
        case .elements:
            throw MongoError(
                .badValue,
                "The path '\(context.pathText)' must exist in the document in order to apply array updates.")
        case .fields(var children, let matched):
            if let matched {
                children = try Self.adding(matched, at: String(try context.matchedIndex()), to: children, context)
            }
            var fields: [UpdateTree.Field] = []
            for child in children {
                if let created = try context.at(child.name, { try child.trie.create(context) }) {
                    fields.append(.init(name: .string(child.name), tree: created))
                }
            }
            return fields.isEmpty ? nil : .document(fields)
        }
    }

    private static func adding(
        _ matched: UpdateTrie, at index: String, to children: [Child], _ context: UpdateContext
    ) throws -> [Child] {
        let path = (context.path + [index]).joined(separator: ".")
        guard let place = children.firstIndex(where: { $0.name == index }) else {
            return (children + [Child(name: index, trie: matched)]).sorted { UpdatePath.precedes($0.name, $1.name) }
        }
        var children = children
        children[place].trie = try merged(children[place].trie, matched, at: path)
        return children
    }

    private static func applyToFields(
        _ children: [Child], _ fields: inout [UpdateTree.Field], _ context: UpdateContext
    ) throws -> UpdateOutcome {
        var result = UpdateOutcome.unchanged
        for child in children {
            try context.at(child.name) {
                if let index = fields.firstIndex(where: { $0.name.isEqual(child.name) }) {
                    switch try child.trie.apply(to: &fields[index].tree, context) {
                    case .unchanged: return
                    case .changed: break
                    case .removed: fields.remove(at: index)
                    }
                } else {
                    guard let created = try child.trie.create(context) else { return }
                    fields.append(.init(name: .string(child.name), tree: created))
                }
                result = .changed
            }
        }
        return result
    }

    private static func applyToIndexes(
        _ children: [Child], _ elements: inout [UpdateTree], _ context: UpdateContext
    ) throws -> UpdateOutcome {
        var result = UpdateOutcome.unchanged
        for child in children {
            guard let index = UpdatePath.index(child.name) else {
                try child.trie.reportBlocked(child.name, by: .array(elements), context)
                continue
            }
            try context.at(child.name) {
                if index < elements.count {
                    switch try child.trie.apply(to: &elements[index], context) {
                    case .unchanged: return
                    case .changed: break
                    case .removed: elements[index] = .value(.null)
                    }
                } else {
                    guard let created = try child.trie.create(context) else { return }
                    let padding = index - elements.count
                    guard padding <= UpdateLimits.padding else {
                        throw MongoError(
                            .cannotBackfillArray, "can't backfill more than \(UpdateLimits.padding) elements")
                    }
                    try context.countPadding(padding)
                    elements.append(contentsOf: repeatElement(.value(.null), count: padding))
                    elements.append(created)
                }
                result = .changed
            }
        }
        return result
    }

    private static func applyToElements(
        _ children: [Child], _ tree: inout UpdateTree, _ context: UpdateContext
    ) throws -> UpdateOutcome {
        tree.open()
        guard case .array(var elements) = tree else {
            throw MongoError(
                .badValue,
                "Cannot apply array updates to non-array element \(context.fieldName): \(tree.materialized.shellText)")
        }
        tree = .value(.null)
        var result = UpdateOutcome.unchanged
        for index in elements.indices {
            var trie: UpdateTrie?
            for child in children where try context.selects(child.name, elements[index]) {
                let path = "\(context.pathText).\(index)"
                trie = try trie.map { try merged($0, child.trie, at: path) } ?? child.trie
            }
            guard let trie else { continue }
            switch try context.at(String(index), { try trie.apply(to: &elements[index], context) }) {
            case .unchanged: continue
            case .changed: break
            case .removed: elements[index] = .value(.null)
            }
            result = .changed
        }
        tree = .array(elements)
        return result
    }

    /// Fails where a change below would have to go through a value that is no container for it.
    private func reportBlocked(_ name: String, by tree: UpdateTree, _ context: UpdateContext) throws {
        let element = "{\(context.fieldName): \(tree.materialized.shellText)}"
        for operation in operators {
            switch operation.blocked(context) {
            case .ignore: continue
            case .cannotCreate:
                throw MongoError(.pathNotViable, "Cannot create field '\(name)' in element \(element)")
            case .cannotTraverse:
                let path = context.pathText + "." + name
                throw MongoError(
                    .pathNotViable, "Cannot use the part (\(name)) of (\(path)) to traverse the element (\(element))")
            }
        }
    }
}

extension UpdateContext {
    /// Runs `body` one level deeper.
    fileprivate func at<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
        path.append(name)
        defer { path.removeLast() }
        return try body()
    }

    /// The index that `$` stands for.
    fileprivate func matchedIndex() throws -> Int {
        guard let arrayIndex else {
            throw MongoError(.badValue, "The positional operator did not find the match needed from the query.")
        }
        return arrayIndex
    }

    /// Whether the array filter of this identifier takes the element.
    fileprivate func selects(_ identifier: String, _ element: UpdateTree) throws -> Bool {
        guard !identifier.isEmpty else { return true }
        guard let filter = arrayFilters[identifier] else { return false }
        var writer = BSONWriter()
        element.write(as: .string(identifier), to: &writer)
        let document = writer.finish()
        return try document.withRaw { raw in try filter.matches(raw) }
    }
}

/// The limits of updates.
enum UpdateLimits {
    /// How many nulls an update may put in front of a new element.
    static let padding = 1_500_000
    /// The largest document an update may leave, in bytes.
    static let documentSize = 16 * 1024 * 1024
    /// How deep documents may nest.
    static let depth = 100

    /// The error of a document that would nest deeper.
    static var tooDeep: MongoError { MongoError(.overflow, "Document exceeds maximum nesting depth of \(depth)") }

    /// The error of a document that would be larger.
    static var tooLarge: MongoError {
        MongoError(.init(17419), "Resulting document after update is larger than \(documentSize)")
    }
}
