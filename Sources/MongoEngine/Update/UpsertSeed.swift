internal import BSON
internal import MongoProtocol

/// The fields that an upsert's filter gives the document it inserts.
enum UpsertSeed {
    /// The document of what a filter asks to be equal.
    /// - Parameter onlyID: Whether only `_id` counts, as for a replacement.
    /// - Throws: ``MongoError`` 54 where the filter asks for two values at one path.
    static func document(of filter: BSONDocument, onlyID: Bool) throws -> BSONDocument {
        var equalities: [(path: String, value: BSONValue)] = []
        collect(filter, &equalities)
        if onlyID { equalities.removeAll { $0.path != "_id" && !$0.path.hasPrefix("_id.") } }
        equalities.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        try check(equalities.map(\.path))
        var trie = UpdateTrie.fields([], matched: nil)
        for (path, value) in equalities {
            trie = try UpdateTrie.adding(SetOperator(value: value), at: UpdatePath(path), to: trie)
        }
        let context = UpdateContext(
            arrayFilters: [:], arrayIndex: nil, isInsert: true, original: .value(.document([:])))
        guard let document = try trie.create(context)?.materialized.document else { return [:] }
        return document["_id"] == nil ? document : DocumentRules.withID(document)
    }

    private static func collect(_ filter: BSONDocument, _ equalities: inout [(path: String, value: BSONValue)]) {
        for (key, condition) in filter {
            switch (key, condition) {
            case ("$and", .array(let clauses)):
                for clause in clauses { if let document = clause.document { collect(document, &equalities) } }
            case ("$or", .array(let clauses)):
                // A choice of one is none.
                if clauses.count == 1, let only = clauses[0]?.document { collect(only, &equalities) }
            case _ where key.hasPrefix("$"): break
            case (_, .regularExpression): break
            case (_, .document(let operators)):
                guard FilterParser.isOperators(operators) else {
                    equalities.append((key, condition))
                    continue
                }
                for (name, operand) in operators { collect(name, operand, at: key, &equalities) }
            default: equalities.append((key, condition))
            }
        }
    }

    private static func collect(
        _ name: String, _ operand: BSONValue, at path: String, _ equalities: inout [(path: String, value: BSONValue)]
    ) {
        func isPlain(_ value: BSONValue) -> Bool {
            if case .regularExpression = value { return false }
            return value.document?.keys.first != "$elemMatch"
        }
        switch (name, operand) {
        case ("$eq", _): equalities.append((path, operand))
        case ("$in", .array(let values)):
            if values.count == 1, let only = values[0], isPlain(only) { equalities.append((path, only)) }
        case ("$all", .array(let values)):
            for value in values where isPlain(value) { equalities.append((path, value)) }
        default: break
        }
    }

    /// Fails where a path stands twice or above another one; the paths come in order.
    private static func check(_ paths: [String]) throws {
        for (index, path) in paths.enumerated() {
            for other in paths[(index + 1)...] {
                if other == path {
                    throw MongoError(
                        .notSingleValueField,
                        "cannot infer query fields to set, path '\(path)' is matched twice")
                }
                if other.hasPrefix(path + ".") {
                    throw MongoError(
                        .notSingleValueField,
                        "cannot infer query fields to set, both paths '\(path)' and '\(other)' are matched")
                }
            }
        }
    }
}
