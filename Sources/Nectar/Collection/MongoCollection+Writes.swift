public import BSON
public import MongoProtocol

extension MongoCollection {
    /// Inserts a document, and gives it an ObjectID where it has no `_id`.
    /// - Throws: ``MongoError`` whose `isDuplicateKey` is true where a unique index refuses it.
    @discardableResult
    public func insertOne(
        _ document: BSONDocument, writeConcern: WriteConcern? = nil
    ) async throws -> InsertOneResult {
        let (document, id) = Self.withID(document)
        _ = try await run(
            "insert", [("ordered", true), concern(writeConcern)],
            sequences: [DocumentSequence("documents", [document])], .write)
        return InsertOneResult(insertedID: id)
    }

    /// Inserts documents, in several commands where they are more than one may hold.
    /// - Parameter ordered: Whether the first failure ends it; otherwise the others are tried too.
    /// - Throws: ``MongoError`` of kind `write` with the failures, their places counted over all documents.
    @discardableResult
    public func insertMany(
        _ documents: [BSONDocument], ordered: Bool = true, writeConcern: WriteConcern? = nil
    ) async throws -> InsertManyResult {
        guard !documents.isEmpty else { throw MongoError(.usage, "insertMany needs at least one document") }
        var ids: [BSONValue] = []
        let prepared = documents.map { document in
            let (document, id) = Self.withID(document)
            ids.append(id)
            return document
        }
        var failures = WriteFailures(isOrdered: ordered)
        var start = 0
        while start < prepared.count {
            let end = Self.batchEnd(prepared[start...])
            let outcome = try await failures.run(from: start) {
                try await run(
                    "insert", [("ordered", .bool(ordered)), concern(writeConcern)],
                    sequences: [DocumentSequence("documents", Array(prepared[start..<end]))], .write)
            }
            guard outcome.goesOn else { break }
            start = end
        }
        try failures.finish()
        return InsertManyResult(insertedIDs: ids)
    }

    /// Changes the first document that matches.
    @discardableResult
    public func updateOne(
        _ filter: BSONDocument, _ update: BSONDocument, upsert: Bool = false, arrayFilters: [BSONDocument] = [],
        hint: BSONValue? = nil, writeConcern: WriteConcern? = nil
    ) async throws -> UpdateResult {
        try Self.requireOperators(update)
        return try await self.update(
            UpdateStatement(filter, .document(update), upsert: upsert, arrayFilters: arrayFilters, hint: hint),
            writeConcern)
    }

    /// Changes all documents that match.
    @discardableResult
    public func updateMany(
        _ filter: BSONDocument, _ update: BSONDocument, upsert: Bool = false, arrayFilters: [BSONDocument] = [],
        hint: BSONValue? = nil, writeConcern: WriteConcern? = nil
    ) async throws -> UpdateResult {
        try Self.requireOperators(update)
        return try await self.update(
            UpdateStatement(
                filter, .document(update), multi: true, upsert: upsert, arrayFilters: arrayFilters, hint: hint),
            writeConcern)
    }

    /// Puts another document, with the same `_id`, in the place of the first that matches.
    @discardableResult
    public func replaceOne(
        _ filter: BSONDocument, _ replacement: BSONDocument, upsert: Bool = false, hint: BSONValue? = nil,
        writeConcern: WriteConcern? = nil
    ) async throws -> UpdateResult {
        try Self.refuseOperators(replacement)
        return try await update(
            UpdateStatement(filter, .document(replacement), upsert: upsert, hint: hint), writeConcern)
    }

    /// Removes the first document that matches.
    @discardableResult
    public func deleteOne(
        _ filter: BSONDocument, hint: BSONValue? = nil, writeConcern: WriteConcern? = nil
    ) async throws -> DeleteResult { try await delete(filter, limit: 1, hint, writeConcern) }

    /// Removes all documents that match.
    @discardableResult
    public func deleteMany(
        _ filter: BSONDocument, hint: BSONValue? = nil, writeConcern: WriteConcern? = nil
    ) async throws -> DeleteResult { try await delete(filter, limit: 0, hint, writeConcern) }

    // MARK: Statements

    func update(_ statement: UpdateStatement, _ writeConcern: WriteConcern?) async throws -> UpdateResult {
        let reply = try await run(
            "update", [("ordered", true), concern(writeConcern)],
            sequences: [DocumentSequence("updates", [statement.document])], statement.multi ? .never : .write)
        let upserted = reply["upserted"]?.array?[0]?.document?["_id"]
        let matched = (reply["n"]?.int ?? 0) - (upserted == nil ? 0 : 1)
        return UpdateResult(
            matchedCount: matched, modifiedCount: reply["nModified"]?.int ?? 0, upsertedID: upserted)
    }

    private func delete(
        _ filter: BSONDocument, limit: Int, _ hint: BSONValue?, _ writeConcern: WriteConcern?
    ) async throws -> DeleteResult {
        let reply = try await run(
            "delete", [("ordered", true), concern(writeConcern)],
            sequences: [DocumentSequence("deletes", [Self.deleteStatement(filter, limit: limit, hint)])],
            limit == 1 ? .write : .never)
        return DeleteResult(deletedCount: reply["n"]?.int ?? 0)
    }

    static func deleteStatement(_ filter: BSONDocument, limit: Int, _ hint: BSONValue?) -> BSONDocument {
        var fields: [(String, BSONValue)] = [("q", .document(filter)), ("limit", .int(limit))]
        if let hint { fields.append(("hint", hint)) }
        return BSONDocument(fields: fields)
    }

    static func withID(_ document: BSONDocument) -> (BSONDocument, BSONValue) {
        if let id = document["_id"] { return (document, id) }
        let id = BSONValue.objectID(ObjectID())
        var writer = BSONWriter(capacity: document.byteCount + 24)
        writer.append("_id", id)
        writer.append(elementsOf: document)
        return (writer.finish(), id)
    }

    static func requireOperators(_ update: BSONDocument) throws {
        var fields = update.makeIterator()
        guard let first = fields.next(), first.key.hasPrefix("$") else {
            throw MongoError(.usage, "An update starts with an operator such as $set; replaceOne takes whole documents")
        }
    }

    static func refuseOperators(_ replacement: BSONDocument) throws {
        var fields = replacement.makeIterator()
        if let first = fields.next(), first.key.hasPrefix("$") {
            throw MongoError(.usage, "A replacement has no operators: use updateOne for \(first.key)")
        }
    }

    /// The most writes that a command may hold (`maxWriteBatchSize`).
    static let maximumBatch = 100_000

    /// Where a batch has to end: at its number of documents or at 48 MB (`maxMessageSizeBytes`).
    static func batchEnd(_ documents: ArraySlice<BSONDocument>) -> Int {
        var bytes = 0
        var end = documents.startIndex
        while end < documents.endIndex, end - documents.startIndex < maximumBatch {
            bytes += documents[end].byteCount
            if bytes > 47_000_000, end > documents.startIndex { break }
            end += 1
        }
        return end
    }
}

/// One statement of an `update` command.
struct UpdateStatement {
    let document: BSONDocument
    let multi: Bool

    init(
        _ filter: BSONDocument, _ update: BSONValue, multi: Bool = false, upsert: Bool,
        arrayFilters: [BSONDocument] = [], hint: BSONValue? = nil
    ) {
        var fields: [(String, BSONValue)] = [("q", .document(filter)), ("u", update)]
        if multi { fields.append(("multi", true)) }
        if upsert { fields.append(("upsert", true)) }
        if !arrayFilters.isEmpty {
            fields.append(("arrayFilters", .array(BSONArray(arrayFilters.map { .document($0) }))))
        }
        if let hint { fields.append(("hint", hint)) }
        document = BSONDocument(fields: fields)
        self.multi = multi
    }
}
