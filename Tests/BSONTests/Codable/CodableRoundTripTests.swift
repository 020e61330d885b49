import BSON
import Foundation
import Testing

@Suite("Codable types")
struct CodableRoundTripTests {
    /// A value, what it must become, and whether it comes back the same.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: BSONValue
        let encode: @Sendable () throws -> BSONValue
        let comesBack: @Sendable () throws -> Bool

        init<T: Codable & Equatable & Sendable>(_ name: String, _ value: T, _ expected: BSONValue) {
            testDescription = name
            self.expected = expected
            encode = { try BSONEncoder().encodeValue(value) }
            comesBack = { try BSONDecoder().decodeValue(T.self, from: expected) == value }
        }
    }

    static let containers: [Case] = [
        Case("numbers", Shapes.numbers, .document(Shapes.numbersDocument)),
        Case("a struct of many types", Shapes.person, .document(Shapes.personDocument)),
        Case("enums with values", Shapes.shapes, Shapes.shapesArray),
        Case("BSON's own types", Shapes.native, .document(Shapes.nativeDocument)),
        Case(
            "a tree", Shapes.Tree(value: 1, children: [.init(value: 2, children: []), .init(value: 3, children: [])]),
            [
                "value": 1,
                "children": [["value": 2, "children": []] as BSONValue, ["value": 3, "children": []] as BSONValue],
            ]),
        Case("nested arrays", [[[1], []], [[2, 3]]], [[[1], []], [[2, 3]]]),
        Case("optional elements", [1, nil, 3] as [Int?], [1, .null, 3]),
        Case("optional strings", ["a", nil] as [String?], ["a", .null]),
        Case("raw values", [Shapes.Color.red, .green], ["red", "green"]),
        Case("numbers as raw values", [Shapes.Level.high, .low], [9, 1]),
        Case("a wrapper of one value", ["a": Shapes.Wrapper(value: 5)], ["a": 5]),
        Case("a dictionary by numbers", [7: "a"], ["7": "a"]),
        Case("a dictionary by an enum", [Shapes.Side.left: 1], ["left": 1]),
        Case("a dictionary by structs", [Shapes.Wrapper(value: 1): "a"], [1, "a"]),
        Case("an empty dictionary", [:] as [String: Int], [:]),
        Case("many elements", Array(0..<1234), .array(BSONArray((0..<1234).map { .int($0) }))),
    ]

    static let singles: [Case] = [
        Case("a string", "a\0b", "a\0b"),
        Case("a bool", true, true),
        Case("the largest integer", Int64.max, .int64(.max)),
        Case("an integer beyond 32 bits", 1 << 31, .int64(1 << 31)),
        Case("the smallest integer of 32 bits", -(1 << 31), .int32(.min)),
        Case("infinity", Double.infinity, .double(.infinity)),
        Case("no value", Int?.none, .null),
        Case("a date", Date(timeIntervalSince1970: 1.5), .date(BSONDate(millisecondsSince1970: 1500))),
        Case("data", Data(), .binary(BSONBinary(bytes: []))),
        Case("32-bit integers", [1, 2] as [Int32], [.int32(1), .int32(2)]),
        Case("64-bit integers", [1, 2] as [Int64], [.int64(1), .int64(2)]),
        Case("doubles", [1, 2.5] as [Double], [.double(1), .double(2.5)]),
        Case("floats", [1, 2.5] as [Float], [.double(1), .double(2.5)]),
        Case("bytes", [1, 2] as [UInt8], [1, 2]),
        Case("bools", [true, false], [true, false]),
        Case("ids", [Shapes.id], [.objectID(Shapes.id)]),
        Case("dates", [Date(timeIntervalSince1970: 1)], [.date(BSONDate(millisecondsSince1970: 1000))]),
        Case("values", [BSONValue.maxKey, .symbol("s"), .javascript("f")], [.maxKey, .symbol("s"), .javascript("f")]),
        Case(
            "code with a scope", BSONValue.javascriptWithScope(code: "f", scope: ["a": 1]),
            .javascriptWithScope(code: "f", scope: ["a": 1])),
    ]

    @Test("become the BSON expected and come back", arguments: containers + singles)
    func roundTrip(_ shape: Case) throws {
        #expect(try shape.encode() == shape.expected)
        #expect(try shape.comesBack())
    }

    @Test("are written into a document of their own")
    func documents() throws {
        let document = try BSONEncoder().encode(Shapes.person)
        #expect(document == Shapes.personDocument)
        #expect(try BSONDocument(bytes: document.bytes) == document)
        #expect(try BSONDecoder().decode(Shapes.Person.self, from: document.bytes) == Shapes.person)
        #expect(try BSONEncoder().encode(document) == document)
        #expect(try BSONDecoder().decode(BSONDocument.self, from: document) == document)
        #expect(try BSONEncoder().encode(BSONValue.document(document)) == document)
    }

    @Test("find their fields in any order, and skip what they do not know")
    func order() throws {
        let document = Shapes.personDocument
        for seed in 0..<50 {
            var generator = SplitMix(seed: UInt64(seed))
            var fields = document.map { ($0.key, $0.value) } + [("unknown", .array([1])), ("more", .null)]
            fields.shuffle(using: &generator)
            #expect(try BSONDecoder().decode(from: BSONDocument(fields: fields)) == Shapes.person)
        }
    }

    @Test("of classes keep their superclass, in a place of its own or in the same document")
    func inheritance() throws {
        let dog = try BSONEncoder().encode(Shapes.Dog(name: "Rex", tricks: ["sit"]))
        #expect(dog == ["tricks": ["sit"], "super": ["name": "Rex"]])
        #expect(try BSONDecoder().decode(Shapes.Dog.self, from: dog).name == "Rex")
        let cat = try BSONEncoder().encode(Shapes.Cat(name: "Tom", lives: 9))
        #expect(cat == ["name": "Tom", "lives": 9])
        #expect(try BSONDecoder().decode(Shapes.Cat.self, from: cat).name == "Tom")
    }

    @Test("are read from null and from nothing as nil")
    func missing() throws {
        struct Optionals: Codable, Equatable {
            var a: Int?
            var b: [String]?
            var c: Date?
            var d: Shapes.Address?
        }
        let nulls: BSONDocument = ["d": .null, "c": .undefined, "a": .null, "b": .null]
        let empty = Optionals(a: nil, b: nil, c: nil, d: nil)
        #expect(try BSONDecoder().decode(from: nulls) == empty)
        #expect(try BSONDecoder().decode(from: BSONDocument()) == empty)
        #expect(try BSONEncoder().encode(empty) == [:])
        var encoder = BSONEncoder()
        encoder.nilEncodingStrategy = .null
        #expect(try encoder.encode(empty) == ["a": .null, "b": .null, "c": .null, "d": .null])
    }

    /// Numbers of one type in a document, and what they are as another type.
    static let conversions: [(BSONValue, Int?, UInt8?, Double?)] = [
        (.int32(200), 200, 200, 200),
        (.int64(5_000_000_000), 5_000_000_000, nil, 5e9),
        (.double(200), 200, 200, 200),
        (.double(0.5), nil, nil, 0.5),
        (.double(1e300), nil, nil, 1e300),
        (.double(.infinity), nil, nil, .infinity),
        (.int32(-1), -1, nil, -1),
        (.decimal128(Decimal128(7)), 7, 7, 7),
        (.decimal128(Decimal128("0.5") ?? .nan), nil, nil, 0.5),
        ("7", nil, nil, nil),
        (true, nil, nil, nil),
        (.null, nil, nil, nil),
    ]

    @Test("read a decimal that is an integer, in types beyond 64 bits too")
    func decimalIntegers() throws {
        func read<T: Decodable>(_ text: String, _ type: T.Type) throws -> T? {
            let decimal = try #require(Decimal128(text))
            return try? BSONDecoder().decode([String: T].self, from: ["a": .decimal128(decimal)])["a"]
        }
        #expect(try read("18446744073709551615", UInt64.self) == .max)
        #expect(try read("18446744073709551616", UInt64.self) == nil)
        #expect(try read("-1E+30", Int128.self) == -1_000_000_000_000_000_000_000_000_000_000)
        #expect(try read("5.00", Int8.self) == 5)
        #expect(try read("5.5", Int.self) == nil)
        #expect(try read("1E-6176", Int.self) == nil)
        #expect(try read("0E+6111", Int.self) == 0)
        #expect(try read("NaN", Int.self) == nil)
        #expect(try read("NaN", Decimal.self)?.isNaN == true)
    }

    @Test("read a number of any type where nothing is lost", arguments: conversions.indices)
    func numbers(index: Int) {
        let (value, int, byte, double) = Self.conversions[index]
        let decoder = BSONDecoder()
        #expect((try? decoder.decodeValue(Int.self, from: value)) == int)
        #expect((try? decoder.decodeValue(UInt8.self, from: value)) == byte)
        #expect((try? decoder.decodeValue(Double.self, from: value)) == double)
        #expect((try? decoder.decodeValue([Int].self, from: .array([value]))) == int.map { [$0] })
        #expect((try? decoder.decodeValue([UInt8].self, from: .array([value]))) == byte.map { [$0] })
        #expect((try? decoder.decode([String: Double].self, from: ["a": value])) == double.map { ["a": $0] })
    }
}

/// A generator of the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var value = seed
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
