public import BSON
public import Hummingbird
internal import MongoProtocol

extension RequestContext {
    /// The ObjectID in the path.
    ///
    /// ```swift
    /// router.get("books/{id}") { _, context in
    ///     try await mongo.db["books"].findOneOr404(["_id": .objectID(try context.objectID("id"))])
    /// }
    /// ```
    /// - Parameter name: The name of the path's parameter.
    /// - Throws: 404 for anything but 24 hexadecimal digits: a resource with such an address cannot exist.
    public func objectID(_ name: String) throws -> ObjectID {
        guard let encoded = parameters.get(name), let text = PercentEncoding.decode(encoded), let id = ObjectID(text)
        else { throw HTTPError(.notFound, message: "There is nothing at this address.") }
        return id
    }
}
