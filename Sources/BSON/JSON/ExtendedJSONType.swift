/// Finds the values of Extended JSON v2 among objects whose inner values have been read already.
///
/// Follows the driver specification "Extended JSON", and takes the old forms of `$binary` with `$type` and of `$date`
/// with a text. The keys of each form are exactly its own: one more or one less is an error.
enum ExtendedJSONType {
    /// The key that tells a form, another key that it may have, and what it stands for.
    private struct Form {
        let key: StaticString
        let other: StaticString?
        let read: @Sendable (_ fields: Fields) -> BSONValue?

        init(_ key: StaticString, and other: StaticString? = nil, read: @escaping @Sendable (Fields) -> BSONValue?) {
            self.key = key
            self.other = other
            self.read = read
        }
    }

    private static let forms: [Form] = [
        Form("$oid") { $0.text("$oid").flatMap { ObjectID($0) }.map { .objectID($0) } },
        Form("$symbol") { $0.text("$symbol").map { .symbol($0) } },
        Form("$numberInt") { $0.integer("$numberInt", Int32.self).map { .int32($0) } },
        Form("$numberLong") { $0.integer("$numberLong", Int64.self).map { .int64($0) } },
        Form("$numberDouble") { $0.text("$numberDouble").flatMap { double($0) } },
        Form("$numberDecimal") { $0.text("$numberDecimal").flatMap { Decimal128($0) }.map { .decimal128($0) } },
        Form("$binary", and: "$type") { binary($0) },
        Form("$uuid") { $0.text("$uuid").flatMap { uuid($0) } },
        Form("$code", and: "$scope") { code($0) },
        Form("$timestamp") { $0.inner("$timestamp", ["t", "i"]).flatMap { timestamp($0) } },
        Form("$regularExpression") { $0.inner("$regularExpression", ["pattern", "options"]).flatMap { regex($0) } },
        Form("$dbPointer") { $0.inner("$dbPointer", ["$ref", "$id"]).flatMap { dbPointer($0) } },
        Form("$date") { date($0) },
        Form("$minKey") { $0.document["$minKey"] == .int32(1) ? .minKey : nil },
        Form("$maxKey") { $0.document["$maxKey"] == .int32(1) ? .maxKey : nil },
        Form("$undefined") { $0.document["$undefined"] == .bool(true) ? .undefined : nil },
    ]

    /// The value that an object stands for; nil where it is a document as it seems.
    /// - Parameters:
    ///   - document: The object, its inner values read.
    ///   - startsWithNumber: Whether its first value is neither a string nor an object in the text.
    ///   - offset: Where the object begins.
    static func value(
        of document: BSONDocument, startsWithNumber: Bool, at offset: Int
    ) throws(BSONError) -> BSONValue? {
        guard let form = document.withRaw({ form(of: $0) }) else { return nil }
        let fields = Fields(document: document, startsWithNumber: startsWithNumber)
        guard document.withRaw({ hasOnlyKeys(of: form, $0) }), let value = form.read(fields) else {
            throw BSONError(.invalidJSON, "this is not a \(form.key) of Extended JSON", at: offset)
        }
        return value
    }

    /// Refuses a key that tells a form, in an object that has other keys before it.
    static func checkIsNone(_ key: UnsafeRawBufferPointer, at offset: Int) throws(BSONError) {
        for form in forms
        where key.elementsEqual(UnsafeRawBufferPointer(start: form.key.utf8Start, count: form.key.utf8CodeUnitCount)) {
            throw BSONError(.invalidJSON, "a \(form.key) of Extended JSON has no other keys", at: offset)
        }
    }

    /// The form that the first key that tells one tells.
    private static func form(of document: RawDocument) -> Form? {
        for element in document where element.key.first == UInt8(ascii: "$") {
            if let form = forms.first(where: { element.hasKey($0.key) }) { return form }
        }
        return nil
    }

    /// Whether an object has a form's keys, each once, and no others.
    private static func hasOnlyKeys(of form: Form, _ document: RawDocument) -> Bool {
        var keys = 0
        var others = 0
        for element in document {
            if element.hasKey(form.key) {
                keys += 1
            } else if let other = form.other, element.hasKey(other) {
                others += 1
            } else {
                return false
            }
        }
        return keys == 1 && others <= 1
    }

    /// The value of the most common types, whose objects are one key and one text; nil for all else, and for what only
    /// ``value(of:startsWithNumber:at:)`` can tell.
    static func value(of text: UnsafeRawBufferPointer, under key: UnsafeRawBufferPointer) -> BSONValue? {
        switch key.count {
        case 4 where key.elementsEqual("$oid".utf8):
            return ObjectID(String(decoding: text, as: UTF8.self)).map { .objectID($0) }
        case 10 where key.elementsEqual("$numberInt".utf8):
            return DecimalText.integer(text).flatMap { Int32(exactly: $0) }.map { .int32($0) }
        case 11 where key.elementsEqual("$numberLong".utf8):
            return DecimalText.integer(text).map { .int64($0) }
        case 13 where key.elementsEqual("$numberDouble".utf8):
            return DecimalText.isNumber(text) ? double(text) : nil
        default: return nil
        }
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
        func inner(_ key: String, _ keys: [StaticString]) -> BSONDocument? {
            guard let inner = document[key]?.document else { return nil }
            let isExact = inner.withRaw { raw in
                raw.reduce(0) { count, _ in count + 1 } == keys.count && keys.allSatisfy { raw[$0] != nil }
            }
            return isExact ? inner : nil
        }
    }

    private static func double(_ text: String) -> BSONValue? {
        switch text {
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default:
            var text = text
            return text.withUTF8 { double(UnsafeRawBufferPointer($0)) }
        }
    }

    private static func double(_ text: UnsafeRawBufferPointer) -> BSONValue? {
        guard let value = DecimalText.double(text), value.isFinite else { return nil }
        return .double(value)
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
