/// A header's value with parameters: `multipart/form-data; boundary="x"` (RFC 9110, section 5.6.6).
package struct MediaTypeText {
    /// The part before the first semicolon, in lower case.
    package let type: String
    /// The parameters, by name in lower case; of two with one name the first counts.
    package let parameters: [String: String]

    /// Reads a header's value; parameters that are not well formed are left out.
    package init(_ text: String) {
        var rest = Substring(text)
        func trimmed(_ part: Substring) -> Substring {
            let start = part.drop { $0 == " " || $0 == "\t" }
            return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
        }
        func take(until stop: Character) -> Substring {
            let part = rest.prefix { $0 != stop }
            rest = rest[part.endIndex...].dropFirst()
            return part
        }
        type = trimmed(take(until: ";")).lowercased()
        var parameters: [String: String] = [:]
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == ";" }
            guard let equals = rest.firstIndex(where: { $0 == "=" || $0 == ";" }), rest[equals] == "=" else {
                _ = take(until: ";")
                continue
            }
            let name = trimmed(rest[..<equals]).lowercased()
            rest = rest[equals...].dropFirst()
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    // A backslash quotes a quote or a backslash only: browsers send paths' backslashes bare.
                    if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        value.append(next)
                        rest = rest.dropFirst()
                    } else {
                        value.append(character)
                    }
                }
                _ = take(until: ";")
            } else {
                value = String(trimmed(take(until: ";")))
            }
            if !name.isEmpty, parameters[name] == nil { parameters[name] = value }
        }
        self.parameters = parameters
    }
}
