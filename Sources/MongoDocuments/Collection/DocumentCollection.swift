internal import BSON
public import Nectar

/// The collection of a ``Document()`` type: `db[Book.self]`.
public struct DocumentCollection<Root: Document>: Sendable {
    /// The collection below, for documents without a type.
    public let untyped: MongoCollection

    /// Takes a collection as that of a type.
    public init(_ untyped: MongoCollection) { self.untyped = untyped }

    /// The document with this id, nil where there is none.
    /// - Throws: ``DocumentError`` where it cannot be read as its type.
    public func get(_ id: Root.ID) async throws -> Root? {
        var filter = BSONWriter(capacity: 64)
        let field = filter._begin("_id\0")
        filter._end(field, id._write(into: &filter))
        guard let document = try await untyped.find(filter.finish()).uncheckedFirst() else { return nil }
        return try Root(document, isChecked: untyped.checksBatches)
    }

    /// The document whose id has this text, nil where there is none, and where the text is no id.
    @_disfavoredOverload
    public func get(_ text: String) async throws -> Root? {
        guard let id = Root.ID(_text: text) else { return nil }
        return try await get(id)
    }

    /// The document that a reference names, nil where there is none.
    public func get(_ reference: Ref<Root>) async throws -> Root? { try await get(reference.id) }

    /// All documents.
    public func find() -> DocumentQuery<Root> { find(.all) }

    /// The documents that meet a condition: `find { $0.year >= 2004 && $0.publisher.city == "Prague" }`.
    public func find(_ condition: (Root.Fields) -> Filter<Root>) -> DocumentQuery<Root> {
        find(condition(Root.Fields()))
    }

    /// The documents that meet a condition.
    public func find(_ filter: Filter<Root>) -> DocumentQuery<Root> {
        DocumentQuery(collection: untyped, filter: filter)
    }

    /// Makes the indexes that the type declares where they are missing. It removes none.
    /// - Throws: ``MongoError`` where an index of the same name and another kind is there, or documents break a unique one.
    public func ensureIndexes() async throws {
        let indexes = Root.indexes
        guard !indexes.isEmpty else { return }
        try await untyped.createIndexes(indexes.map(\.specification))
    }
}

extension MongoDatabase {
    /// The collection of a type.
    public subscript<Root: Document>(type: Root.Type) -> DocumentCollection<Root> {
        DocumentCollection(self[Root.collectionName])
    }
}
