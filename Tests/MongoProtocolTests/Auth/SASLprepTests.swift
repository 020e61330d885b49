import Testing

@testable import MongoProtocol

@Suite struct SASLprepTests {
    /// RFC 4013, section 3, and characters of every table.
    static let prepared: [(String, String)] = [
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"),
        ("a\u{A0}b", "a b"), ("\u{1100}\u{1161}", "\u{AC00}"), ("e\u{301}", "\u{E9}"), ("\u{FB01}", "fi"),
        ("\u{627}1\u{628}", "\u{627}1\u{628}"), ("", ""), ("p\u{E4}ss", "p\u{E4}ss"), ("\u{FF50}", "p"),
    ]

    @Test("texts are brought into one form", arguments: prepared)
    func preparation(_ text: String, _ expected: String) throws {
        let result = try SASLprep.prepare(text)
        #expect(Array(result.utf8) == Array(expected.utf8))
    }

    static let refused: [String] = [
        "\u{7}", "\u{627}1", "a\u{627}", "\u{200E}a", "\u{E000}", "\u{FFFD}", "\u{1F600}", "\u{221}",
        "\u{206A}", "a\u{0}", "\u{7F}",
    ]

    @Test("forbidden characters are refused by their numbers, never by the text", arguments: refused)
    func refusal(_ text: String) {
        let error = #expect(throws: MongoError.self) { try SASLprep.prepare(text) }
        #expect(error?.kind == .usage)
    }
}
