/// A value seen in place: its type and its bytes, valid as long as the memory below it.
///
/// The engine compares, filters and orders through these views, so that no tree is built for a document that is only
/// looked at. Every accessor checks the bytes it reads and answers with a neutral value when they do not suffice: bytes
/// from outside go through ``BSONValidator`` first, and nothing here may trap even if they did not.
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
        return UnsafeRawBufferPointer(start: base + 4, count: count &- 5)
    }

    /// A string, a symbol or code.
    @inlinable @inline(__always) public var string: String { _ShortText.string(stringBytes) }

    /// The embedded document or array.
    public var document: RawDocument { RawDocument(base: base, count: count) }

    /// The subtype and payload of binary data; the old subtype 2 without its inner length.
    public var binary: (subtype: UInt8, bytes: UnsafeRawBufferPointer) {
        guard count >= 5 else { return (0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        let subtype = (base + 4).load(as: UInt8.self)
        let skipped = subtype == 2 && count >= 9 ? 9 : 5
        return (subtype, UnsafeRawBufferPointer(start: base + skipped, count: count - skipped))
    }

    /// The subtype of binary data and all bytes behind it, which is what orders it among data of one size.
    var stored: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4)) }

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
    /// The value at `start` of the type with this number; nil where no type has it or the value does not fit into `limit`.
    @inlinable @inline(__always)
    static func read(_ number: UInt8, _ start: UnsafeRawPointer, limit: Int) -> RawValue? {
        // Text first: most values are text, and a branch is foreseen where a jump through a table is not.
        if number == BSONType.string.rawValue {
            guard let count = prefixed(start, 4, atLeast: 1, limit: limit) else { return nil }
            return RawValue(type: .string, base: start, count: count)
        }
        guard let type = BSONType(rawValue: number) else { return nil }
        var size = fixedSize(number)
        if size == variable {
            let length =
                number == BSONType.document.rawValue || number == BSONType.array.rawValue
                ? prefixed(start, 0, atLeast: 5, limit: limit) : rareLength(type, start, limit: limit)
            guard let length else { return nil }
            size = length
        }
        return size <= limit ? RawValue(type: type, base: start, count: size) : nil
    }

    /// What ``fixedSize(_:)`` gives for types whose values say how long they are.
    @inlinable @inline(__always)
    static var variable: Int { 31 }

    /// The size of all values of a type, in bytes.
    ///
    /// Five bits for each number: a jump through a table would be mispredicted wherever types alternate.
    @inlinable @inline(__always)
    static func fixedSize(_ number: UInt8) -> Int {
        if number > 0x13 { return 0 }
        let isLow = number < 12
        let sizes: UInt64 = isLow ? 0xF81_0160_3FFF_FD00 : 0x82_104F_FFFF
        return Int(truncatingIfNeeded: sizes &>> (UInt64(isLow ? number : number &- 12) &* 5) & 31)
    }

    /// The size of a value that begins with its length, to which `overhead` more bytes belong.
    @inlinable @inline(__always)
    static func prefixed(_ start: UnsafeRawPointer, _ overhead: Int, atLeast least: Int, limit: Int) -> Int? {
        guard limit >= 4 else { return nil }
        let length = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
        guard length >= least, length <= limit &- overhead else { return nil }
        return length &+ overhead
    }

    /// The size of a value of a type that few documents have and that says how long it is.
    @usableFromInline @inline(never)
    static func rareLength(_ type: BSONType, _ start: UnsafeRawPointer, limit: Int) -> Int? {
        switch type {
        case .javascript, .symbol: prefixed(start, 4, atLeast: 1, limit: limit)
        case .javascriptWithScope: prefixed(start, 0, atLeast: 14, limit: limit)
        case .binary: prefixed(start, 5, atLeast: 0, limit: limit)
        case .dbPointer: prefixed(start, 16, atLeast: 1, limit: limit)
        case .regularExpression: regularExpressionLength(start, limit: limit)
        default: nil
        }
    }

    private static func regularExpressionLength(_ start: UnsafeRawPointer, limit: Int) -> Int? {
        guard let pattern = ZeroScan.length(start, limit: limit),
            let options = ZeroScan.length(start + pattern + 1, limit: limit - pattern - 1)
        else { return nil }
        return pattern + options + 2
    }
}
