import BSON
import Testing

@Suite("Documents")
struct DocumentTests {
    @Test("and values are small: copying them is what programs do most")
    func sizes() {
        #expect(MemoryLayout<BSONDocument>.size == 16)
        #expect(MemoryLayout<BSONValue>.size <= 17)
    }

    @Test("keep every value through bytes and back")
    func bytes() throws {
        var generator = DocumentGenerator(seed: 1)
        for _ in 0..<2000 {
            let document = generator.document()
            let read = try BSONDocument(bytes: document.bytes)
            #expect(read == document)
            let rebuilt = BSONDocument(fields: read.map { ($0.key, $0.value) })
            #expect(rebuilt == document)
        }
    }

    @Test("keep the order of a literal, find keys and walk paths")
    func literals() {
        let document: BSONDocument = ["b": 1, "a": ["x", ["y": 2.5]], "c": .null, "d": true, "e": 3_000_000_000]
        #expect(document.keys == ["b", "a", "c", "d", "e"])
        #expect(document["b"] == .int32(1))
        #expect(document[path: "a.1.y"] == .double(2.5))
        #expect(document[path: "a.0"] == "x")
        #expect(document[path: "a.x"] == nil)
        #expect(document["c"] == .null)
        #expect(document["e"] == .int64(3_000_000_000))
        #expect(document["z"] == nil)
        #expect(document["a"]?.array?.count == 2)
    }

    @Test("set, append and remove fields")
    func changes() {
        var document: BSONDocument = ["a": 1, "b": 2]
        document["a"] = "one"
        document["c"] = 3
        document["b"] = nil
        #expect(document == ["a": "one", "c": 3])
        document["missing"] = nil
        #expect(document == ["a": "one", "c": 3])
    }

    @Test("outlive the document they were taken from")
    func slices() throws {
        var outer: BSONDocument? = ["a": ["b": [1, 2, 3]]]
        let inner = try #require(outer?["a"]?.document)
        outer = nil
        #expect(inner == ["b": [1, 2, 3]])
    }

    @Test("replace a zero byte in a key, which BSON has no room for")
    func zeroInKey() throws {
        let document: BSONDocument = ["a\0b": 1]
        #expect(document.keys == ["a\u{FFFD}b"])
        #expect(try BSONDocument(bytes: document.bytes) == document)
    }
}
