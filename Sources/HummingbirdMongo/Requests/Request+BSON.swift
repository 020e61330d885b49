public import BSON
internal import HTTPTypes
public import Hummingbird
internal import MultipartForms
internal import NIOCore

extension Request {
    /// The body, which is to be one JSON object, as a document.
    ///
    /// Text from strangers is plain JSON, which has no ObjectIDs. Keys that begin with `$` are refused, at any depth: a
    /// value that is compared with a field must not come as `{"$ne": null}`, which every field matches.
    /// - Parameters:
    ///   - limit: The most bytes to take; 1 MiB by default.
    ///   - allowingOperators: Whether keys may begin with `$`, for routes that are to take filters from whoever asks.
    /// - Throws: 415 for another content type than JSON, 413 for a body beyond the limit, 400 for what is no object or has an
    ///   operator.
    public func bsonDocument(limit: Int = 1 << 20, allowingOperators: Bool = false) async throws -> BSONDocument {
        guard hasJSONBody else {
            throw HTTPError(.unsupportedMediaType, message: "Send JSON, with Content-Type: application/json.")
        }
        let body = try await collectedBody(limit: limit)
        let document: BSONDocument
        do {
            document = try BSONDocument(json: body.readableBytesView)
        } catch {
            throw HTTPError(.badRequest, message: "The body is not a JSON object: \(error)")
        }
        guard allowingOperators || !Self.hasOperator(document) else {
            throw HTTPError(.badRequest, message: "The body has a key that begins with '$', which is not taken here.")
        }
        return document
    }

    /// Whether a key begins with `$`; JSON is read to a bounded depth, so this is bounded too.
    private static func hasOperator(_ document: BSONDocument) -> Bool {
        document.contains { key, value in key.utf8.first == UInt8(ascii: "$") || hasOperator(value) }
    }

    private static func hasOperator(_ value: BSONValue) -> Bool {
        switch value {
        case .document(let document): hasOperator(document)
        case .array(let values): values.contains { hasOperator($0) }
        default: false
        }
    }

    /// Whether the content type is JSON's, `application/json` or another that ends in `+json`.
    public var hasJSONBody: Bool {
        let type = MediaTypeText(headers[.contentType] ?? "").type
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    /// The whole body.
    /// - Throws: 413 beyond the limit, before reading where the length is announced; 408 for a body that comes too slowly.
    func collectedBody(limit: Int, limits: UploadLimits = UploadLimits()) async throws -> ByteBuffer {
        try await PacedBody.read(self, limits: limits, limit: limit) { body in
            var whole = ByteBuffer()
            for try await piece in body.pieces() {
                if whole.readableBytes == 0 { whole = ByteBuffer(piece) } else { whole.writeBytes(piece) }
            }
            return whole
        }
    }
}
