import Foundation
import MongoDocuments

enum Genre: String, FieldValue { case novel, poetry, drama }

enum Shelf: Int, FieldValue, CaseIterable {
    case top = 1
    case bottom = 2
}

@Document("authors")
struct Author: Equatable {
    var id = ObjectID()
    @Field(.indexed, .length(1...40)) var name: String
    var born: Int?
}

@Embedded
struct Publisher: Equatable, Hashable {
    @Field(.notEmpty) var name: String
    @Field("town", .indexed) var city: String
    var price: Price?
}

@Embedded
struct Price: Equatable, Hashable {
    @Field(.range(0...)) var min: Int
    var max: Int
}

@Embedded
struct Edition: Equatable {
    var year: Int
    var language: String = "en"
    var notes: [String] = []
}

@Document("books")
struct Book: Equatable {
    var id = ObjectID()
    @Field(.unique, .notEmpty) var title: String
    var author: Ref<Author>
    @Field(.range(1450...2100), .indexed) var year: Int
    var publisher: Publisher?
    var tags: [String] = []
    var genre: Genre = .novel
    var editions: [Edition] = []
    @Field("n") var views: Int = 0
    var rating: Double?
    var inPrint = true
    var prices: [String: Int] = [:]

    /// Computed, so no field.
    var isOld: Bool { year < 1900 }
    static let shelf = "A"
}

/// Every type that a field can have.
@Document("all.types")
struct AllTypes: Equatable {
    let id: UUID
    var bool: Bool
    var int: Int
    var int8: Int8
    var int16: Int16
    var int32: Int32
    var int64: Int64
    var uint: UInt
    var uint8: UInt8
    var uint16: UInt16
    var uint32: UInt32
    var uint64: UInt64
    var float: Float
    var double: Double
    var decimal: Decimal128
    var text: String
    var objectID: ObjectID
    var bsonDate: BSONDate
    var date: Date
    var uuid: UUID
    var data: Data
    var bytes: [UInt8]
    var binary: BSONBinary
    var timestamp: BSONTimestamp
    var regex: BSONRegularExpression
    var document: BSONDocument
    var array: BSONArray
    var value: BSONValue
    var url: URL
    var shelf: Shelf
    var some: String?
    var none: String?
    var list: [Int?]
    var lists: [[String]]
    var set: Set<Int>
    var map: [String: [Double]]
    var embedded: Price
    var maybe: Price?
    var many: [Price]
    var named: [String: Price]
    var reference: Ref<Author>
    var references: [Ref<Author>]
    var `default`: Int

    static func sample() -> AllTypes {
        AllTypes(
            id: UUID(), bool: true, int: .min, int8: -8, int16: -16, int32: .max, int64: .max, uint: 7, uint8: 255,
            uint16: .max, uint32: .max, uint64: .max, float: 1.5, double: -0.1, decimal: Decimal128(12),
            text: "Žluťoučký kůň 🐎 with more than fifteen bytes", objectID: ObjectID(),
            bsonDate: BSONDate(millisecondsSince1970: -1), date: Date(timeIntervalSince1970: 1.25), uuid: UUID(),
            data: Data([1, 2, 3]), bytes: [9, 8], binary: BSONBinary(subtype: .md5, bytes: [1]),
            timestamp: BSONTimestamp(seconds: 1, increment: 2), regex: BSONRegularExpression(pattern: "^a"),
            document: ["a": ["b": 1]], array: [1, "x"], value: .minKey,
            url: URL(fileURLWithPath: "/tmp/x"), shelf: .bottom, some: "", none: nil, list: [1, nil, 3],
            lists: [[], ["a", "b"]], set: [3, 1], map: ["x": [1, 2], "": []], embedded: Price(min: 1, max: 2),
            maybe: nil, many: (0..<12).map { Price(min: $0, max: $0) }, named: ["k": Price(min: 0, max: 0)],
            reference: Ref(id: ObjectID()), references: [], default: 3)
    }
}

/// Has an initializer of its own, so the memberwise one is not there.
@Document("people")
struct Person {
    var id: String
    var name: String
    private var secret: Int = 1
    var tree: [Node] = []

    init(_ name: String) {
        id = name.lowercased()
        self.name = name
    }

    var shown: Int { secret }
}

/// Embeds itself.
@Embedded
struct Node {
    @Field(.indexed) var label: String
    var children: [Node] = []
    var siblings: [Self] = []
}

func book(_ title: String, year: Int, tags: [String] = [], _ change: (inout Book) -> Void = { _ in }) -> Book {
    var book = Book(title: title, author: Ref(id: ObjectID()), year: year, tags: tags)
    change(&book)
    return book
}
