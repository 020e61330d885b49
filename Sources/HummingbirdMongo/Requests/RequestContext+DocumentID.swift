public import BSON
public import Hummingbird
public import MongoDocuments
internal import MongoProtocol

extension RequestContext {
    /// The ObjectID in the path.
    ///
    /// ```swift
    /// router.get("books/{id}") { _, context in
    ///     try await mongo.db["books"].findOneOr404(try context.objectID("id"))
    /// }
    /// ```
    /// - Parameter name: The name of the path's parameter.
    /// - Throws: 404 for anything but 24 hexadecimal digits: a resource with such an address cannot exist.
    public func objectID(_ name: String) throws -> ObjectID { try parameters.documentID(name) }

    /// The id of a document of this type in the path.
    ///
    /// ```swift
    /// router.get("books/{id}") { _, context in
    ///     try await mongo.db[Book.self].getOr404(context.documentID("id", of: Book.self))
    /// }
    /// ```
    /// - Parameters:
    ///   - name: The name of the path's parameter.
    ///   - type: The type, whose ids may be ObjectIDs, texts, UUIDs, numbers or a type of one's own.
    /// - Throws: 404 for text that no such id has: a resource with such an address cannot exist.
    public func documentID<Root: Document>(_ name: String, of type: Root.Type) throws -> Root.ID {
        try parameters.documentID(name)
    }

    /// The reference to a document of this type whose id stands in the path.
    /// - Throws: 404 for text that no such id has.
    public func reference<Root: Document>(_ name: String, to type: Root.Type) throws -> Ref<Root> {
        Ref(id: try parameters.documentID(name))
    }
}

extension Parameters {
    /// An id in the path, percent-decoded, as the type that is asked for: `let id: UUID = try parameters.documentID("id")`.
    /// - Throws: 404 for text that no such id has.
    public func documentID<ID: DocumentID>(_ name: String, as type: ID.Type = ID.self) throws -> ID {
        guard let encoded = get(name), let text = PercentEncoding.decode(encoded), let id = ID(_text: text) else {
            throw HTTPError(.notFound, message: "There is nothing at this address.")
        }
        return id
    }
}

extension DocumentCollection {
    /// The document whose id stands in the path, in one call: `try await books.getOr404("id", in: context)`.
    /// - Parameters:
    ///   - name: The name of the path's parameter.
    ///   - context: The request's context.
    /// - Throws: 404 where there is none, and where the text is no id.
    public func getOr404(_ name: String, in context: some RequestContext) async throws -> Root {
        try await getOr404(context.documentID(name, of: Root.self))
    }
}
