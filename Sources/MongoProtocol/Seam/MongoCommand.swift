public import BSON

/// A command as it reaches a handler: its body and the document sequences that came beside it.
public struct MongoCommand: Sendable {
    /// The command's name: the first key of its body.
    public let name: String
    /// The database it runs on (`$db`).
    public let database: String
    /// The whole body, generic fields (`$db`, `lsid`…) included.
    public let body: BSONDocument
    /// Documents sent beside the body (OP_MSG sections of kind 1), under the name of the field they stand for.
    public let sequences: [DocumentSequence]

    /// Makes a command of its body.
    /// - Parameters:
    ///   - body: The command; its first key is the name.
    ///   - database: The database; `$db` of the body, or "admin", where nil.
    ///   - sequences: Documents beside the body.
    public init(_ body: BSONDocument, database: String? = nil, sequences: [DocumentSequence] = []) {
        var fields = body.makeIterator()
        name = fields.next()?.key ?? ""
        self.database = database ?? body["$db"]?.string ?? "admin"
        self.body = body
        self.sequences = sequences
    }

    /// Makes a command whose name is known.
    package init(
        named name: String, _ body: BSONDocument, database: String, sequences: [DocumentSequence] = []
    ) {
        self.name = name
        self.database = database
        self.body = body
        self.sequences = sequences
    }

    /// The documents under a field's name, whether they came as a sequence or as an array in the body.
    /// - Returns: nil where neither is there; documents only: `invalid` tells whether the array held anything else.
    public func documents(_ field: String) -> (documents: [BSONDocument], invalid: Bool)? {
        if let sequence = sequences.first(where: { $0.identifier == field }) { return (sequence.documents, false) }
        guard let array = body[field]?.array else { return nil }
        var documents: [BSONDocument] = []
        var invalid = false
        for value in array {
            if let document = value.document { documents.append(document) } else { invalid = true }
        }
        return (documents, invalid)
    }
}

/// Documents of one field, sent beside a command's body.
public struct DocumentSequence: Sendable {
    /// The field: `documents`, `updates`, `deletes`, `ops`…
    public let identifier: String
    /// The documents in order.
    public let documents: [BSONDocument]
    /// Makes a sequence.
    public init(_ identifier: String, _ documents: [BSONDocument]) {
        self.identifier = identifier
        self.documents = documents
    }
}
