internal import BSON
internal import MongoProtocol

/// What a document has to keep to before it is stored.
enum DocumentRules {
    /// Gives a document to insert an `_id` in the first place where it has none.
    static func withID(_ document: BSONDocument) -> BSONDocument {
        var first = document.makeIterator()
        if first.next()?.key == "_id" { return document }
        let id = document["_id"]
        var writer = BSONWriter(capacity: document.byteCount + 24)
        writer.append("_id", id ?? .objectID(ObjectID()))
        document.withRaw { raw in
            for element in raw where !element.hasKey("_id") { writer.append(element) }
        }
        return writer.finish()
    }

    /// What a document in a reply may have beyond the size of one that is stored.
    private static let headroom = 16 * 1024

    /// Checks the size of a document that a query or a pipeline made: `$push` may have made it of any size.
    static func checkReturned(_ raw: RawDocument) throws {
        let limit = BSONValidator.maximumDocumentSize + headroom
        let size = raw.count
        guard size > limit else { return }
        let document = BSONDocument(raw, owner: nil)
        let first = Array(document.prefix(1)).first.map { "\($0.key): \($0.value.shellText)".prefix(100) } ?? "EOO"
        throw MongoError(
            .bsonObjectTooLarge,
            "BSONObj size: \(size) (0x\(String(size, radix: 16, uppercase: true))) is invalid. "
                + "Size must be between 0 and \(limit)(16MB) First element: \(first)")
    }

    /// Whether a document has more than so many levels, itself counted.
    static func nests(_ raw: RawDocument, deeperThan levels: Int) -> Bool {
        // Each level has a length, a type, the end of a name and an end: most documents are too short for many.
        guard raw.count >= 5 + 7 * levels else { return false }
        guard levels > 0 else { return true }
        for element in raw {
            switch element.value.type {
            case .document, .array: if nests(element.value.document, deeperThan: levels - 1) { return true }
            default: break
            }
        }
        return false
    }

    /// Checks size, depth and `_id`.
    static func checkStored(_ document: BSONDocument) throws {
        guard document.byteCount <= BSONValidator.maximumDocumentSize else {
            throw MongoError(
                .badValue,
                "object to insert too large. size in bytes: \(document.byteCount), max size: "
                    + "\(BSONValidator.maximumDocumentSize)")
        }
        guard !document.withRaw({ nests($0, deeperThan: BSONValidator.maximumDepth) }) else {
            throw MongoError(
                .overflow,
                "cannot store document because it exceeds \(BSONValidator.maximumDepth) levels of nesting")
        }
        switch document.withRaw({ $0["_id" as StaticString]?.type }) {
        case .array: throw MongoError(.invalidIDField, "The '_id' value cannot be of type array")
        case .regularExpression: throw MongoError(.invalidIDField, "The '_id' value cannot be of type regex")
        case .undefined: throw MongoError(.invalidIDField, "The '_id' value cannot be of type undefined")
        case .document:
            if let field = document["_id"]?.document?.keys.first(where: { $0.hasPrefix("$") }) {
                throw MongoError(
                    .dollarPrefixedFieldName,
                    "_id fields may not contain '$'-prefixed fields: \(field) is not valid for storage.")
            }
        default: break
        }
    }

    /// The error of a key that another document holds.
    static func duplicateKey(
        _ document: BSONDocument, _ index: IndexDefinition, _ collection: CollectionDefinition
    ) -> MongoError {
        let values = index.parts.map { ($0.path, document[path: $0.path] ?? .null) }
        let keyValue = BSONDocument(fields: values)
        let shown = values.map { "\($0.0): \($0.1.shellText)" }.joined(separator: ", ")
        return MongoError(
            .duplicateKey,
            "E11000 duplicate key error collection: \(collection.namespace) index: \(index.name) dup key: { \(shown) }",
            details: [
                "keyPattern": index.specification["key"] ?? .document([:]), "keyValue": .document(keyValue),
            ])
    }
}

extension BSONValue {
    /// The value as MongoDB's messages write it.
    var shellText: String {
        switch self {
        case .objectID(let id): "ObjectId('\(id)')"
        case .string(let text): "\"\(text)\""
        case .int32(let value): "\(value)"
        case .int64(let value): "\(value)"
        case .double(let value): "\(value)"
        case .null: "null"
        case .bool(let value): "\(value)"
        case .document(let value):
            "{ " + value.map { "\($0.key): \($0.value.shellText)" }.joined(separator: ", ") + " }"
        case .array(let value): "[ " + value.map(\.shellText).joined(separator: ", ") + " ]"
        default: description
        }
    }
}
