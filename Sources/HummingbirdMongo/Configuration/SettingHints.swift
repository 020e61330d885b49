/// What messages say of a setting's text and of a name: enough to find the mistake, and never the text itself.
enum SettingHints {
    /// How a text looks, without what it says: `5 letters`, `12 characters, of them digits, letters and others`.
    static func shape(of text: String) -> String {
        let count = text.count
        if text.allSatisfy(\.isWhitespace) { return "\(count) spaces" }
        if text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return count == 1 ? "1 digit" : "a number of \(count) digits"
        }
        if text.first == "-", text.count > 1, text.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) {
            return "a negative number"
        }
        if text.allSatisfy(\.isLetter) { return count == 1 ? "1 letter" : "\(count) letters" }
        var kinds: [String] = []
        if text.contains(where: \.isLetter) { kinds.append("letters") }
        if text.contains(where: \.isNumber) { kinds.append("digits") }
        if text.contains(where: \.isWhitespace) { kinds.append("spaces") }
        if text.contains(where: { !$0.isLetter && !$0.isNumber && !$0.isWhitespace }) { kinds.append("signs") }
        return "\(count) characters (\(kinds.joined(separator: ", ")))"
    }

    /// The name that is most like one that nobody knows.
    static func nearest(_ name: String, of known: [String]) -> String? {
        known.min { distance(name, $0) < distance(name, $1) }
    }

    /// How many letters must be added, removed or changed to make one name the other.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let changed = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j + 1] + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
