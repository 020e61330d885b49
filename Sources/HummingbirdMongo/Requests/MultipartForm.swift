internal import HTTPTypes
public import Hummingbird
internal import NIOCore

/// A form sent as `multipart/form-data` (RFC 7578), as browsers send one with files.
///
/// The parser is strict: parts that are not as the standard has them make the request a bad one.
public struct MultipartForm: Sendable {
    /// The most that a form may hold.
    public struct Limits: Sendable {
        /// Bytes of the whole body; 8 MiB by default.
        public var bytes: Int
        /// Parts; 100 by default.
        public var parts: Int
        /// Bytes of the headers of one part; 8 KiB by default.
        public var headerBytes: Int
        /// Makes limits.
        public init(bytes: Int = 8 << 20, parts: Int = 100, headerBytes: Int = 8 << 10) {
            self.bytes = bytes
            self.parts = parts
            self.headerBytes = headerBytes
        }
    }

    /// One part: a field, or a file.
    public struct Part: Sendable {
        /// The field's name.
        public let name: String
        /// The file's name as the browser gave it, nil for a part that is no file. Never a path to write to.
        public let filename: String?
        /// The content type that the browser guessed.
        public let contentType: String?
        /// The content.
        public let bytes: [UInt8]
        /// The content as text, broken UTF-8 repaired.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
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
    /// - Throws: 400 for what is not well formed or has too many parts.
    public init(body: [UInt8], boundary: String, limits: Limits = Limits()) throws {
        guard (1...70).contains(boundary.utf8.count) else {
            throw Self.malformed("its boundary is missing or too long")
        }
        let delimiter = Array("--\(boundary)".utf8)
        guard body.starts(with: delimiter) else { throw Self.malformed("it does not start with its boundary") }
        var position = delimiter.count
        var parts: [Part] = []
        while !body[position...].starts(with: "--".utf8) {
            guard body[position...].starts(with: "\r\n".utf8) else {
                throw Self.malformed("a boundary is not the end of its line")
            }
            position += 2
            guard parts.count < limits.parts else { throw Self.malformed("it has more than \(limits.parts) parts") }
            let head = body[position..<min(body.count, position + limits.headerBytes)]
            guard let headEnd = Self.find(Array("\r\n\r\n".utf8), in: head) else {
                throw Self.malformed("a part has no end of its headers within \(limits.headerBytes) bytes")
            }
            let start = headEnd + 4
            guard let end = Self.find(Array("\r\n".utf8) + delimiter, in: body[start...]) else {
                throw Self.malformed("its last boundary is missing")
            }
            parts.append(try Self.part(head: body[position..<headEnd], bytes: Array(body[start..<end])))
            position = end + 2 + delimiter.count
        }
        self.parts = parts
    }

    private static func part(head: ArraySlice<UInt8>, bytes: [UInt8]) throws -> Part {
        guard let text = String(validating: head, as: UTF8.self) else {
            throw malformed("a part's headers are no UTF-8")
        }
        var disposition: MediaTypeText?
        var contentType: String?
        // "\r\n" is one character of a Swift string.
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw malformed("a part's header has no colon") }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = MediaTypeText(String(value))
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let disposition, disposition.type == "form-data", let name = disposition.parameters["name"] else {
            throw malformed("a part has no name")
        }
        return Part(
            name: name, filename: disposition.parameters["filename"], contentType: contentType, bytes: bytes)
    }

    /// Where a pattern first stands; looks for its first byte and compares only there.
    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = pattern.first else { return nil }
        var rest = bytes
        while let index = rest.firstIndex(of: first) {
            if bytes[index...].starts(with: pattern) { return index }
            rest = bytes[(index + 1)...]
        }
        return nil
    }

    private static func malformed(_ reason: String) -> HTTPError {
        HTTPError(.badRequest, message: "The form is not well formed: \(reason).")
    }
}

extension Request {
    /// The body as a form with files.
    /// - Throws: 415 for another content type, 413 for a body beyond the limit, 400 for one that is not well formed.
    public func multipartForm(limits: MultipartForm.Limits = .init()) async throws -> MultipartForm {
        let type = MediaTypeText(headers[.contentType] ?? "")
        guard type.type == "multipart/form-data" else {
            throw HTTPError(.unsupportedMediaType, message: "Send a form, with Content-Type: multipart/form-data.")
        }
        let body = try await collectedBody(limit: limits.bytes)
        return try MultipartForm(
            body: Array(body.readableBytesView), boundary: type.parameters["boundary"] ?? "", limits: limits)
    }
}
