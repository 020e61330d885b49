public import BSON
internal import Hummingbird
public import Nectar

extension MongoCollection {
    /// The first document that a filter finds.
    /// - Throws: 404 where there is none.
    public func findOneOr404(_ filter: BSONDocument) async throws -> BSONDocument {
        guard let document = try await findOne(filter) else {
            throw HTTPError(.notFound, message: "There is no such document.")
        }
        return document
    }
}
