/// Finds the values of Extended JSON v2 among objects whose inner values have been read already.
///
/// Follows the driver specification "Extended JSON", and takes the old forms of `$binary` with `$type` and of `$date`
/// with a text. The keys of each form are exactly its own: one more or one less is an error.
enum ExtendedJSONType {
    private typealias Form = @Sendable (_ fields: Fields) -> BSONValue?

    /// One row for each form; the key that tells it, the other keys it may have, and what it stands for.
    private static let forms: [(key: String, others: [String], read: Form)] = [
        ("$oid", [], { $0.text("$oid").flatMap { ObjectID($0) }.map { .objectID($0) } }),
        ("$symbol", [], { $0.text("$symbol").map { .symbol($0) } }),
        ("$numberInt", [], { $0.integer("$numberInt", Int32.self).map { .int32($0) } }),
        ("$numberLong", [], { $0.integer("$numberLong", Int64.self).map { .int64($0) } }),
        ("$numberDouble", [], { $0.text("$numberDouble").flatMap { double($0) } }),
        ("$numberDecimal", [], { $0.text("$numberDecimal").flatMap { Decimal128($0) }.map { .decimal128($0) } }),
        ("$binary", ["$type"], { binary($0) }),
        ("$uuid", [], { $0.text("$uuid").flatMap { uuid($0) } }),
        ("$code", ["$scope"], { code($0) }),
        ("$timestamp", [], { $0.inner("$timestamp", ["t", "i"]).flatMap { timestamp($0) } }),
        ("$regularExpression", [], { $0.inner("$regularExpression", ["pattern", "options"]).flatMap { regex($0) } }),
        ("$dbPointer", [], { $0.inner("$dbPointer", ["$ref", "$id"]).flatMap { dbPointer($0) } }),
        ("$date", [], { date($0) }),
        ("$minKey", [], { $0.document["$minKey"] == .int32(1) ? .minKey : nil }),
        ("$maxKey", [], { $0.document["$maxKey"] == .int32(1) ? .maxKey : nil }),
        ("$undefined", [], { $0.document["$undefined"] == .bool(true) ? .undefined : nil }),
    ]

    private static let formsByKey = Dictionary(uniqueKeysWithValues: forms.map { ($0.key, $0) })

    /// The value that an object stands for; nil where it is a document as it seems.
    /// - Parameters:
    ///   - document: The object, its inner values read.
    ///   - startsWithNumber: Whether its first value is neither a string nor an object in the text.
    ///   - offset: Where the object begins.
    static func value(
        of document: BSONDocument, startsWithNumber: Bool, at offset: Int
    ) throws(BSONError) -> BSONValue? {
        let keys = document.keys
        for key in keys {
            guard let form = formsByKey[key] else { continue }
            let fields = Fields(document: document, startsWithNumber: startsWithNumber)
            guard keys.allSatisfy({ $0 == key || form.others.contains($0) }), Set(keys).count == keys.count,
                let value = form.read(fields)
            else { throw BSONError(.invalidJSON, "this is not a \(key) of Extended JSON", at: offset) }
            return value
        }
        return nil
    }

    /// The fields of an object that stands for a value.
    private struct Fields {
        let document: BSONDocument
        var startsWithNumber = false

        func text(_ key: String) -> String? { document[key]?.string }

        /// An integer in decimal digits, without a plus.
        func integer<T: FixedWidthInteger>(_ key: String, _ type: T.Type) -> T? {
            guard let text = text(key), text.utf8.first != UInt8(ascii: "+") else { return nil }
            return T(text)
        }

        /// An inner object that has exactly these keys, in any order.
        func inner(_ key: String, _ keys: Set<String>) -> BSONDocument? {
            guard let inner = document[key]?.document, case let found = inner.keys, found.count == keys.count,
                Set(found) == keys
            else { return nil }
            return inner
        }
    }

    private static func double(_ text: String) -> BSONValue? {
        switch text {
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default:
            let allowed = text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "+-.eE".utf8.contains($0)
            }
            guard allowed, let value = Double(text), value.isFinite else { return nil }
            return .double(value)
        }
    }

    private static func binary(_ fields: Fields) -> BSONValue? {
        let base64: String?
        let subtype: String?
        if let text = fields.text("$binary") {
            base64 = text
            subtype = fields.text("$type")
        } else {
            guard fields.document["$type"] == nil else { return nil }
            let inner = fields.inner("$binary", ["base64", "subType"])
            base64 = inner?["base64"]?.string
            subtype = inner?["subType"]?.string
        }
        guard let bytes = base64.flatMap(Base64.decode), let subtype, (1...2).contains(subtype.utf8.count),
            subtype.utf8.first != UInt8(ascii: "+"), let number = UInt8(subtype, radix: 16)
        else { return nil }
        return .binary(BSONBinary(subtype: .init(rawValue: number), bytes: bytes))
    }

    private static func uuid(_ text: String) -> BSONValue? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = [UInt8](parts.joined().utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            let pair = String(decoding: digits[index..<(index + 2)], as: UTF8.self)
            guard pair.utf8.first != UInt8(ascii: "+"), let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return .binary(BSONBinary(subtype: .uuid, bytes: bytes))
    }

    private static func code(_ fields: Fields) -> BSONValue? {
        guard let code = fields.text("$code") else { return nil }
        guard let scope = fields.document["$scope"] else { return .javascript(code) }
        return scope.document.map { .javascriptWithScope(code: code, scope: $0) }
    }

    private static func timestamp(_ inner: BSONDocument) -> BSONValue? {
        func half(_ key: String) -> UInt32? {
            switch inner[key] {
            case .int32(let value): UInt32(exactly: value)
            case .int64(let value): UInt32(exactly: value)
            default: nil
            }
        }
        guard let seconds = half("t"), let increment = half("i") else { return nil }
        return .timestamp(BSONTimestamp(seconds: seconds, increment: increment))
    }

    private static func regex(_ inner: BSONDocument) -> BSONValue? {
        guard let pattern = inner["pattern"]?.string, let options = inner["options"]?.string,
            !pattern.utf8.contains(0), !options.utf8.contains(0)
        else { return nil }
        return .regularExpression(BSONRegularExpression(pattern: pattern, options: options))
    }

    private static func dbPointer(_ inner: BSONDocument) -> BSONValue? {
        guard let namespace = inner["$ref"]?.string, let id = inner["$id"]?.objectID else { return nil }
        return .dbPointer(BSONDBPointer(namespace: namespace, id: id))
    }

    private static func date(_ fields: Fields) -> BSONValue? {
        switch fields.document["$date"] {
        case .string(let text): BSONDate(iso8601: text).map { .date($0) }
        case .int64(let value) where !fields.startsWithNumber: .date(BSONDate(millisecondsSince1970: value))
        default: nil
        }
    }
}
