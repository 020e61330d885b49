internal import BSON
internal import MongoProtocol

/// An update made ready once and applied to many documents: operators, a replacement or a pipeline.
struct CompiledUpdate: Sendable {
    /// The three forms of an update.
    private enum Form: Sendable {
        case replacement(BSONDocument)
        case operators(UpdateTrie, renames: [Rename], filters: [String: CompiledFilter])
        case pipeline(UpdatePipeline)
    }
    /// The two ends of a `$rename`.
    struct Rename: Sendable {
        let source: UpdatePath
        let destination: UpdatePath
    }
    private let form: Form

    /// Whether the update is a whole document that takes the place of the old one.
    var isReplacement: Bool {
        if case .replacement = form { true } else { false }
    }

    /// Reads an update.
    /// - Parameters:
    ///   - update: A document of operators, a replacement document or an array of stages.
    ///   - arrayFilters: The conditions that `$[identifier]` refers to.
    ///   - now: The instant of `$currentDate` and `$$NOW`.
    ///   - variables: What the command's `let` defines.
    /// - Throws: ``MongoError`` with MongoDB's code and words where the update is none.
    static func compile(
        _ update: BSONValue, arrayFilters: [BSONDocument], now: BSONDate, variables: ExpressionVariables? = nil
    ) throws -> CompiledUpdate {
        switch update {
        case .array(let stages):
            guard arrayFilters.isEmpty else {
                throw MongoError(.failedToParse, "arrayFilters may not be specified for pipeline-style updates")
            }
            return CompiledUpdate(form: .pipeline(try UpdatePipeline.compile(stages, now: now, variables: variables)))
        case .document(let document):
            let first = document.withRaw { raw in raw.first { _ in true }?.keyString }
            if let first, first.hasPrefix("$") {
                return try compileOperators(document, arrayFilters, now, variables)
            }
            if let name = document.keys.first(where: { $0.hasPrefix("$") }) { throw dollarPrefixed(name) }
            return CompiledUpdate(form: .replacement(document))
        default:
            throw MongoError(.failedToParse, "Update argument must be either an object or an array")
        }
    }

    private static func compileOperators(
        _ update: BSONDocument, _ arrayFilters: [BSONDocument], _ now: BSONDate, _ variables: ExpressionVariables?
    ) throws -> CompiledUpdate {
        let filters = try ArrayFilters.compile(arrayFilters, now: now, variables: variables)
        var trie = UpdateTrie.fields([], matched: nil)
        var renames: [Rename] = []
        var used: Set<String> = []
        for (name, fields) in update {
            guard let factory = UpdateOperators.table[name] else {
                throw MongoError(
                    .failedToParse,
                    "Unknown modifier: \(name). Expected a valid update modifier or pipeline-style update specified "
                        + "as an array")
            }
            guard let fields = fields.document else {
                throw MongoError(
                    .failedToParse,
                    "Modifiers operate on fields but we found type \(fields.type.alias) instead. For example: "
                        + "{$mod: {<field>: ...}} not {\(name): \(fields.shellText)}")
            }
            for (key, value) in fields {
                var path = try UpdatePath(key)
                if name == "$rename" {
                    let source = path
                    path = try renameDestination(source, value)
                    trie = try UpdateTrie.adding(RenameSourceOperator(), at: source, to: trie)
                    renames.append(Rename(source: source, destination: path))
                }
                try ArrayFilters.check(path, filters, used: &used)
                // A rename acts at the path its argument names, with the value of the one it stands under.
                let argument = UpdateArgument(
                    name: name, path: path, value: name == "$rename" ? .string(key) : value, now: now,
                    variables: variables)
                trie = try UpdateTrie.adding(try factory(argument), at: path, to: trie)
            }
        }
        if let unused = filters.keys.sorted().first(where: { !used.contains($0) }) {
            throw MongoError(
                .failedToParse,
                "The array filter for identifier '\(unused)' was not used in the update "
                    + BSONValue.document(update).shellText)
        }
        return CompiledUpdate(form: .operators(trie, renames: renames, filters: filters))
    }

    private static func renameDestination(_ source: UpdatePath, _ value: BSONValue) throws -> UpdatePath {
        guard let text = value.string else {
            throw MongoError(
                .badValue, "The 'to' field for $rename must be a string: \(source.text): \(value.shellText)")
        }
        let destination = try UpdatePath(text)
        guard source.text != destination.text else {
            throw MongoError(
                .badValue, "The source and target field for $rename must differ: \(source.text): \"\(text)\"")
        }
        if destination.text.hasPrefix(source.text + ".") || source.text.hasPrefix(destination.text + ".") {
            throw MongoError(
                .badValue,
                "The source and target field for $rename must not be on the same path: \(source.text): \"\(text)\"")
        }
        if source.isDynamic {
            throw MongoError(.badValue, "The source field for $rename may not be dynamic: \(source.text)")
        }
        if destination.isDynamic {
            throw MongoError(.badValue, "The destination field for $rename may not be dynamic: \(destination.text)")
        }
        return destination
    }

    /// Changes a document.
    /// - Parameters:
    ///   - document: The document as it is.
    ///   - arrayIndex: The array element that the filter found, for the positional `$`.
    ///   - isUpsertInsert: Whether the document is being made by an upsert.
    /// - Returns: The new document, or nil where nothing changes.
    func apply(to document: BSONDocument, arrayIndex: Int?, isUpsertInsert: Bool) throws -> BSONDocument? {
        let result: BSONDocument?
        switch form {
        case .replacement(let replacement): result = Self.replace(document, by: replacement)
        case .pipeline(let pipeline): result = try Self.keepingID(of: document, in: pipeline.run(document))
        case .operators(let trie, let renames, let filters):
            result = try document.withRaw { raw in
                let original = UpdateTree.raw(raw.value(.document))
                let context = UpdateContext(
                    arrayFilters: filters, arrayIndex: arrayIndex, isInsert: isUpsertInsert, original: original)
                return try Self.run(trie, renames, on: original, context, capacity: document.byteCount + 128)
            }
        }
        guard let result else { return nil }
        try Self.checkID(before: document, after: result, isOperators: !isReplacement)
        guard result.byteCount <= UpdateLimits.documentSize else { throw UpdateLimits.tooLarge }
        // Operators say themselves whether they changed something: a $push with $sort counts even in the old order.
        if case .operators = form { return result }
        return result == document ? nil : result
    }

    private static func run(
        _ trie: UpdateTrie, _ renames: [Rename], on original: UpdateTree, _ context: UpdateContext, capacity: Int
    ) throws -> BSONDocument? {
        for rename in renames { try context.take(rename) }
        var tree = original
        let outcome = try trie.apply(to: &tree, context)
        guard case .changed = outcome else { return nil }
        for rename in renames where context.renamed[rename.source.text] != nil {
            _ = tree.remove(rename.source.names[...])
        }
        guard case .document(let fields) = tree else { return nil }
        if !context.isInsert, case .fields(let children, _) = trie,
            let name = children.map(\.name).first(where: {
                $0.hasPrefix("$") && original.child($0) == nil && tree.child($0) != nil
            })
        {
            throw dollarPrefixed(name)
        }
        guard tree.depth <= UpdateLimits.depth else { throw UpdateLimits.tooDeep }
        var writer = BSONWriter(capacity: capacity)
        for field in fields { field.tree.write(as: field.name, to: &writer) }
        return writer.finish()
    }

    /// The replacement with the `_id` in the first place: the old document's, where the new one compares as equal.
    private static func replace(_ document: BSONDocument, by replacement: BSONDocument) -> BSONDocument {
        let old = document["_id"]
        let new = replacement["_id"]
        let isSame = old.map { old in new.map { BSONValue.compare(old, $0) == 0 } ?? true } ?? false
        guard let id = isSame ? old : new else { return replacement }
        var writer = BSONWriter(capacity: replacement.byteCount + 32)
        writer.append("_id", id)
        replacement.withRaw { raw in
            for element in raw where !element.hasKey("_id") { writer.append(element) }
        }
        return writer.finish()
    }

    /// What a pipeline made, with the old document's `_id` where the pipeline dropped it.
    private static func keepingID(of document: BSONDocument, in result: BSONDocument) -> BSONDocument {
        result["_id"] == nil ? replace(document, by: result) : result
    }

    private static func checkID(before: BSONDocument, after: BSONDocument, isOperators: Bool) throws {
        guard let old = before["_id"] else { return }
        let new = after["_id"]
        if let new, BSONValue.compare(old, new) == 0 { return }
        if isOperators {
            throw MongoError(
                .immutableField, "Performing an update on the path '_id' would modify the immutable field '_id'")
        }
        throw MongoError(
            .immutableField,
            "After applying the update, the (immutable) field '_id' was found to have been altered to _id: "
                + (new?.shellText ?? "missing"))
    }

    private static func dollarPrefixed(_ name: String) -> MongoError {
        MongoError(
            .dollarPrefixedFieldName,
            "The dollar ($) prefixed field '\(name)' in '\(name)' is not allowed in the context of an update's "
                + "replacement document. Consider using an aggregation pipeline with $replaceWith.")
    }

    /// The document that an upsert inserts: what the filter asks to be equal, changed by the update.
    /// - Throws: ``MongoError`` 54 where the filter asks for two values at one path.
    func newDocument(fromFilter filter: BSONDocument) throws -> BSONDocument {
        let seed = try UpsertSeed.document(of: filter, onlyID: isReplacement)
        let changed = try apply(to: seed, arrayIndex: nil, isUpsertInsert: true) ?? seed
        let result = DocumentRules.withID(changed)
        try DocumentRules.checkStored(result)
        return result
    }
}

extension UpdateContext {
    /// Looks up the value that a rename moves.
    func take(_ rename: CompiledUpdate.Rename) throws {
        let source = rename.source
        var current = original
        for (depth, name) in source.names.enumerated() {
            guard current.type == .document || current.type == .array else {
                throw MongoError(
                    .pathNotViable,
                    "Cannot use the part (\(name)) of (\(source.text)) to traverse the element "
                        + "({\(source.names[depth - 1]): \(current.materialized.shellText)})")
            }
            let next = current.child(name)
            if current.type == .array, next != nil || UpdatePath.index(name) == nil {
                throw MongoError(.badValue, inArray("source", source, array: source.names[depth - 1]))
            }
            guard let next else { return }
            current = next
        }
        renamed[source.text] = current.materialized
        try check(destination: rename.destination)
    }

    /// Fails where a rename would put its value below an array.
    private func check(destination: UpdatePath) throws {
        var current = original
        for name in destination.names.dropLast() {
            guard let next = current.child(name) else { return }
            if next.type == .array {
                throw MongoError(.badValue, inArray("destination", destination, array: name))
            }
            current = next
        }
    }

    private func inArray(_ end: String, _ path: UpdatePath, array: String) -> String {
        "The \(end) field cannot be an array element, '\(path.text)' in doc with _id: \(idText) has an array field "
            + "called '\(array)'"
    }
}
