import Foundation
import MongoDocuments
import Testing

@Suite("Reading and writing of documents")
struct CodingTests {
    @Test("Every type of field comes back as it was")
    func allTypes() throws {
        let value = AllTypes.sample()
        let document = BSONDocument(encoding: value)
        #expect(try AllTypes(decoding: document) == value)
        #expect(try BSONDocument(bytes: document.bytes) == document)
    }

    @Test("Fields are stored in their order, under their names and as their types")
    func layout() throws {
        let id = ObjectID()
        var value = book("Momo", year: 1973) {
            $0.id = id
            $0.author = Ref(id: id)
            $0.publisher = Publisher(name: "Thienemann", city: "Stuttgart")
        }
        value.prices = ["eur": 5, "czk": 100]
        let expected: BSONDocument = [
            "_id": .objectID(id), "title": "Momo", "author": .objectID(id), "year": .int64(1973),
            "publisher": ["name": "Thienemann", "town": "Stuttgart"], "tags": [], "genre": "novel", "editions": [],
            "n": .int64(0), "inPrint": true, "prices": ["czk": .int64(100), "eur": .int64(5)],
        ]
        #expect(BSONDocument(encoding: value) == expected)
    }

    @Test("Whole numbers take the smallest type that holds all of theirs, and the largest become decimals")
    func numberTypes() {
        let document = BSONDocument(encoding: AllTypes.sample())
        let types: [(String, BSONType)] = [
            ("int8", .int32), ("uint16", .int32), ("int32", .int32), ("uint32", .int64), ("int", .int64),
            ("uint", .int64), ("uint64", .decimal128), ("bytes", .binary), ("data", .binary), ("date", .date),
        ]
        for (name, type) in types { #expect(document[name]?.type == type, "\(name)") }
        #expect(document["uint64"]?.description.contains("18446744073709551615") == true)
        #expect(document["none"] == nil)
        #expect(document["list"]?.array?[1] == .null)
    }

    @Test("Any order of the fields reads the same, and other fields are passed over")
    func anyOrder() throws {
        let value = book("Momo", year: 1973, tags: ["time"])
        let fields = BSONDocument(encoding: value).map { ($0.key, $0.value) }
        for seed in 0..<20 {
            var generator = Seeded(state: UInt64(seed))
            var shuffled = fields.shuffled(using: &generator)
            shuffled.insert(("unknown", ["title": "other"]), at: seed % fields.count)
            #expect(try Book(decoding: BSONDocument(fields: shuffled)) == value)
        }
    }

    @Test("Missing fields take their default values, and optional ones are nil")
    func defaults() throws {
        let id = ObjectID()
        let value = try Book(decoding: [
            "_id": .objectID(id), "title": "Momo", "author": .objectID(id), "year": 1973, "rating": .null,
        ])
        #expect(value.id == id && value.views == 0 && value.genre == .novel && value.inPrint)
        #expect(value.rating == nil && value.publisher == nil && value.tags.isEmpty)
    }

    @Test("One error names all fields that are missing or hold another type, those within others too")
    func problems() throws {
        let document: BSONDocument = [
            "title": 5, "year": .double(1.5), "genre": "essay", "tags": ["a", 1],
            "publisher": ["name": "x", "price": ["min": "1"]], "editions": [["year": 1], [:]], "inPrint": .null,
        ]
        let error = #expect(throws: DocumentError.self) { try Book(decoding: document) }
        #expect(error?.kind == .unreadable && error?.type == "Book")
        #expect(
            error?.problems.map(\.path) == [
                "_id", "title", "author", "year", "publisher.town", "publisher.price.min", "publisher.price.max",
                "tags.1",
                "genre", "editions.1.year", "inPrint",
            ])
        #expect(
            error?.description.hasPrefix(
                "unreadable Book: _id is missing; title holds a value of type int that is no String; ") == true)
    }

    @Test(
        "Numbers of any type are read where they fit exactly",
        arguments: [
            (BSONValue.int32(5), 5), (.int64(5), 5), (.double(5), 5), (.double(5.5), nil), (.int64(300), nil),
            (.string("5"), nil), (.decimal128(Decimal128(5)), 5), (.double(.nan), nil), (.bool(true), nil),
        ] as [(BSONValue, Int8?)])
    func numbers(value: BSONValue, expected: Int8?) {
        #expect((try? Int8(bsonValue: value)) == expected)
    }

    @Test("Strings of every length and alphabet come back as strings that behave as others do")
    func strings() throws {
        for count in 0...70 {
            for letters in ["abcdefghijklmnopq", "žlutý kůň", "a\0b", "🐎", "ab~é"] {
                let text = String(decoding: (0..<count).flatMap { _ in letters.utf8 }.prefix(count), as: UTF8.self)
                let read = try String(bsonValue: .string(text))
                #expect(read == text && read.utf8.elementsEqual(text.utf8) && read.hashValue == text.hashValue)
                #expect(read + "+" + read == text + "+" + text && read.count == text.count, "\(text)")
                #expect(try [String](bsonValue: [.string(text), .string(text)]) == [text, text])
            }
        }
    }

    @Test("Fields are found in order, backwards, twice in one document and behind others")
    func order() throws {
        let plain: [(String, BSONValue)] = [("name", "x"), ("town", "y")]
        let backwards = Array(plain.reversed())
        let orders = [
            plain, backwards, [("a", .int32(1))] + plain, backwards + plain, plain + [("name", .string("z"))],
        ]
        for fields in orders {
            let read = try Publisher(decoding: BSONDocument(fields: fields))
            #expect(read.name == "x" && read.city == "y", "\(fields)")
        }
        let incomplete: [[(String, BSONValue)]] = [[], [plain[0]], [plain[1]], [("namex", "x"), ("tow", "y")]]
        for fields in incomplete {
            let error = #expect(throws: DocumentError.self) { try Publisher(decoding: BSONDocument(fields: fields)) }
            let missing = ["name", "town"].filter { name in !fields.contains { $0.0 == name } }
            #expect(error?.problems.map(\.path) == missing)
        }
    }

    @Test("Bytes that were changed by chance are read or refused, and nothing beyond them is")
    func hostile() {
        let bytes = BSONDocument(encoding: AllTypes.sample()).bytes
        var generator = Seeded(state: 7)
        var read = 0
        for _ in 0..<2_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 4..<bytes.count, using: &generator)
                changed[place] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let document = try? BSONDocument(bytes: changed) else { continue }
            if (try? AllTypes(decoding: document)) != nil { read += 1 }
        }
        #expect(read > 0)
    }

    @Test("A struct with an initializer of its own, private and recursive fields works alike")
    func ownInitializer() throws {
        var person = Person("Kim")
        person.tree = [Node(label: "a", children: [Node(label: "b")], siblings: [Node(label: "c")])]
        let document = BSONDocument(encoding: person)
        #expect(document.keys == ["_id", "name", "secret", "tree"])
        let read = try Person(decoding: document.setting("secret", 9))
        #expect(read.id == "kim" && read.shown == 9 && read.tree[0].children[0].label == "b")
        #expect(read.tree[0].siblings[0].label == "c")
    }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
