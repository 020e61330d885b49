internal import HTTPTypes
public import Hummingbird
public import MultipartForms
internal import NIOCore

/// A form sent as `multipart/form-data` (RFC 7578), as browsers send one with files, whole in memory.
///
/// For files that may be large there is ``Mongo/saveFiles(from:bucket:contentType:metadata:limits:)``.
public struct MultipartForm: Sendable {
    /// The most that a form may hold: 8 MiB and 100 parts by default.
    public typealias Limits = MultipartLimits

    /// One part: a field, or a file.
    public struct Part: Sendable {
        /// The field's name.
        public let name: String
        /// The file's name as the browser gave it, nil for a part that is no file. Never a path to write to.
        public let filename: String?
        /// The content type that the browser guessed.
        public let contentType: String?
        /// The content.
        public fileprivate(set) var bytes: [UInt8] = []
        /// The content as text, broken UTF-8 repaired.
        public var text: String { String(decoding: bytes, as: UTF8.self) }

        fileprivate init(_ headers: MultipartPartHeaders) {
            name = headers.name
            filename = headers.filename
            contentType = headers.contentType
        }
    }

    /// The parts, in order.
    public let parts: [Part]

    /// The text of the first field with this name; files do not count.
    public subscript(name: String) -> String? {
        parts.first { $0.name == name && $0.filename == nil }?.text
    }

    /// The first file with this name; nil where none was chosen, which browsers send as an empty one without a name.
    public func file(_ name: String) -> Part? {
        parts.first { $0.name == name && $0.filename?.isEmpty == false }
    }

    /// Parses a body.
    /// - Throws: 400 for what is not well formed, 413 for what is beyond a limit.
    public init(body: [UInt8], boundary: String, limits: Limits = Limits()) throws {
        parts = try httpErrors {
            var parser = try MultipartParser(boundary: boundary, limits: limits)
            try parser.append(body)
            var parts: [Part] = []
            while let event = try parser.next() {
                switch event {
                case .part(let headers): parts.append(Part(headers))
                case .data(let bytes): parts[parts.count - 1].bytes += bytes
                case .end: break
                }
            }
            try parser.finish()
            return parts
        }
    }
}

extension Request {
    /// The body as a form with files.
    /// - Throws: 415 for another content type, 413 for a body beyond the limit, 400 for one that is not well formed.
    public func multipartForm(limits: MultipartForm.Limits = .init()) async throws -> MultipartForm {
        let boundary = try multipartBoundary()
        let body = try await collectedBody(limit: limits.bytes)
        return try MultipartForm(body: Array(body.readableBytesView), boundary: boundary, limits: limits)
    }

    /// What stands between the parts of a form.
    /// - Throws: 415 for another content type than a form's.
    func multipartBoundary() throws -> String {
        let type = MediaTypeText(headers[.contentType] ?? "")
        guard type.type == "multipart/form-data" else {
            throw HTTPError(.unsupportedMediaType, message: "Send a form, with Content-Type: multipart/form-data.")
        }
        return type.parameters["boundary"] ?? ""
    }
}
