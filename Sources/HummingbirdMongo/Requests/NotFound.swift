public import BSON
internal import Hummingbird
public import MongoDocuments
public import Nectar

// Only what is not there is a 404. A database that is away, a deadline and a document that cannot be read have statuses
// of their own.

extension HTTPError {
    static var noDocument: HTTPError { HTTPError(.notFound, message: "There is no such document.") }
}

extension MongoCollection {
    /// The first document that a filter finds.
    /// - Throws: 404 where there is none.
    public func findOneOr404(
        _ filter: BSONDocument, sort: BSONDocument = [:], projection: BSONDocument = [:]
    ) async throws -> BSONDocument {
        guard let document = try await findOne(filter, sort: sort, projection: projection) else {
            throw HTTPError.noDocument
        }
        return document
    }

    /// The document with this id, of any type.
    /// - Throws: 404 where there is none.
    public func findOneOr404(id: BSONValue, projection: BSONDocument = [:]) async throws -> BSONDocument {
        // As a comparison, so that no document that came as an id is read as operators.
        try await findOneOr404(["_id": ["$eq": id]], projection: projection)
    }

    /// The document with this id.
    /// - Throws: 404 where there is none.
    public func findOneOr404(_ id: ObjectID, projection: BSONDocument = [:]) async throws -> BSONDocument {
        try await findOneOr404(id: .objectID(id), projection: projection)
    }
}

extension FindQuery {
    /// The first document.
    /// - Throws: 404 where there is none.
    public func firstOr404() async throws -> BSONDocument {
        guard let document = try await first() else { throw HTTPError.noDocument }
        return document
    }
}

extension DocumentCollection {
    /// The document with this id.
    /// - Throws: 404 where there is none.
    public func getOr404(_ id: Root.ID) async throws -> Root {
        guard let document = try await get(id) else { throw HTTPError.noDocument }
        return document
    }

    /// The document whose id has this text.
    /// - Throws: 404 where there is none, and where the text is no id.
    @_disfavoredOverload
    public func getOr404(_ text: String) async throws -> Root {
        guard let document = try await get(text) else { throw HTTPError.noDocument }
        return document
    }

    /// The document that a reference names.
    /// - Throws: 404 where there is none.
    public func getOr404(_ reference: Ref<Root>) async throws -> Root { try await getOr404(reference.id) }

    /// The first document that meets a condition.
    /// - Throws: 404 where there is none.
    public func findOneOr404(_ condition: (Root.Fields) -> Filter<Root>) async throws -> Root {
        try await find(condition).firstOr404()
    }
}

extension PartialQuery {
    /// The first document, with the fields that were asked for.
    /// - Throws: 404 where there is none.
    public func firstOr404() async throws -> PartialDocument<Root> {
        guard let document = try await first() else { throw HTTPError.noDocument }
        return document
    }
}

extension DocumentQuery {
    /// The first document.
    /// - Throws: 404 where there is none.
    public func firstOr404() async throws -> Root {
        guard let document = try await first() else { throw HTTPError.noDocument }
        return document
    }
}
