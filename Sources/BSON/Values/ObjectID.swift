internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A 12-byte identifier: 4 bytes of seconds, 5 random bytes of the process, 3 bytes of a counter.
///
/// Follows the driver specification "ObjectID Generation".
public struct ObjectID: Sendable, Hashable, Comparable, CustomStringConvertible, LosslessStringConvertible {
    // The 12 bytes in big-endian order, so that integers compare as the bytes do.
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt32

    /// Makes a new identifier.
    public init() {
        let now = time(nil)
        let count = Self.generator.counter.add(1, ordering: .relaxed).newValue & 0xFF_FFFF
        let process = Self.generator.process
        high = UInt64(UInt32(truncatingIfNeeded: now)) << 32 | process >> 8
        low = UInt32(truncatingIfNeeded: process & 0xFF) << 24 | count
    }

    /// Reads 24 hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        var high: UInt64 = 0
        var low: UInt32 = 0
        var digits = 0
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt32(digit) }
            digits += 1
            if digits > 24 { return nil }
        }
        guard digits == 24 else { return nil }
        self.high = high
        self.low = low
    }

    /// Reads 12 bytes; missing ones are zero.
    package init(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count >= 12 {
            high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            return
        }
        var high: UInt64 = 0
        var low: UInt32 = 0
        for index in 0..<12 {
            let byte = index < bytes.count ? bytes[index] : 0
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt32(byte) }
        }
        self.high = high
        self.low = low
    }

    /// Reads 12 bytes; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 12 else { return nil }
        self = [UInt8](bytes).withUnsafeBytes { ObjectID($0) }
    }

    /// The 12 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Seconds since 1970 of the moment the identifier was made.
    public var secondsSince1970: UInt32 { UInt32(truncatingIfNeeded: high >> 32) }

    /// The 24 hexadecimal digits, in lower case.
    public var description: String {
        func hex(_ value: some BinaryInteger, _ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: width - digits.utf8.count) + digits
        }
        return hex(high, 16) + hex(low, 8)
    }

    /// Orders identifiers by their bytes, so roughly by time.
    public static func < (a: ObjectID, b: ObjectID) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// The 12 bytes as they stand in BSON.
    var words: Words {
        Words(
            first: UInt32(truncatingIfNeeded: high >> 32).bigEndian,
            second: UInt32(truncatingIfNeeded: high).bigEndian, third: low.bigEndian)
    }

    /// Twelve bytes as three words, which are copied faster than an array.
    struct Words: BitwiseCopyable {
        var first: UInt32
        var second: UInt32
        var third: UInt32
    }

    /// Takes the bytes as they stand in BSON.
    init(_ words: Words) {
        high = UInt64(UInt32(bigEndian: words.first)) << 32 | UInt64(UInt32(bigEndian: words.second))
        low = UInt32(bigEndian: words.third)
    }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) {
            try body(UnsafeRawBufferPointer(rebasing: $0[0..<12]))
        }
    }

    /// The identifier that a value in place holds, for code that macros generate.
    @inlinable
    public init(_raw value: RawValue) {
        let complete = value.count >= 12
        high = complete ? UInt64(bigEndian: value.base.loadUnaligned(as: UInt64.self)) : 0
        low = complete ? UInt32(bigEndian: value.base.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) : 0
    }

    /// Writes the 12 bytes, for code that macros generate.
    @inlinable
    public func _write(to writer: inout BSONWriter) {
        writer._fixed(high.bigEndian)
        writer._fixed(low.bigEndian)
    }

    /// The random part of this process and its counter, which starts at a random value.
    private final class Generator: Sendable {
        let process = UInt64.random(in: 0..<(1 << 40))
        let counter = Atomic<UInt32>(UInt32.random(in: 0..<(1 << 24)))
    }
    private static let generator = Generator()
}
