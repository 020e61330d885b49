public import BSON
internal import HTTPTypes
public import Hummingbird
internal import MultipartForms
internal import NIOCore

extension Request {
    /// The body, which is to be one JSON object, as a document.
    ///
    /// Text from strangers is plain JSON: `{"$oid": "…"}` is an object with that key and no ObjectID.
    /// - Parameter limit: The most bytes to take; 1 MiB by default.
    /// - Throws: 415 for another content type than JSON, 413 for a body beyond the limit, 400 for what is no object.
    public func bsonDocument(limit: Int = 1 << 20) async throws -> BSONDocument {
        guard hasJSONBody else {
            throw HTTPError(.unsupportedMediaType, message: "Send JSON, with Content-Type: application/json.")
        }
        let body = try await collectedBody(limit: limit)
        do {
            return try BSONDocument(json: body.readableBytesView)
        } catch {
            throw HTTPError(.badRequest, message: "The body is not a JSON object: \(error)")
        }
    }

    /// Whether the content type is JSON's, `application/json` or another that ends in `+json`.
    public var hasJSONBody: Bool {
        let type = MediaTypeText(headers[.contentType] ?? "").type
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    /// The whole body.
    /// - Throws: 413 beyond the limit, before reading where the length is announced.
    func collectedBody(limit: Int) async throws -> ByteBuffer {
        let tooLarge = HTTPError(.contentTooLarge, message: "The body may have at most \(limit) bytes.")
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > limit { throw tooLarge }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }
}
