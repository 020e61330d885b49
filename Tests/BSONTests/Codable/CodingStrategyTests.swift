import BSON
import Foundation
import Testing

@Suite("Strategies of coders")
struct CodingStrategyTests {
    struct Event: Codable, Equatable {
        var at: Date
        var data: Data
        var id: UUID
    }

    static let event = Event(at: Date(timeIntervalSince1970: 1.25), data: Data([251, 255]), id: Shapes.key)

    @Test("write dates as dates, numbers, strings or by a function")
    func dates() throws {
        let cases: [(BSONEncoder.DateEncodingStrategy, BSONDecoder.DateDecodingStrategy, BSONValue)] = [
            (.date, .date, .date(BSONDate(millisecondsSince1970: 1250))),
            (.millisecondsSince1970, .millisecondsSince1970, .int64(1250)),
            (.secondsSince1970, .secondsSince1970, .double(1.25)),
            (.iso8601, .iso8601, "1970-01-01T00:00:01.250Z"),
            (
                .custom { try ["s": $0.timeIntervalSince1970].encode(to: $1) },
                .custom { Date(timeIntervalSince1970: try [String: Double](from: $0)["s"] ?? 0) },
                ["s": 1.25]
            ),
        ]
        for (encoding, decoding, expected) in cases {
            var encoder = BSONEncoder()
            encoder.dateEncodingStrategy = encoding
            var decoder = BSONDecoder()
            decoder.dateDecodingStrategy = decoding
            let document = try encoder.encode(["a": [Self.event.at]])
            #expect(document == ["a": [expected]])
            #expect(try decoder.decode([String: [Date]].self, from: document) == ["a": [Self.event.at]])
            #expect(try encoder.encode(Self.event)["at"] == expected)
            #expect(try decoder.decode(Event.self, from: encoder.encode(Self.event)) == Self.event)
        }
        // A number of any type is a moment.
        var decoder = BSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        #expect(try decoder.decodeValue(Date.self, from: 5) == Date(timeIntervalSince1970: 5))
    }

    @Test("write data as binary data, base64 or by a function")
    func data() throws {
        let cases: [(BSONEncoder.DataEncodingStrategy, BSONDecoder.DataDecodingStrategy, BSONValue)] = [
            (.binary, .binary, .binary(BSONBinary(bytes: [251, 255]))),
            (.base64, .base64, "+/8="),
            (.custom { try [UInt8]($0).encode(to: $1) }, .custom { Data(try [UInt8](from: $0)) }, [251, 255]),
        ]
        for (encoding, decoding, expected) in cases {
            var encoder = BSONEncoder()
            encoder.dataEncodingStrategy = encoding
            var decoder = BSONDecoder()
            decoder.dataDecodingStrategy = decoding
            let document = try encoder.encode(Self.event)
            #expect(document["data"] == expected)
            #expect(try decoder.decode(Event.self, from: document) == Self.event)
        }
    }

    @Test("write UUIDs as the drivers do or as strings")
    func uuids() throws {
        var cases: [(BSONEncoder.UUIDEncodingStrategy, BSONDecoder.UUIDDecodingStrategy, BSONValue)] = [
            (.string, .string, "00112233-4455-6677-8899-AABBCCDDEEFF")
        ]
        for representation in UUIDRepresentation.allCases {
            let binary = BSONBinary(Shapes.key, representation: representation)
            cases.append((.binary(representation), .binary(representation), .binary(binary)))
        }
        for (encoding, decoding, expected) in cases {
            var encoder = BSONEncoder()
            encoder.uuidEncodingStrategy = encoding
            var decoder = BSONDecoder()
            decoder.uuidDecodingStrategy = decoding
            let document = try encoder.encode(Self.event)
            #expect(document["id"] == expected)
            #expect(try encoder.encodeValue([Shapes.key]) == [expected])
            #expect(try decoder.decode(Event.self, from: document) == Self.event)
        }
    }

    struct Names: Codable, Equatable {
        var birthYear = 1
        var imageURL = "u"
        var x = 2
        var _id = 3
        var aB1 = [Inner()]
        var lastSeenAt: Int? = 4
        var byName = ["keyOfData": 5]

        struct Inner: Codable, Equatable { var innerValue: Int? = 6 }
    }

    @Test("turn keys into snake case and find them again, but leave dictionaries alone")
    func snakeCase() throws {
        var encoder = BSONEncoder()
        encoder.keyEncodingStrategy = .snakeCase
        let document = try encoder.encode(Names())
        #expect(
            document == [
                "birth_year": 1, "image_url": "u", "x": 2, "_id": 3, "a_b1": [["inner_value": 6]], "last_seen_at": 4,
                "by_name": ["keyOfData": 5],
            ])
        var decoder = BSONDecoder()
        decoder.keyDecodingStrategy = .snakeCase
        #expect(try decoder.decode(Names.self, from: document) == Names())
        #expect(try decoder.decode([String: Int].self, from: ["a_b": 1]) == ["a_b": 1])
        let error = #expect(throws: DecodingError.self) { try decoder.decode(Names.self, from: BSONDocument()) }
        #expect(error.map { CodingErrorTests.Report($0).text } == "birth_year: missing in the document at byte 0")
    }

    @Test("turn keys by a function of the application")
    func customKeys() throws {
        var encoder = BSONEncoder()
        encoder.keyEncodingStrategy = .custom { "p_" + $0 }
        var decoder = BSONDecoder()
        decoder.keyDecodingStrategy = .custom { "p_" + $0 }
        let document = try encoder.encode(Names())
        #expect(document.keys.first == "p_birthYear")
        #expect(document[path: "p_aB1.0.p_innerValue"] == 6)
        #expect(try decoder.decode(Names.self, from: document) == Names())
    }

    @Test("give all keys of a document to types that ask for them")
    func allKeys() throws {
        struct Keys: Decodable {
            enum CodingKeys: CodingKey { case firstName, b }
            var names: [String]
            init(from decoder: any Decoder) throws {
                names = try decoder.container(keyedBy: CodingKeys.self).allKeys.map(\.stringValue)
            }
        }
        let document: BSONDocument = ["first_name": 1, "other": 2, "b": 3]
        var decoder = BSONDecoder()
        #expect(try decoder.decode(Keys.self, from: document).names == ["b"])
        decoder.keyDecodingStrategy = .snakeCase
        #expect(try decoder.decode(Keys.self, from: document).names == ["firstName", "b"])
    }

    @Test("hand the application's own information to its types")
    func userInfo() throws {
        struct Asking: Codable, Equatable {
            var text: String
            static let key = CodingUserInfoKey(rawValue: "test")
            static func info(_ info: [CodingUserInfoKey: Any]) -> String { key.flatMap { info[$0] as? String } ?? "" }
            init(text: String) { self.text = text }
            init(from decoder: any Decoder) throws { text = Self.info(decoder.userInfo) }
            func encode(to encoder: any Encoder) throws { try Self.info(encoder.userInfo).encode(to: encoder) }
        }
        let key = try #require(Asking.key)
        var encoder = BSONEncoder()
        encoder.userInfo = [key: "written"]
        var decoder = BSONDecoder()
        decoder.userInfo = [key: "read"]
        let document = try encoder.encode(["a": Asking(text: "")])
        #expect(document == ["a": "written"])
        #expect(try decoder.decode([String: Asking].self, from: document) == ["a": Asking(text: "read")])
    }
}
