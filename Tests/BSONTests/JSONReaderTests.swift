import BSON
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    private func read(_ text: String) throws -> BSONDocument { try BSONDocument(json: text.utf8) }

    static let values: [(String, BSONValue)] = [
        ("0", 0), ("-0", 0), ("2147483647", .int32(.max)), ("2147483648", .int64(2_147_483_648)),
        ("-2147483648", .int32(.min)), ("9223372036854775807", .int64(.max)), ("-9223372036854775808", .int64(.min)),
        ("9223372036854775808", .double(0x1p63)), ("1.0", .double(1)), ("-0.0", .double(-0.0)), ("1e2", .double(100)),
        ("1E-2", .double(0.01)), ("2.5e+3", .double(2500)), ("1e-999", .double(0)),
        ("true", true), ("false", false), ("null", .null), ("[]", []), ("{}", [:]), (" [ 1 , 2 ] ", [1, 2]),
        (#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, "\"\\/\u{8}\u{c}\n\r\té😀"), (#""\u0000x""#, "\0x"),
        (#""x\u0041""#, "xA"),
        (#"{"a":{"b":[{"c":1}]}}"#, ["a": ["b": [["c": 1]]]]),
        (#"{"$oid":"57e193d7a9cc81b4027498b5"}"#, ["$oid": "57e193d7a9cc81b4027498b5"]),
        (#"{"$where":"x","$numberInt":"1"}"#, ["$where": "x", "$numberInt": "1"]),
        (#"{"é":1,"e\u0301":2}"#, .document(BSONDocument(fields: [("é", 1), ("e\u{301}", 2)]))),
    ]

    @Test("gives every text its value", arguments: values.indices)
    func reads(index: Int) throws {
        let (text, value) = Self.values[index]
        #expect(try read(#"{"v":\#(text)}"#)["v"] == value, "\(text)")
        #expect(try BSONValue(json: text.utf8) == value, "\(text)")
    }

    static let faults: [(String, Int)] = [
        ("", 0), ("  ", 2), ("[]", 0), ("1", 0), (#"{"a":1"#, 6), (#"{"a":1}x"#, 7), (#"{"a":1,}"#, 7),
        (#"{"a":1 "b":2}"#, 7),
        (#"{"a" 1}"#, 5), (#"{a:1}"#, 1), ("{'a':1}", 1), (#"{"a":01}"#, 6), (#"{"a":-}"#, 6), (#"{"a":1.}"#, 7),
        (#"{"a":.5}"#, 5), (#"{"a":1e}"#, 7), (#"{"a":+1}"#, 5), (#"{"a":NaN}"#, 5), (#"{"a":Infinity}"#, 5),
        (#"{"a":-Infinity}"#, 6), (#"{"a":1e999}"#, 5), (#"{"a":tru}"#, 5), (#"{"a":nulL}"#, 5), (#"{"a":[1,]}"#, 8),
        (#"{"a":"\x"}"#, 6), (#"{"a":"\u12g4"}"#, 10), (#"{"a":"\uD800"}"#, 6), (#"{"a":"\uDC00"}"#, 6),
        (#"{"a":"\uD800\u0041"}"#, 6), (#"{"a":"\uD800x"}"#, 6), ("{\"a\":\"\n\"}", 6), ("{\"a\":\"\0\"}", 6),
        (#"{"a":"b"#, 7),
        (#"{"a":"\"#, 6), (#"{"a":"\u"#, 8), (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"\u0061":2}"#, 7),
        (#"{"a\u0000":1}"#, 1),
        ("{\"a\":1}\0", 7), ("\u{FEFF}{}", 0), ("{} {}", 3), ("{/**/}", 1), ("{\u{A0}}", 1),
    ]

    @Test("refuses all else, and says where", arguments: faults.indices)
    func refuses(index: Int) {
        let (text, offset) = Self.faults[index]
        let error = #expect(throws: BSONError.self, "\(text)") { try BSONDocument(json: text.utf8) }
        #expect(error?.code == .invalidJSON, "\(text)")
        #expect(error?.offset == offset, "\(text): \(error.map(String.init(describing:)) ?? "")")
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func utf8(bytes: [UInt8]) {
        let text = [UInt8](#"{"a":""#.utf8) + bytes + [UInt8](#""}"#.utf8)
        let error = #expect(throws: BSONError.self) { try BSONDocument(json: text) }
        #expect(error?.code == .invalidUTF8)
    }

    @Test("keeps to the limits of depth and size")
    func limits() throws {
        func nested(_ levels: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1) + "}"
        }
        #expect(throws: Never.self) { try BSONDocument(json: nested(100).utf8) }
        #expect(throws: BSONError.self) { try BSONDocument(json: nested(101).utf8) }
        #expect(throws: BSONError.self) { try BSONDocument(json: String(repeating: "[", count: 1_000_000).utf8) }
        let error = #expect(throws: BSONError.self) {
            try BSONDocument(json: #"{"a":[1,1,1,1,1,1,1,1,1,1,1,1]}"#.utf8, maximumSize: 64)
        }
        #expect(error?.code == .tooLarge)
        // Counts the bytes of the whole document, the last one included.
        let document: BSONDocument = ["a": 1]
        #expect(try BSONDocument(json: document.json(), maximumSize: document.byteCount) == document)
        #expect(throws: BSONError.self) { try BSONDocument(json: document.json(), maximumSize: document.byteCount - 1) }
    }

    @Test("never stumbles over mutated text")
    func mutations() {
        var generator = DocumentGenerator(seed: 23)
        let syntax = [UInt8](#"{}[]",:\u0019-.eE$ntf"#.utf8) + [0, 0xFF, 0xC3]
        for round in 0..<5000 {
            var text = generator.document().json(round % 2 == 0 ? .canonical : .relaxed)
            for _ in 0..<3 {
                let index = Int.random(in: 0..<text.count, using: &generator.random)
                if round % 3 == 0 { text.removeSubrange(index...) } else { text[index] = generator.element(syntax) }
                if text.isEmpty { break }
            }
            if let document = try? BSONDocument(json: text) {
                #expect(throws: Never.self) { try BSONDocument(bytes: document.bytes) }
            }
            if let document = try? BSONDocument(extendedJSON: String(decoding: text, as: UTF8.self)) {
                #expect(throws: Never.self) { try BSONDocument(bytes: document.bytes) }
            }
        }
    }
}
