import BSON
import Testing

@Suite("Validation")
struct ValidatorTests {
    /// Bytes, and what is wrong with them.
    static let faults: [(bytes: [UInt8], code: BSONError.Code)] = [
        ([], .malformed),
        ([5, 0, 0, 0], .malformed),
        ([5, 0, 0, 0, 1], .malformed),
        ([6, 0, 0, 0, 0, 0], .malformed),
        ([255, 255, 255, 255, 0], .malformed),
        ([0, 0, 0, 128, 0], .malformed),
        ([8, 0, 0, 0, 0x0A, 0x61, 0x61, 0], .malformed),
        ([9, 0, 0, 0, 0x08, 0x61, 0, 2, 0], .malformed),
        ([8, 0, 0, 0, 0x20, 0x61, 0, 0], .malformed),
        ([8, 0, 0, 0, 0x0A, 0xFF, 0, 0], .invalidUTF8),
        ([14, 0, 0, 0, 0x02, 0x61, 0, 2, 0, 0, 0, 0xC3, 0, 0], .invalidUTF8),
        ([14, 0, 0, 0, 0x02, 0x61, 0, 255, 255, 255, 127, 0x61, 0, 0], .malformed),
    ]

    @Test("says what is wrong", arguments: faults.indices)
    func explains(index: Int) throws {
        let (bytes, code) = Self.faults[index]
        let error = #expect(throws: BSONError.self) { try BSONDocument(bytes: bytes) }
        #expect(error?.code == code)
    }

    @Test("takes documents as deep as the limit and none deeper")
    func depth() throws {
        func nested(_ levels: Int) -> BSONDocument {
            (1..<levels).reduce(into: BSONDocument()) { document, _ in
                document = BSONDocument(fields: [("a", .document(document))])
            }
        }
        #expect(throws: Never.self) { try BSONDocument(bytes: nested(100).bytes) }
        let error = #expect(throws: BSONError.self) { try BSONDocument(bytes: nested(101).bytes) }
        #expect(error?.code == .tooDeep)
    }

    @Test("takes documents as deep as the limit through Extended JSON and back, whatever stands in the deepest")
    func depthOfExtendedJSON() throws {
        let inner: [BSONValue] = [
            1, .date(BSONDate(millisecondsSince1970: 1)), .regularExpression(BSONRegularExpression(pattern: "a")),
            .dbPointer(BSONDBPointer(namespace: "a.b", id: ObjectID())),
        ]
        for value in inner {
            func nested(_ levels: Int) -> BSONDocument {
                (1..<levels).reduce(into: BSONDocument(fields: [("a", value)])) { document, _ in
                    document = BSONDocument(fields: [("a", .document(document))])
                }
            }
            let text = nested(100).extendedJSON(.canonical)
            #expect(try BSONDocument(extendedJSON: text) == nested(100))
            let error = #expect(throws: BSONError.self) {
                try BSONDocument(extendedJSON: nested(101).extendedJSON(.canonical))
            }
            #expect(error?.code == .tooDeep)
        }
    }

    @Test("tells UTF-8 from what is none as Swift does")
    func utf8() {
        var random = SeededGenerator(state: 29)
        let pieces: [[UInt8]] = [
            [0x61], [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xC0, 0x80], [0xC1], [0x80],
            [0xE0, 0x80],
            [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF], [0xE2, 0x82], [0xF0, 0x9F, 0x98], Array("eight or more".utf8),
        ]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...4, using: &random)).flatMap { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }
            let size = UInt8(truncatingIfNeeded: text.count)
            let bytes = [size + 13, 0, 0, 0, 2, 0x61, 0, size + 1, 0, 0, 0] + text + [0, 0]
            let isText = String(validating: text, as: UTF8.self) != nil
            #expect(((try? BSONDocument(bytes: bytes)) != nil) == isText, "\(text)")
        }
    }

    @Test("sees a byte that is none at each place of a text of any length, and keeps what is")
    func places() throws {
        for count in 1...130 {
            for place in 0..<count {
                var text = [UInt8](repeating: 0x61, count: count)
                func bytes() -> [UInt8] {
                    let head: [UInt8] = [UInt8(count + 13), 0, 0, 0, 2, 0x61, 0, UInt8(count + 1), 0, 0, 0]
                    return head + text + [0, 0]
                }
                text[place] = 0xFF
                let error = #expect(throws: BSONError.self) { try BSONDocument(bytes: bytes()) }
                #expect(error?.code == .invalidUTF8 && error?.offset == 11 + place)
                guard place + 1 < count else { continue }
                text.replaceSubrange(place...place + 1, with: [0xC3, 0xA9])
                #expect(try BSONDocument(bytes: bytes())["a"]?.string?.utf8.elementsEqual(text) == true)
            }
        }
    }

    @Test("lets no bytes through that reading would stumble over")
    func mutations() throws {
        var generator = DocumentGenerator(seed: 7)
        var taken = 0
        for round in 0..<10_000 {
            let bytes = mutated(generator.document().bytes, round, &generator)
            exerciseUnchecked(bytes)
            guard let document = try? BSONDocument(bytes: bytes) else { continue }
            taken += 1
            #expect(document.bytes == bytes)
            #expect(visit(.document(document)) > 0)
            for format in [.relaxed, .canonical] as [JSONFormat] {
                let text = document.extendedJSON(format)
                #expect(throws: Never.self) { try BSONDocument(extendedJSON: text) }
            }
            #expect(!document.json().isEmpty)
            #expect(!KeyEncoding.key(of: .document(document)).isEmpty)
        }
        #expect(taken > 1000)
    }

    /// Bytes with a few of them changed or taken out; in some rounds the length is put right again.
    private func mutated(_ original: [UInt8], _ round: Int, _ generator: inout DocumentGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &generator.random) {
            let index = Int.random(in: 0..<bytes.count, using: &generator.random)
            switch round % 4 {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator.random)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &generator.random)
            case 2: bytes[index] = generator.element([0, 1, 2, 3, 4, 5, 127, 128, 255])
            default: if bytes.count > 5 { bytes.remove(at: index) }
            }
        }
        if round % 4 == 3 || round % 8 == 0 {
            let length = withUnsafeBytes(of: Int32(bytes.count).littleEndian) { [UInt8]($0) }
            bytes.replaceSubrange(0..<4, with: length)
        }
        return bytes
    }

    /// Reads bytes that nobody checked: every view must stay within them.
    private func exerciseUnchecked(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { raw in
            for element in RawDocument(raw) { _ = visit(BSONValue(copying: element.value)) }
        }
    }

    private func visit(_ value: BSONValue) -> Int {
        var count = 1
        switch value {
        case .document(let document): for field in document { count += visit(field.value) + field.key.utf8.count }
        case .array(let array): for inner in array { count += visit(inner) }
        case .javascriptWithScope(let code, let scope): count += code.utf8.count + visit(.document(scope))
        default: count += value.hashValue & 1
        }
        return count
    }
}
