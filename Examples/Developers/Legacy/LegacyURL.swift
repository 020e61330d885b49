internal import HTTPTypes
internal import Hummingbird

/// Addresses as the tutorial's framework reads and shows them.
enum LegacyURL {
    /// The address of a request as its records have it: decoded where that reads better, with the host that the caller names.
    static func text(_ request: Request) -> String {
        let path = shown(request.uri.path, keeping: "#?%")
        let folded = path.hasPrefix("//") ? "/" + path.drop { $0 == "/" } : path
        let query = request.uri.query.map { "?" + shown($0, keeping: nil) } ?? ""
        return "http://\(request.head.authority ?? "")\(folded)\(query)"
    }

    /// Percent-decodes what is no control character; `keeping` nil leaves all of ASCII as it is.
    private static func shown(_ text: String, keeping: String?) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"),
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            else {
                bytes.append(byte)
                continue
            }
            let isKept = keeping.map { code <= 0x20 || code == 0x7f || $0.utf8.contains(code) } ?? (code < 0x80)
            if isKept { bytes += [byte] + rest.prefix(2) } else { bytes.append(code) }
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The digits of an id, of any script and with zeros before them; nil for what is no number.
    static func id(_ text: some StringProtocol) -> String? {
        let decoded = shown(String(text), keeping: "")
        var digits = ""
        for scalar in decoded.unicodeScalars {
            guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
                return nil
            }
            digits += String(Int(value))
        }
        guard !digits.isEmpty, digits.count <= 4300 else { return nil }
        let trimmed = digits.drop { $0 == "0" }
        return trimmed.isEmpty ? "0" : String(trimmed)
    }
}
