/// A value seen in place: its type and its bytes, valid as long as the memory below it.
///
/// The engine compares, filters and orders through these views, so that no tree is built for a document that is only
/// looked at. A view is valid only as long as the memory below it. Every accessor checks the bytes it reads and answers with a neutral value when they do not suffice:
/// bytes from outside go through ``BSONValidator`` first, and nothing here may trap even if they did not.
public struct RawValue {
    /// The type of the value.
    public let type: BSONType
    @usableFromInline package let base: UnsafeRawPointer
    @usableFromInline package let count: Int

    @inlinable
    package init(type: BSONType, base: UnsafeRawPointer, count: Int) {
        self.type = type
        self.base = base
        self.count = count
    }

    /// The value as it stands in its document.
    @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// An `int32`'s value.
    @inlinable public var int32: Int32 {
        count >= 4 ? Int32(littleEndian: base.loadUnaligned(as: Int32.self)) : 0
    }
    /// An `int64`'s value, a date's milliseconds and a timestamp's bits.
    @inlinable public var int64: Int64 {
        count >= 8 ? Int64(littleEndian: base.loadUnaligned(as: Int64.self)) : 0
    }
    /// A double's value.
    @inlinable public var double: Double { Double(bitPattern: UInt64(bitPattern: int64)) }
    /// A boolean's value.
    @inlinable public var bool: Bool { count >= 1 && base.load(as: UInt8.self) != 0 }
    /// A decimal's value.
    public var decimal128: Decimal128 {
        guard count >= 16 else { return .nan }
        return Decimal128(
            high: UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            low: UInt64(littleEndian: base.loadUnaligned(as: UInt64.self)))
    }

    /// The bytes of a string, a symbol or code, without the length and the terminator.
    @inlinable public var stringBytes: UnsafeRawBufferPointer {
        guard count >= 5 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + 4, count: min(Int(max(int32, 1)), count - 4) - 1)
    }

    /// A string, a symbol or code.
    public var string: String { String(decoding: stringBytes, as: UTF8.self) }

    /// The embedded document or array.
    public var document: RawDocument { RawDocument(base: base, count: count) }

    /// The subtype and payload of binary data; the old subtype 2 without its inner length.
    public var binary: (subtype: UInt8, bytes: UnsafeRawBufferPointer) {
        guard count >= 5 else { return (0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        let subtype = (base + 4).load(as: UInt8.self)
        let skipped = subtype == 2 && count >= 9 ? 9 : 5
        return (subtype, UnsafeRawBufferPointer(start: base + skipped, count: count - skipped))
    }

    /// The pattern and the options of a regular expression, each without its terminator.
    public var regularExpression: (pattern: UnsafeRawBufferPointer, options: UnsafeRawBufferPointer) {
        let pattern = ZeroScan.length(base, limit: count) ?? 0
        let rest = min(pattern + 1, count)
        let options = ZeroScan.length(base + rest, limit: count - rest) ?? 0
        return (
            UnsafeRawBufferPointer(start: base, count: pattern),
            UnsafeRawBufferPointer(start: base + rest, count: options)
        )
    }

    /// The code and the scope of JavaScript with a scope.
    public var javascriptWithScope: (code: RawValue, scope: RawDocument) {
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

extension RawValue {
    /// How many bytes a value takes, or nil where it does not fit into `limit`.
    @inlinable @inline(__always)
    static func length(_ type: BSONType, _ start: UnsafeRawPointer, limit: Int) -> Int? {
        let size: Int
        switch type {
        case .double, .date, .timestamp, .int64: size = 8
        case .int32: size = 4
        case .bool: size = 1
        case .objectID: size = 12
        case .decimal128: size = 16
        case .null, .undefined, .minKey, .maxKey: size = 0
        case .string, .javascript, .symbol: return prefixed(start, 4, atLeast: 1, limit: limit)
        case .document, .array: return prefixed(start, 0, atLeast: 5, limit: limit)
        case .javascriptWithScope: return prefixed(start, 0, atLeast: 14, limit: limit)
        case .binary: return prefixed(start, 5, atLeast: 0, limit: limit)
        case .dbPointer: return prefixed(start, 16, atLeast: 1, limit: limit)
        case .regularExpression: return regularExpressionLength(start, limit: limit)
        }
        return size <= limit ? size : nil
    }

    /// The size of a value that begins with its length, to which `overhead` more bytes belong.
    @inlinable @inline(__always)
    static func prefixed(_ start: UnsafeRawPointer, _ overhead: Int, atLeast least: Int, limit: Int) -> Int? {
        guard limit >= 4 else { return nil }
        let length = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
        guard length >= least, length <= limit &- overhead else { return nil }
        return length &+ overhead
    }

    @usableFromInline
    static func regularExpressionLength(_ start: UnsafeRawPointer, limit: Int) -> Int? {
        guard let pattern = ZeroScan.length(start, limit: limit),
            let options = ZeroScan.length(start + pattern + 1, limit: limit - pattern - 1)
        else { return nil }
        return pattern + options + 2
    }
}
