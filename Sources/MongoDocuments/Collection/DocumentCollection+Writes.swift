internal import BSON
internal import MongoProtocol
public import Nectar

extension DocumentCollection {
    /// Stores a document: replaces the one with its id, or inserts it where there is none.
    ///
    /// The stored document is replaced as a whole, so fields that the type does not have go.
    /// - Parameter safe: Whether the write is acknowledged; by default as the collection says, which is yes unless a
    ///   setting says no. Without it failures stay unknown.
    /// - Throws: ``DocumentError`` of kind `invalid` where values break the rules of their fields; nothing is stored then.
    ///   ``MongoError`` whose `isDuplicateKey` is true where a unique index refuses it.
    public func save(_ document: Root, safe: Bool? = nil) async throws {
        try document.validate()
        try await untyped.replaceOne(
            ["_id": document.id.bsonValue], BSONDocument(encoding: document), upsert: true,
            writeConcern: Self.concern(safe))
    }

    /// Inserts a document.
    /// - Parameter safe: As in ``save(_:safe:)``.
    /// - Throws: What ``save(_:safe:)`` does, and ``MongoError`` whose `isDuplicateKey` is true where its id is there already.
    public func insert(_ document: Root, safe: Bool? = nil) async throws {
        try document.validate()
        try await untyped.insertOne(BSONDocument(encoding: document), writeConcern: Self.concern(safe))
    }

    /// Inserts documents. All are checked before the first is sent.
    /// - Parameter ordered: Whether the first failure ends it; otherwise the others are tried too.
    public func insert(_ documents: some Sequence<Root>, ordered: Bool = true) async throws {
        var encoded: [BSONDocument] = []
        for document in documents {
            try document.validate()
            encoded.append(BSONDocument(encoding: document))
        }
        guard !encoded.isEmpty else { return }
        try await untyped.insertMany(encoded, ordered: ordered)
    }

    /// Reads a document again, as it is stored now.
    /// - Throws: ``MongoError`` of kind `notFound` where it is gone; the value stays as it was.
    public func refresh(_ document: inout Root) async throws {
        guard let stored = try await get(document.id) else {
            throw MongoError(.notFound, "\(Root.collectionName) has no document with the _id \(document.id)")
        }
        document = stored
    }

    /// Removes a document.
    /// - Parameter safe: As in ``save(_:safe:)``.
    /// - Returns: Whether it was there; where nobody acknowledges, nothing can be said of it.
    @discardableResult
    public func remove(_ document: Root, safe: Bool? = nil) async throws -> Bool {
        try await remove(id: document.id, safe: safe)
    }

    /// Removes the document with this id.
    /// - Parameter safe: As in ``save(_:safe:)``.
    /// - Returns: Whether it was there; where nobody acknowledges, nothing can be said of it.
    @discardableResult
    public func remove(id: Root.ID, safe: Bool? = nil) async throws -> Bool {
        try await untyped.deleteOne(["_id": id.bsonValue], writeConcern: Self.concern(safe)).deletedCount > 0
    }

    private static func concern(_ safe: Bool?) -> WriteConcern? {
        safe.map { $0 ? WriteConcern(w: .members(1)) : .unacknowledged }
    }

    /// Removes all documents that meet a condition.
    @discardableResult
    public func remove(where condition: (Root.Fields) -> Filter<Root>) async throws -> DeleteResult {
        try await untyped.deleteMany(condition(Root.Fields()).document)
    }

    /// Changes all documents that meet a condition:
    /// `update(where: { $0.year < 1450 }) { $0.year.set(1450); $0.views.increment(by: 1) }`.
    ///
    /// The rules of fields are not checked: they see whole documents.
    @discardableResult
    public func update(
        where condition: (Root.Fields) -> Filter<Root>,
        @UpdateBuilder<Root> _ changes: (Root.Fields) -> Update<Root>
    ) async throws -> UpdateResult {
        try await untyped.updateMany(condition(Root.Fields()).document, changes(Root.Fields()).document)
    }

    /// Changes the document with this id.
    /// - Returns: Whether it was there.
    @discardableResult
    public func update(
        id: Root.ID, @UpdateBuilder<Root> _ changes: (Root.Fields) -> Update<Root>
    ) async throws -> Bool {
        try await untyped.updateOne(["_id": id.bsonValue], changes(Root.Fields()).document).matchedCount > 0
    }

    /// Changes the first document that meets a condition and returns it, nil where there is none.
    /// - Parameters:
    ///   - returning: The document before or after the change.
    ///   - upsert: Whether a document is inserted where none is there.
    public func findOneAndUpdate(
        where condition: (Root.Fields) -> Filter<Root>, returning: ReturnDocument = .after, upsert: Bool = false,
        @UpdateBuilder<Root> _ changes: (Root.Fields) -> Update<Root>
    ) async throws -> Root? {
        try await untyped.findOneAndUpdate(
            condition(Root.Fields()).document, changes(Root.Fields()).document, returnDocument: returning,
            upsert: upsert
        ).map { try Root(decoding: $0) }
    }
}
