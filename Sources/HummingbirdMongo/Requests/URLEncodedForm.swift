internal import HTTPTypes
public import Hummingbird
internal import MongoProtocol
internal import MultipartForms
internal import NIOCore

/// A form without files, as browsers send one: `application/x-www-form-urlencoded`.
///
/// Names and values are text and nothing else. Brackets in a name mean nothing, so that `password[$ne]=` is a field that
/// nobody asks for, and no operator.
public struct URLEncodedForm: Sendable {
    /// The fields, in order.
    public let fields: [(name: String, value: String)]

    /// Reads `a=1&b=2`.
    /// - Throws: 400 for a broken escape, and for what is no UTF-8.
    public init(_ text: String) throws {
        fields = try text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.compactMap { PercentEncoding.decode($0.replacing("+", with: "%20")) }
            guard texts.count == parts.count, let name = texts.first else {
                throw HTTPError(.badRequest, message: "The form is not well formed.")
            }
            return (name, texts.count > 1 ? texts[1] : "")
        }
    }

    /// The value of the first field with this name.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The values of all fields with this name.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

extension Request {
    /// The body as a form without files.
    /// - Parameters:
    ///   - limit: The most bytes to take; 1 MiB by default.
    ///   - limits: The pace that a client must keep up.
    /// - Throws: 415 for another content type, 413 for a body beyond the limit, 408 for one that comes too slowly, 400 for one
    ///   that is not well formed.
    public func urlEncodedForm(
        limit: Int = 1 << 20, limits: UploadLimits = UploadLimits()
    ) async throws -> URLEncodedForm {
        let wanted = "application/x-www-form-urlencoded"
        guard MediaTypeText(headers[.contentType] ?? wanted).type == wanted else {
            throw HTTPError(.unsupportedMediaType, message: "Send a form, with Content-Type: \(wanted).")
        }
        let body = try await collectedBody(limit: limit, limits: limits)
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw HTTPError(.badRequest, message: "The form is not well formed.")
        }
        return try URLEncodedForm(text)
    }
}
