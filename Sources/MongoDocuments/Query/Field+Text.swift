internal import BSON

extension Field where Value: TextFieldValue {
    /// The text matches a regular expression in PCRE's syntax.
    /// - Parameter options: `i` for any case, `m`, `s`, `x` as in MongoDB.
    public func matches(_ pattern: String, options: String = "") -> Filter<Root> {
        Filter(_path, "$regex", .regularExpression(BSONRegularExpression(pattern: pattern, options: options)))
    }

    /// The text contains this, letter by letter.
    public func contains(_ text: String, ignoringCase: Bool = false) -> Filter<Root> {
        matches(Self.escaped(text), options: ignoringCase ? "i" : "")
    }

    /// The text begins with this. An index serves it.
    public func hasPrefix(_ text: String) -> Filter<Root> { matches("^" + Self.escaped(text)) }

    /// The text ends with this.
    public func hasSuffix(_ text: String) -> Filter<Root> { matches(Self.escaped(text) + #"\z"#) }

    /// The pattern that matches exactly this text.
    private static func escaped(_ text: String) -> String {
        var pattern = ""
        for character in text.unicodeScalars {
            // BSON has no room for a zero byte in a pattern.
            if character.value == 0 {
                pattern += #"\x00"#
                continue
            }
            if #"\^$.|?*+()[]{}"#.unicodeScalars.contains(character) { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern
    }
}
