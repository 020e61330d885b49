import BSON
import SpecSupport
import Testing

/// Runs the driver specifications' "BSON Corpus", where its files are at hand.
@Suite("BSON corpus")
struct BSONCorpusSpecTests {
    @Test("all cases pass")
    func corpus() {
        let failures = SpecSuite.run("bson-corpus") { try Self.faults(of: $0) }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    /// What is wrong with the outcome of one case.
    private static func faults(of test: SpecCase) throws -> [String] {
        switch test.list {
        case "valid": return try valid(test.test)
        case "decodeErrors":
            return (try? BSONDocument(bytes: bytes(test.test, "bson"))) == nil ? [] : ["the bytes were taken"]
        case "parseErrors":
            guard let text = test.test["string"]?.string else { return ["no text"] }
            guard test.document["bson_type"]?.string == "0x13" else { return taken(text) ? ["the text was taken"] : [] }
            let wrapped = BSONDocument(fields: [
                ("d", .document(BSONDocument(fields: [("$numberDecimal", .string(text))])))
            ])
            return Decimal128(text) != nil || taken(wrapped.extendedJSON()) ? ["the text was taken"] : []
        default: return ["no such kind of case"]
        }
    }

    private static func taken(_ text: String) -> Bool { (try? BSONDocument(extendedJSON: text)) != nil }

    /// The conversions that the corpus's own README lists for a valid case.
    private static func valid(_ test: BSONDocument) throws -> [String] {
        var faults = Faults()
        let isLossy = test["lossy"]?.bool ?? false
        let canonical = try BSONDocument(bytes: bytes(test, "canonical_bson"))
        let text = test["canonical_extjson"]?.string ?? ""

        faults.expect(rebuilt(canonical) == canonical, "bytes from values")
        faults.expect(try sameJSON(canonical.extendedJSON(.canonical), text), "canonical text from bytes")
        let parsed = try BSONDocument(extendedJSON: text)
        faults.expect(try sameJSON(parsed.extendedJSON(.canonical), text), "canonical text from its own")
        if !isLossy { faults.expect(parsed == canonical, "bytes from canonical text") }

        if test["degenerate_bson"] != nil {
            let degenerate = try BSONDocument(bytes: bytes(test, "degenerate_bson"))
            faults.expect(
                try sameJSON(degenerate.extendedJSON(.canonical), text), "canonical text from degenerate bytes")
            faults.expect(rebuilt(degenerate) == canonical, "canonical bytes from degenerate ones")
        }
        if let degenerate = test["degenerate_extjson"]?.string {
            let parsed = try BSONDocument(extendedJSON: degenerate)
            faults.expect(try sameJSON(parsed.extendedJSON(.canonical), text), "canonical text from the degenerate one")
            if !isLossy { faults.expect(parsed == canonical, "bytes from the degenerate text") }
        }
        if let relaxed = test["relaxed_extjson"]?.string {
            faults.expect(try sameJSON(canonical.extendedJSON(.relaxed), relaxed), "relaxed text from bytes")
            let parsed = try BSONDocument(extendedJSON: relaxed)
            faults.expect(try sameJSON(parsed.extendedJSON(.relaxed), relaxed), "relaxed text from its own")
        }
        return faults.list
    }

    /// The document written anew from its values, down to the last one.
    private static func rebuilt(_ document: BSONDocument) -> BSONDocument {
        BSONDocument(fields: document.map { ($0.key, rebuilt($0.value)) })
    }

    private static func rebuilt(_ value: BSONValue) -> BSONValue {
        switch value {
        case .document(let document): .document(rebuilt(document))
        case .array(let array): .array(BSONArray(array.map { rebuilt($0) }))
        case .javascriptWithScope(let code, let scope): .javascriptWithScope(code: code, scope: rebuilt(scope))
        default: value
        }
    }

    /// What did not come out as expected.
    private struct Faults {
        var list: [String] = []
        mutating func expect(_ condition: Bool, _ what: String) { if !condition { list.append(what) } }
    }

    /// Whether two texts have the same values in the same order, spaces and spelling aside: a double has many texts.
    private static func sameJSON(_ a: String, _ b: String) throws -> Bool {
        try .document(normalized(BSONDocument(json: a.utf8))) == .document(normalized(BSONDocument(json: b.utf8)))
    }

    private static func normalized(_ document: BSONDocument) -> BSONDocument {
        BSONDocument(
            fields: document.map { key, value in
                guard key == "$numberDouble", let number = value.string.flatMap({ Double($0) }), number.isFinite else {
                    return (key, normalized(value))
                }
                return (key, .double(number))
            })
    }

    private static func normalized(_ value: BSONValue) -> BSONValue {
        switch value {
        case .document(let document): .document(normalized(document))
        case .array(let array): .array(BSONArray(array.map { normalized($0) }))
        default: value
        }
    }

    private static func bytes(_ test: BSONDocument, _ key: String) throws -> [UInt8] {
        let digits = [UInt8]((test[key]?.string ?? "").utf8)
        return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16))
        }
    }
}
