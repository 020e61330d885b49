/// A value seen in place: its type and its bytes, valid as long as the memory below it.
///
/// The engine compares, filters and orders through these views, so that no tree is built for a document that is only
/// looked at. Every accessor checks the bytes it reads and answers with a neutral value when they do not suffice:
/// bytes from outside go through ``BSONValidator`` first, and nothing here may trap even if they did not.
package struct RawValue {
    package let type: BSONType
    package let base: UnsafeRawPointer
    package let count: Int

    @inlinable
    package init(type: BSONType, base: UnsafeRawPointer, count: Int) {
        self.type = type
        self.base = base
        self.count = count
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    package var int32: Int32 {
        count >= 4 ? Int32(littleEndian: base.loadUnaligned(as: Int32.self)) : 0
    }
    package var int64: Int64 {
        count >= 8 ? Int64(littleEndian: base.loadUnaligned(as: Int64.self)) : 0
    }
    package var double: Double { Double(bitPattern: UInt64(bitPattern: int64)) }
    package var bool: Bool { count >= 1 && base.load(as: UInt8.self) != 0 }
    package var decimal128: Decimal128 {
        guard count >= 16 else { return .nan }
        return Decimal128(
            high: UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            low: UInt64(littleEndian: base.loadUnaligned(as: UInt64.self)))
    }

    /// The bytes of a string, a symbol or code, without the length and the terminator.
    package var stringBytes: UnsafeRawBufferPointer {
        guard count >= 5 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + 4, count: min(Int(max(int32, 1)), count - 4) - 1)
    }

    package var string: String { String(decoding: stringBytes, as: UTF8.self) }

    /// The embedded document or array.
    package var document: RawDocument { RawDocument(base: base, count: count) }

    /// The subtype and payload of binary data; the old subtype 2 without its inner length.
    package var binary: (subtype: UInt8, bytes: UnsafeRawBufferPointer) {
        guard count >= 5 else { return (0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        let subtype = (base + 4).load(as: UInt8.self)
        let skipped = subtype == 2 && count >= 9 ? 9 : 5
        return (subtype, UnsafeRawBufferPointer(start: base + skipped, count: count - skipped))
    }

    /// The pattern and the options of a regular expression, each without its terminator.
    package var regularExpression: (pattern: UnsafeRawBufferPointer, options: UnsafeRawBufferPointer) {
        let pattern = RawDocument.cString(base, limit: count) ?? 0
        let rest = min(pattern + 1, count)
        let options = RawDocument.cString(base + rest, limit: count - rest) ?? 0
        return (
            UnsafeRawBufferPointer(start: base, count: pattern),
            UnsafeRawBufferPointer(start: base + rest, count: options)
        )
    }

    /// The code and the scope of JavaScript with a scope.
    package var javascriptWithScope: (code: RawValue, scope: RawDocument) {
        guard count >= 4 + 5 + 5 else {
            return (RawValue(type: .javascript, base: base, count: 0), RawDocument(base: base, count: 0))
        }
        let length = Int((base + 4).loadUnaligned(as: Int32.self).littleEndian)
        let codeEnd = min(max(8 + length, 8), count)
        return (
            RawValue(type: .javascript, base: base + 4, count: codeEnd - 4),
            RawDocument(base: base + codeEnd, count: count - codeEnd)
        )
    }
}
