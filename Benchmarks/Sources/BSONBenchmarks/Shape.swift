import BSON

/// A document that is measured, made by code so that every run has the same bytes.
struct Shape {
    let name: String
    let about: String
    let document: BSONDocument
    let bytes: [UInt8]
    let tree: Tree
    let canonical: String
    let relaxed: String

    init(_ name: String, _ about: String, _ document: BSONDocument) {
        self.name = name
        self.about = about
        self.document = document
        bytes = document.bytes
        tree = Tree(document)
        canonical = document.extendedJSON(.canonical)
        relaxed = document.extendedJSON(.relaxed)
    }

    static func all() -> [Shape] {
        var words = Words()
        return [
            Shape("flat", "150 fields, most of them text", flat(&words)),
            Shape("deep", "a binary tree of documents, 7 levels", .init(fields: [("root", tree(6, &words))])),
            Shape("full", "every type, 6 times", full(&words)),
            Shape("arrays", "12 arrays of 100 values", arrays(&words)),
            Shape("struct", "24 fields of a record, some 500 bytes", Record.sample.document),
        ]
    }

    private static func flat(_ words: inout Words) -> BSONDocument {
        var fields: [(String, BSONValue)] = []
        for index in 0..<150 {
            let value: BSONValue =
                switch index % 10 {
                case 7: .int32(Int32(truncatingIfNeeded: words.next()))
                case 8: .double(Double(words.next() % 1_000_000) / 64)
                case 9: .bool(words.next() % 2 == 0)
                default: .string(words.text(20 + Int(words.next() % 40)))
                }
            fields.append((words.text(8), value))
        }
        return BSONDocument(fields: fields)
    }

    private static func tree(_ depth: Int, _ words: inout Words) -> BSONValue {
        if depth == 0 { return .string(words.text(8)) }
        return .document(
            BSONDocument(fields: [
                (words.text(8), tree(depth - 1, &words)), (words.text(8), tree(depth - 1, &words)),
            ]))
    }

    private static func full(_ words: inout Words) -> BSONDocument {
        var fields: [(String, BSONValue)] = []
        for _ in 0..<6 {
            let values: [BSONValue] = [
                .double(Double(words.next() % 100_000) / 8), .string(words.text(32)), .string("Příliš žluťoučký kůň"),
                .document(["a": 1, "b": .string(words.text(8))]), .array([1, "two", 3.5]),
                .binary(BSONBinary(bytes: Array(words.text(40).utf8))), .objectID(words.id()), .bool(true),
                .date(BSONDate(millisecondsSince1970: Int64(words.next() % 2_000_000_000_000))), .null,
                .regularExpression(BSONRegularExpression(pattern: words.text(12), options: "i")),
                .javascript(words.text(24)), .javascriptWithScope(code: words.text(24), scope: ["x": 1]),
                .int32(Int32(truncatingIfNeeded: words.next())),
                .timestamp(BSONTimestamp(rawValue: words.next())),
                .int64(Int64(bitPattern: words.next())), .minKey, .maxKey,
                .decimal128(Decimal128("12345678.90123456789") ?? .nan),
            ]
            for value in values { fields.append((words.text(8), value)) }
        }
        return BSONDocument(fields: fields)
    }

    private static func arrays(_ words: inout Words) -> BSONDocument {
        var fields: [(String, BSONValue)] = []
        for _ in 0..<4 {
            var integers: [BSONValue] = []
            var doubles: [BSONValue] = []
            var texts: [BSONValue] = []
            for _ in 0..<100 {
                integers.append(.int32(Int32(words.next() % 100_000)))
                doubles.append(.double(Double(words.next() % 1_000_000) / 128))
                texts.append(.string(words.text(10)))
            }
            for values in [integers, doubles, texts] { fields.append((words.text(8), .array(BSONArray(values)))) }
        }
        return BSONDocument(fields: fields)
    }
}

/// Pseudo-random text and numbers, the same in every run.
struct Words {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }

    mutating func text(_ count: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ".utf8)
        return String(decoding: (0..<count).map { _ in letters[Int(next() % 53)] }, as: UTF8.self)
    }

    mutating func id() -> ObjectID {
        ObjectID(bytes: (0..<12).map { _ in UInt8(truncatingIfNeeded: next()) }) ?? ObjectID()
    }
}
