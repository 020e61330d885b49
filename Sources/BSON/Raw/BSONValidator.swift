/// Checks bytes from outside once, where they enter; everything behind it may read without fear.
///
/// Follows https://bsonspec.org/spec.html: lengths that fit, terminators in place, known types, UTF-8 in strings and
/// keys, booleans of 0 or 1, and nesting and size below MongoDB's limits.
public enum BSONValidator {
    /// The deepest nesting that MongoDB takes, in levels.
    public static let maximumDepth = 100
    /// The largest document that MongoDB stores, in bytes.
    public static let maximumDocumentSize = 16 * 1024 * 1024

    /// Checks that `bytes` are exactly one document.
    /// - Parameters:
    ///   - bytes: The document, from its length to its terminator.
    ///   - maximumDepth: How many levels may be nested, the outermost counted.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public static func validate(
        _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = Self.maximumDepth
    ) throws(BSONError) {
        guard let base = bytes.baseAddress, bytes.count >= 5 else {
            throw BSONError(.malformed, "a document has at least 5 bytes, these are \(bytes.count)", at: 0)
        }
        try document(base, count: bytes.count, origin: base, depth: 1, maximumDepth, isArray: false)
    }

    private static func document(
        _ base: UnsafeRawPointer, count: Int, origin: UnsafeRawPointer, depth: Int, _ maximumDepth: Int, isArray: Bool
    ) throws(BSONError) {
        let offset = base - origin
        guard depth <= maximumDepth else {
            throw BSONError(.tooDeep, "documents are nested deeper than \(maximumDepth) levels", at: offset)
        }
        let length = Int(Int32(littleEndian: base.loadUnaligned(as: Int32.self)))
        guard length == count else {
            throw BSONError(.malformed, "the document says \(length) bytes and has \(count)", at: offset)
        }
        let end = base + count - 1
        guard end.load(as: UInt8.self) == 0 else {
            throw BSONError(.malformed, "the document does not end with a zero byte", at: end - origin)
        }
        var cursor = base + 4
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            guard let type = BSONType(rawValue: byte) else {
                throw BSONError(.malformed, "no BSON type has the number \(byte)", at: cursor - origin)
            }
            let key = cursor + 1
            guard let keyLength = RawDocument.cString(key, limit: end - key) else {
                throw BSONError(.malformed, "a key has no terminator", at: key - origin)
            }
            try utf8(UnsafeRawBufferPointer(start: key, count: keyLength), at: key - origin)
            let start = key + keyLength + 1
            guard let valueLength = RawDocument.valueLength(type, start, limit: end - start) else {
                throw BSONError(.malformed, "the \(type.alias) does not fit its document", at: start - origin)
            }
            try value(
                RawValue(type: type, base: start, count: valueLength), origin: origin, depth: depth, maximumDepth)
            cursor = start + valueLength
        }
    }

    private static func value(
        _ value: RawValue, origin: UnsafeRawPointer, depth: Int, _ maximumDepth: Int
    ) throws(BSONError) {
        let offset = value.base - origin
        switch value.type {
        case .string, .javascript, .symbol:
            try string(value.base, count: value.count, at: offset)
        case .document, .array:
            try document(
                value.base, count: value.count, origin: origin, depth: depth + 1, maximumDepth,
                isArray: value.type == .array)
        case .bool:
            guard value.base.load(as: UInt8.self) <= 1 else {
                throw BSONError(.malformed, "a boolean is 0 or 1", at: offset)
            }
        case .binary:
            let subtype = (value.base + 4).load(as: UInt8.self)
            guard subtype == 2 else { return }
            let inner = value.count >= 9 ? Int((value.base + 5).loadUnaligned(as: Int32.self).littleEndian) : -1
            guard inner == value.count - 9 else {
                throw BSONError(.malformed, "the inner length of binary subtype 2 does not fit", at: offset)
            }
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            try utf8(pattern, at: offset)
            try utf8(options, at: offset + pattern.count + 1)
        case .dbPointer:
            try string(value.base, count: value.count - 12, at: offset)
        case .javascriptWithScope:
            let code = Int((value.base + 4).loadUnaligned(as: Int32.self).littleEndian)
            guard code >= 1, code <= value.count - 4 - 4 - 5 else {
                throw BSONError(.malformed, "the code does not fit its scope", at: offset)
            }
            try string(value.base + 4, count: 4 + code, at: offset + 4)
            try document(
                value.base + 8 + code, count: value.count - 8 - code, origin: origin, depth: depth + 1, maximumDepth,
                isArray: false)
        default: break
        }
    }

    private static func string(_ base: UnsafeRawPointer, count: Int, at offset: Int) throws(BSONError) {
        guard (base + count - 1).load(as: UInt8.self) == 0 else {
            throw BSONError(.malformed, "a string does not end with a zero byte", at: offset + count - 1)
        }
        try utf8(UnsafeRawBufferPointer(start: base + 4, count: count - 5), at: offset + 4)
    }

    private static func utf8(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(BSONError) {
        // Most text is ASCII: eight bytes a step, and the full check only from the first byte that is not.
        var index = 0
        while index + 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        guard index < bytes.count else { return }
        guard String(validating: bytes[index...], as: UTF8.self) != nil else {
            throw BSONError(.invalidUTF8, "a string is not UTF-8", at: offset + index)
        }
    }
}
