/// What the headers of a part say.
public struct MultipartPartHeaders: Sendable, Hashable {
    /// The field's name.
    public let name: String
    /// The file's name as the client gave it, nil for a part that is no file. Never a path to write to.
    public let filename: String?
    /// The content type that the client guessed.
    public let contentType: String?

    /// Reads the lines between a boundary and the empty line.
    init(_ bytes: some Collection<UInt8>) throws(MultipartError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("a part's headers are no UTF-8")
        }
        var disposition: MediaTypeText?
        var contentType: String?
        // "\r\n" is one character of a Swift string.
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, !line.contains("\0") else {
                throw .malformed("a part has a header without a name")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = disposition ?? MediaTypeText(String(value))
            case "content-type": contentType = contentType ?? String(value)
            default: break
            }
        }
        guard let disposition, disposition.type == "form-data", let name = disposition.parameters["name"] else {
            throw .malformed("a part has no name")
        }
        self.name = Self.unescaped(name)
        filename = disposition.parameters["filename"].map(Self.unescaped)
        self.contentType = contentType
    }

    /// Browsers write a quote as `%22`; they do the same to line ends, which no name needs back.
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var parts = text.split(separator: "%22", omittingEmptySubsequences: false)[...]
        let first = parts.popFirst() ?? ""
        return parts.reduce(into: String(first)) { $0 += "\"\($1)" }
    }
}
