internal import BSON

/// The `a=value` parts of a SCRAM message, in order (RFC 5802, section 5.1).
struct ScramAttributes {
    private let parts: [(name: Character, value: String)]

    /// Cuts a message; nil where it is not of that form.
    init?(_ message: some StringProtocol) {
        var parts: [(Character, String)] = []
        for part in message.split(separator: ",", omittingEmptySubsequences: false) {
            guard let name = part.first, part.dropFirst().first == "=" else { return nil }
            parts.append((name, String(part.dropFirst(2))))
        }
        self.parts = parts
    }

    /// The value at a place, which the grammar gives to one name.
    func value(_ name: Character, at index: Int) -> String? {
        guard index < parts.count, parts[index].name == name else { return nil }
        return parts[index].value
    }

    /// The names in order.
    var names: String { String(parts.map(\.name)) }

    /// A user's name with `=` and `,` written as `=3D` and `=2C`.
    static func escape(_ name: String) -> String {
        var out = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "=": out += "=3D"
            case ",": out += "=2C"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// The name behind an escaped one; nil where an `=` is none of the two.
    static func unescape(_ text: String) -> String? {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        var out = parts.first.map(String.init) ?? ""
        for part in parts.dropFirst() {
            if part.hasPrefix("3D") {
                out += "="
            } else if part.hasPrefix("2C") {
                out += ","
            } else {
                return nil
            }
            out += part.dropFirst(2)
        }
        return out
    }

    /// A new nonce: printable, without a comma.
    static func nonce() -> String { Base64.encode(ScramMechanism.randomBytes(24)) }
}
