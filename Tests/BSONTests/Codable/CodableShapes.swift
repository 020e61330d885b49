import BSON
import Foundation

/// Types of many shapes, with a value of each and the document that it must become.
enum Shapes {
    struct Numbers: Codable, Hashable {
        var a: Int
        var b: Int64
        var c: Int32
        var d: UInt8
        var e: Double
        var f: Float
        var g: UInt64
        var h: Int16
        var i: Int128
    }

    struct Address: Codable, Hashable {
        var street: String
        var city: String?
    }

    struct Person: Codable, Hashable {
        var id: ObjectID
        var name: String
        var born: Date?
        var address: Address
        var former: [Address]
        var tags: Set<String>
        var scores: [String: Int]
        var secret: Data
        var key: UUID
        var home: URL?
        var wealth: Decimal
    }

    enum Shape: Codable, Hashable {
        case point
        case circle(radius: Double)
        case box(Int, height: Int)
        indirect case group([Shape])
    }

    enum Color: String, Codable, Hashable { case red, green }
    enum Level: Int, Codable, Hashable { case low = 1, high = 9 }
    enum Side: String, Codable, Hashable, CodingKeyRepresentable { case left, right }

    struct Tree: Codable, Hashable {
        var value: Int
        var children: [Tree]
    }

    struct Wrapper: Codable, Hashable {
        var value: Int

        init(value: Int) { self.value = value }
        init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }

    struct Native: Codable, Hashable {
        var id: ObjectID
        var at: BSONDate
        var price: Decimal128
        var regex: BSONRegularExpression
        var stamp: BSONTimestamp
        var blob: BSONBinary
        var old: BSONDBPointer
        var vector: BSONVector
        var any: BSONValue
        var array: BSONArray
        var document: BSONDocument
    }

    class Animal: Codable {
        var name: String
        init(name: String) { self.name = name }
    }

    /// A subclass as the compiler's help for it suggests: the superclass has a place of its own.
    final class Dog: Animal {
        var tricks: [String]

        enum CodingKeys: CodingKey { case tricks }

        init(name: String, tricks: [String]) {
            self.tricks = tricks
            super.init(name: name)
        }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            tricks = try container.decode([String].self, forKey: .tricks)
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tricks, forKey: .tricks)
            try super.encode(to: container.superEncoder())
        }
    }

    /// A subclass that shares the superclass's container.
    final class Cat: Animal {
        var lives: Int

        enum CodingKeys: CodingKey { case lives }

        init(name: String, lives: Int) {
            self.lives = lives
            super.init(name: name)
        }

        required init(from decoder: any Decoder) throws {
            lives = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .lives)
            try super.init(from: decoder)
        }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(lives, forKey: .lives)
        }
    }

    static let id = ObjectID("57e193d7a9cc81b4027498b5") ?? ObjectID()
    static let key = UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF") ?? UUID()
    static let home = URL(string: "https://example.org/a?b=c")

    static let numbers = Numbers(a: -7, b: 7, c: 8, d: 255, e: 0.5, f: 1.5, g: 1 << 40, h: -300, i: 12)
    static let numbersDocument: BSONDocument = [
        "a": .int32(-7), "b": .int64(7), "c": .int32(8), "d": .int32(255), "e": .double(0.5), "f": .double(1.5),
        "g": .int64(1 << 40), "h": .int32(-300), "i": .int32(12),
    ]

    static let person = Person(
        id: id, name: "Karel Čapek", born: Date(timeIntervalSince1970: -2_524_521_600.123),
        address: Address(street: "U Bratří", city: nil), former: [Address(street: "a", city: "Úpice")],
        tags: ["writer"],
        scores: ["R.U.R.": 9], secret: Data([1, 2, 3]), key: key, home: home, wealth: Decimal(1250) / 100)
    static let personDocument: BSONDocument = [
        "id": .objectID(id), "name": "Karel Čapek", "born": .date(BSONDate(millisecondsSince1970: -2_524_521_600_123)),
        "address": ["street": "U Bratří"], "former": [["street": "a", "city": "Úpice"]], "tags": ["writer"],
        "scores": ["R.U.R.": 9], "secret": .binary(BSONBinary(bytes: [1, 2, 3])), "key": .uuid(key),
        "home": "https://example.org/a?b=c", "wealth": .decimal128(Decimal128("12.5") ?? .nan),
    ]

    static let shapes: [Shape] = [.point, .circle(radius: 2.5), .box(3, height: 4), .group([.point, .group([])])]
    static let shapesArray: BSONValue = [
        ["point": [:]], ["circle": ["radius": 2.5]], ["box": ["_0": 3, "height": 4]],
        ["group": ["_0": [["point": [:]], ["group": ["_0": []]]]]],
    ]

    // With one field in each document: a `JSONDecoder` does not keep their order.
    static let native = Native(
        id: id, at: BSONDate(millisecondsSince1970: .max), price: Decimal128("1.50") ?? .nan,
        regex: BSONRegularExpression(pattern: "^a", options: "i"), stamp: BSONTimestamp(seconds: 5, increment: 6),
        blob: BSONBinary(subtype: .md5, bytes: [1]), old: BSONDBPointer(namespace: "a.b", id: id),
        vector: BSONVector([1, 2] as [Float]), any: .minKey, array: [1, "a"],
        document: ["x": ["z": .undefined]])
    static let nativeDocument: BSONDocument = [
        "id": .objectID(id), "at": .date(native.at), "price": .decimal128(native.price),
        "regex": .regularExpression(native.regex), "stamp": .timestamp(native.stamp), "blob": .binary(native.blob),
        "old": .dbPointer(native.old), "vector": .vector(native.vector), "any": .minKey, "array": [1, "a"],
        "document": ["x": ["z": .undefined]],
    ]
}
