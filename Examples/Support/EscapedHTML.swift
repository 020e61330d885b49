internal import Mustache

/// Escapes text for HTML scalar by scalar.
///
/// The library's own escaping goes by characters, and a quotation mark with a combining accent is another character: it
/// would pass and end an attribute.
package struct EscapedHTML: MustacheContentType {
    package init() {}

    /// Escapes what a template's tag stands for.
    package func escapeText(_ text: String) -> String { Self.escape(text) }

    /// The text with HTML's special characters as references.
    package static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): escaped += Array("&amp;".utf8)
            case UInt8(ascii: "<"): escaped += Array("&lt;".utf8)
            case UInt8(ascii: ">"): escaped += Array("&gt;".utf8)
            case UInt8(ascii: "\""): escaped += Array("&quot;".utf8)
            case UInt8(ascii: "'"): escaped += Array("&#39;".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
