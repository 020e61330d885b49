internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore

/// The fields of a form, however the browser encoded them.
struct FormFields: Sendable {
    private var texts: [String: String] = [:]
    private var upload: MultipartForm?

    /// Reads `a=1&b=2`, the encoding of queries and of forms without files. Of two fields with one name the first counts.
    init(encoded: String) {
        for pair in encoded.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decode(parts[0])
            if texts[name] == nil { texts[name] = parts.count > 1 ? Self.decode(parts[1]) : "" }
        }
    }

    /// Reads a request's body.
    init(_ request: Request) async throws {
        if request.headers[.contentType]?.lowercased().hasPrefix("multipart/form-data") == true {
            upload = try await request.multipartForm(limits: .init(bytes: CoverImage.limit + (64 << 10), parts: 20))
        } else {
            let form = try await request.urlEncodedForm(limit: 64 << 10)
            texts = Dictionary(form.fields.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    /// A field of one line, trimmed, its line breaks and tabs turned into spaces.
    func line(_ name: String) -> String {
        let words = text(name).split { $0.isNewline || $0 == "\t" }
        return words.joined(separator: " ")
    }

    /// A field, trimmed, with plain line breaks.
    func text(_ name: String) -> String {
        Self.trim((texts[name] ?? upload?[name] ?? "").replacing("\r\n", with: "\n"))
    }

    /// A file that was chosen.
    func file(_ name: String) -> MultipartForm.Part? { upload?.file(name) }

    /// A text without white space at its ends, and without control characters, which nobody types and no page can show.
    static func trim(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !isControl($0) }))
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\r" && scalar != "\t"
    }

    private static func decode(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? ""
    }
}
