import BSON
import Foundation
import Testing

@Suite("Errors of coders")
struct CodingErrorTests {
    struct Publisher: Codable {
        var name: String
        var city: String
        var years: [Int]
    }
    struct Book: Codable {
        var title: String
        var publisher: Publisher
    }

    /// The kind of an error, its path and its text.
    struct Report: Equatable, Sendable {
        var kind: String
        var path: String
        var text: String

        init(_ kind: String, _ path: String, _ text: String) {
            self.kind = kind
            self.path = path
            self.text = text
        }

        init(_ error: any Error) {
            let context: DecodingError.Context
            switch error {
            case DecodingError.typeMismatch(_, let found): (kind, context) = ("type", found)
            case DecodingError.valueNotFound(_, let found): (kind, context) = ("null", found)
            case DecodingError.keyNotFound(_, let found): (kind, context) = ("key", found)
            case DecodingError.dataCorrupted(let found): (kind, context) = ("data", found)
            case EncodingError.invalidValue(_, let found):
                kind = "invalid"
                path = found.codingPath.map(\.stringValue).joined(separator: ".")
                text = found.debugDescription
                return
            default: (kind, context) = ("\(error)", .init(codingPath: [], debugDescription: ""))
            }
            path = context.codingPath.map(\.stringValue).joined(separator: ".")
            text = context.debugDescription
        }
    }

    static func document(_ publisher: BSONValue) -> BSONDocument { ["title": "R.U.R.", "publisher": publisher] }

    static let faults: [(BSONDocument, Report)] = [
        (
            document(["name": "Aventinum", "city": 7, "years": []]),
            Report("type", "publisher.city", "publisher.city: expected a string, found an int at byte 63")
        ),
        (
            document(["name": "Aventinum", "city": .null, "years": []]),
            Report("null", "publisher.city", "publisher.city: expected a string, found null at byte 63")
        ),
        (
            document(["name": "Aventinum", "years": []]),
            Report("key", "publisher", "publisher.city: missing in the document at byte 33")
        ),
        (
            document(["name": "", "city": "", "years": [1, 1.5]]),
            Report("data", "publisher.years.1", "publisher.years.1: the double 1.5 does not fit into Int at byte 80")
        ),
        (
            document(["name": "", "city": "", "years": [1, "x"]]),
            Report("type", "publisher.years.1", "publisher.years.1: expected a number, found a string at byte 80")
        ),
        (
            document(["name": "", "city": "", "years": 5]),
            Report("type", "publisher.years", "publisher.years: expected an array, found an int at byte 66")
        ),
        (document([1]), Report("type", "publisher", "publisher: expected an object, found an array at byte 33")),
        (["publisher": [:]], Report("key", "", "title: missing in the document at byte 0")),
    ]

    @Test("say which key, which type and which byte", arguments: faults.indices)
    func decoding(index: Int) {
        let (document, report) = Self.faults[index]
        let error = #expect(throws: DecodingError.self) { try BSONDecoder().decode(Book.self, from: document) }
        #expect(error.map { Report($0) } == report)
    }

    @Test("name the byte at which the value begins")
    func offset() throws {
        let document = Self.document(["name": "Aventinum", "city": 7, "years": []])
        let bytes = document.bytes
        #expect(Array(bytes[63..<67]) == [7, 0, 0, 0])
        #expect(bytes[33] == 47)
    }

    @Test("say what a number, a date, data, a UUID and a URL should have been")
    func values() {
        func report<T: Decodable>(_ type: T.Type, _ value: BSONValue, _ change: (inout BSONDecoder) -> Void = { _ in })
            -> String?
        {
            var decoder = BSONDecoder()
            change(&decoder)
            do {
                _ = try decoder.decode([String: T].self, from: BSONDocument(fields: [("a", value)]))
                return nil
            } catch {
                return Report(error).text
            }
        }
        let text: BSONValue = "?"
        #expect(report(Date.self, 1) == "a: expected a date, found an int at byte 7")
        #expect(report(Data.self, 1) == "a: expected a binData, found an int at byte 7")
        #expect(report(UUID.self, text) == "a: expected a binData with a UUID, found a string at byte 7")
        let old = BSONValue.binary(BSONBinary(UUID(), representation: .javaLegacy))
        #expect(
            report(UUID.self, old) == "a: expected a UUID, found a binData of 16 bytes of subtype 3, "
                + "which needs a representation of old drivers, at byte 7")
        #expect(
            report(Date.self, text) { $0.dateDecodingStrategy = .iso8601 }
                == "a: expected a date in ISO 8601, found \"?\" at byte 7")
        #expect(
            report(Data.self, text) { $0.dataDecodingStrategy = .base64 }
                == "a: expected base64, found another string at byte 7")
        #expect(
            report(UUID.self, text) { $0.uuidDecodingStrategy = .string }
                == "a: expected a UUID, found \"?\" at byte 7")
        #expect(report(Int8.self, 128) == "a: the int 128 does not fit into Int8 at byte 7")
        #expect(report(Float.self, 1e300) == "a: the double 1E+300 does not fit into Float at byte 7")
        #expect(report(ObjectID.self, text) == "a: expected ObjectID, found a string at byte 7")
        #expect(report(Decimal128.self, text) == "a: expected Decimal128, found a string at byte 7")
        #expect(report(BSONVector.self, text) == "a: expected BSONVector, found a string at byte 7")
        #expect(report(Shapes.Color.self, "blue")?.contains("Cannot initialize Color") == true)
    }

    @Test("count an array's elements")
    func arrayEnd() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                _ = try container.decode(Int.self)
                _ = try container.decode(Int.self)
            }
        }
        let error = #expect(throws: DecodingError.self) {
            try BSONDecoder().decode([String: Pair].self, from: ["a": [1]])
        }
        #expect(
            error.map { Report($0) }
                == Report("null", "a.1", "a.1: expected a number, found the end of the array at byte 7"))
    }

    @Test("give the path to types that ask for it")
    func codingPath() throws {
        struct Probe: Codable {
            var path: [String] = []
            init() {}
            init(from decoder: any Decoder) throws { path = decoder.codingPath.map(\.stringValue) }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try container.encode(encoder.codingPath.map(\.stringValue).joined(separator: "."))
                try container.encode(container.codingPath.map { $0.intValue ?? -1 })
            }
        }
        let document: BSONDocument = ["a": ["b": [1, ["c": .null]]]]
        let read = try BSONDecoder().decode([String: [String: BSONValue]].self, from: document)
        #expect(read["a"]?["b"]?.array?.count == 2)
        #expect(
            try BSONDecoder().decode([String: [String: [Probe]]].self, from: document)["a"]?["b"]?[1].path == [
                "a", "b", "1",
            ])
        #expect(
            try BSONEncoder().encode(["x": [Probe(), Probe()]]) == ["x": [["x.0", [-1, 0]], ["x.1", [-1, 1]]]])
    }

    @Test("come from values that have no form in BSON")
    func encoding() {
        func report(_ value: some Encodable) -> Report? {
            do {
                _ = try BSONEncoder().encode(value)
                return nil
            } catch {
                return Report(error)
            }
        }
        #expect(report(["a": UInt64.max]) == Report("invalid", "a", "a: \(UInt64.max) does not fit into 64 bits"))
        #expect(
            report(["a": [1, UInt64.max]]) == Report("invalid", "a.1", "a.1: \(UInt64.max) does not fit into 64 bits"))
        #expect(report(["a": ["b": Int128.max]])?.path == "a.b")
        #expect(report(["a": Date(timeIntervalSince1970: .infinity)])?.path == "a")
        #expect(report(["a": [Date(timeIntervalSince1970: 1e300)]])?.path == "a.0")
        #expect(report([1, 2])?.text == "a document must be written, not a value of the type array")
        #expect(report(5)?.text == "a document must be written, not a value of the type int")
        #expect(report(BSONValue.null)?.text == "a document must be written, not a value of the type null")
        #expect(report([Shapes.Color.red])?.kind == "invalid")
        #expect(report(["a": Decimal.nan])?.kind == nil)
    }

    @Test("come from zero bytes, which keys and patterns have no room for")
    func zeroBytes() {
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["a\0b": 1]) }
        #expect(throws: EncodingError.self) {
            try BSONEncoder().encode(["a": BSONRegularExpression(pattern: "a\0b")])
        }
        #expect(throws: Never.self) { try BSONEncoder().encode(["a": "a\0b"]) }
    }

    @Test("can be printed for a date that is no number")
    func printedDate() throws {
        let error = try #require(throws: EncodingError.self) {
            try BSONEncoder().encode(["at": Date(timeIntervalSince1970: .nan)])
        }
        #expect("\(error)".contains("64-bit milliseconds"))
    }

    @Test("have the right path in whatever order they are asked for")
    func pathsInTurns() throws {
        struct Asked: Decodable {
            var paths: [String] = []

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: PathName.self)
                for (name, place) in [("a", 2), ("a", 0), ("b", 1), ("a", 1), ("b", 0), ("b", 1)] {
                    var elements = try fields.nestedUnkeyedContainer(forKey: PathName(stringValue: name))
                    for _ in 0..<place { _ = try elements.decode(String.self) }
                    do { _ = try elements.decode(Int.self) } catch DecodingError.typeMismatch(_, let context) {
                        paths.append(context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined())
                    }
                }
            }
        }
        let document: BSONDocument = ["a": ["x", "y", "z"], "n": .null, "b": ["x", "y"]]
        #expect(try BSONDecoder().decode(Asked.self, from: document).paths == ["a2", "a0", "b1", "a1", "b0", "b1"])
    }

    @Test("stop values that are nested deeper than a document may be")
    func depthOfDocuments() throws {
        struct Nest: Encodable { var inner: [Nest] }
        func nest(_ levels: Int) -> Nest { Nest(inner: levels == 0 ? [] : [nest(levels - 1)]) }
        let deepest = try BSONEncoder().encode(nest(49))
        #expect(throws: Never.self) { try BSONDocument(bytes: deepest.bytes) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(nest(50)) }
    }

    @Test("stop values that are nested without end")
    func depth() throws {
        var tree = Shapes.Tree(value: 0, children: [])
        for _ in 0..<40 { tree = Shapes.Tree(value: 1, children: [tree]) }
        #expect(try BSONDecoder().decode(from: BSONEncoder().encode(tree)) == tree)
        for _ in 0..<100 { tree = Shapes.Tree(value: 1, children: [tree]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(tree) }
        var document: BSONDocument = ["value": 1, "children": []]
        for _ in 0..<1000 { document = ["value": 1, "children": [.document(document)]] }
        #expect(throws: DecodingError.self) { try BSONDecoder().decode(Shapes.Tree.self, from: document) }
    }
}

private struct PathName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
