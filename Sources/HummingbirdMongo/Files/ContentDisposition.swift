/// How browsers treat a file: shown, or saved under a name (RFC 6266).
public enum FileDisposition: Sendable, Hashable {
    /// Shown in the browser where it can be.
    case inline
    /// Saved, as by a download.
    case attachment
}

/// The header `Content-Disposition`.
enum ContentDisposition {
    /// The header's value for any name: `attachment; filename="r_sum_.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf`.
    ///
    /// The second form is for names that the first cannot hold; old clients know only the first.
    static func field(_ disposition: FileDisposition, filename: String?) -> String {
        let type = disposition == .inline ? "inline" : "attachment"
        guard let name = filename.map(FileName.last), !name.isEmpty else { return type }
        if name.unicodeScalars.allSatisfy(isPlain) { return "\(type); filename=\"\(name)\"" }
        let plain = String(name.unicodeScalars.map { isPlain($0) ? Character($0) : "_" })
        return "\(type); filename=\"\(plain)\"; filename*=UTF-8''\(encoded(name))"
    }

    /// Whether a character means itself between quotes, to every client: some decode `%41` there, and some `\"` wrongly.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (0x20...0x7E).contains(scalar.value) && !"\"\\%".unicodeScalars.contains(scalar)
    }

    /// The text as RFC 8187 encodes it; control characters, which no name of a file needs, become underscores.
    private static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0..<0x20, 0x7F: out += "_"
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "!#$&+-.^_`|~".utf8.contains(byte): out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out
    }
}
