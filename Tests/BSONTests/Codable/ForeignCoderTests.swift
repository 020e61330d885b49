import BSON
import Foundation
import Testing

@Suite("BSON's types in other coders")
struct ForeignCoderTests {
    struct Holder: Codable, Equatable {
        var id: ObjectID
        var at: BSONDate
        var price: Decimal128
        var size: BSONValue
    }

    static let holder = Holder(
        id: Shapes.id, at: BSONDate(millisecondsSince1970: 1250), price: Decimal128("1.50") ?? .nan, size: .int64(5))

    private func json(_ value: some Encodable, _ format: JSONFormat? = nil) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let format { encoder.userInfo[.jsonFormat] = format }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test("are relaxed Extended JSON, and canonical or plain where the coder is told so")
    func formats() throws {
        #expect(
            try json(Self.holder)
                == #"{"at":{"$date":"1970-01-01T00:00:01.250Z"},"id":{"$oid":"57e193d7a9cc81b4027498b5"},"#
                + #""price":{"$numberDecimal":"1.50"},"size":5}"#)
        #expect(
            try json(Self.holder, .canonical)
                == #"{"at":{"$date":{"$numberLong":"1250"}},"id":{"$oid":"57e193d7a9cc81b4027498b5"},"#
                + #""price":{"$numberDecimal":"1.50"},"size":{"$numberLong":"5"}}"#)
        #expect(
            try json(Self.holder, .plain)
                == #"{"at":"1970-01-01T00:00:01.250Z","id":"57e193d7a9cc81b4027498b5","price":"1.50","size":5}"#)
    }

    @Test("come back from canonical text with every type")
    func canonical() throws {
        let text = try json(Shapes.native, .canonical)
        #expect(try JSONDecoder().decode(Shapes.Native.self, from: Data(text.utf8)) == Shapes.native)
        let holder = try json(Self.holder, .canonical)
        #expect(try JSONDecoder().decode(Holder.self, from: Data(holder.utf8)) == Self.holder)
    }

    @Test("come back from relaxed and plain text where the type says what they are")
    func relaxed() throws {
        var expected = Self.holder
        expected.size = 5
        for format in [JSONFormat.relaxed, .plain] {
            let text = try json(Self.holder, format)
            #expect(try JSONDecoder().decode(Holder.self, from: Data(text.utf8)) == expected)
        }
    }

    @Test("of every kind come back", arguments: Shapes.nativeDocument.keys)
    func everyType(key: String) throws {
        let value = try #require(Shapes.nativeDocument[key])
        for value in [value, [value, [value]], ["a": value]] {
            let text = try json(["v": value], .canonical)
            #expect(try JSONDecoder().decode([String: BSONValue].self, from: Data(text.utf8)) == ["v": value])
        }
    }

    @Test("keep the order of their fields while they are written")
    func order() throws {
        let document: BSONDocument = ["b": 1, "a": ["z": true, "y": .null], "c": [1.5, "x"]]
        let text = try json(document)
        #expect(text == #"{"a":{"y":null,"z":true},"b":1,"c":[1.5,"x"]}"#)
        let read = try JSONDecoder().decode(BSONDocument.self, from: Data(text.utf8))
        #expect(Set(read.keys) == ["a", "b", "c"])
        #expect(read["c"] == [1.5, "x"])
    }

    @Test("say what was expected where the text is another")
    func errors() {
        func text<T: Decodable>(_ type: T.Type, _ json: String) -> String? {
            do {
                _ = try JSONDecoder().decode([String: T].self, from: Data(json.utf8))
                return nil
            } catch {
                return CodingErrorTests.Report(error).text
            }
        }
        #expect(text(ObjectID.self, #"{"a":5}"#) == "a: expected ObjectID, found an int")
        #expect(text(ObjectID.self, #"{"a":"x"}"#) == "a: expected ObjectID, found a string")
        #expect(text(BSONDate.self, #"{"a":{"$date":"x"}}"#)?.hasPrefix("a: the value is no Extended JSON") == true)
        #expect(text(BSONDocument.self, #"{"a":[]}"#) == "a: expected BSONDocument, found an array")
    }
}
