/// Makes strings of text in UTF-8, the short ones in registers.
///
/// Most keys and many values have at most 15 bytes, all ASCII. The standard library takes those byte by byte; putting
/// them into a string's two words takes a quarter of the time, and half of what reading a document takes goes into strings.
public enum _ShortText {
    /// The string of these bytes; what is no UTF-8 becomes U+FFFD.
    @inlinable @inline(__always)
    public static func string(_ bytes: UnsafeRawBufferPointer) -> String {
        bytes.baseAddress.map { string($0, count: bytes.count) } ?? ""
    }

    /// The string of `count` bytes; what is no UTF-8 becomes U+FFFD.
    @inlinable @inline(__always)
    public static func string(_ start: UnsafeRawPointer, count: Int) -> String {
        if count <= 15, isUsable, let text = short(start, count: count) { return text }
        return long(start, count: count)
    }

    /// The string of `count` bytes that stand behind at least eight others, as all values in documents do: short text is
    /// then read in one step, whatever its length. Nil where the bytes are no UTF-8.
    @inlinable @inline(__always)
    public static func checked(behindEight start: UnsafeRawPointer, count: Int) -> String? {
        if (0...15).contains(count) {
            var last = (start + (count &- 8)).loadUnaligned(as: UInt64.self)
            var first: UInt64 = 0
            if count > 8 {
                first = start.loadUnaligned(as: UInt64.self)
                last = last &>> UInt64(truncatingIfNeeded: (16 &- count) &* 8)
            } else {
                // What stands before the text falls out.
                first = last >> UInt64(truncatingIfNeeded: (8 &- count) &* 8)
                last = 0
            }
            if (first | last) & 0x8080_8080_8080_8080 == 0, isUsable { return made(first, last, count: count) }
        }
        return checkedLong(start, count: count)
    }

    /// Fifteen bytes in order, and in the sixteenth 0xE0 for a short ASCII text, and its length.
    @inlinable @inline(__always)
    static func made(_ first: UInt64, _ last: UInt64, count: Int) -> String {
        var words = (first, last | UInt64(truncatingIfNeeded: 0xE0 | count) &<< 56)
        // Moved out of memory: a bit cast would count a reference, which there is none of.
        return withUnsafeMutablePointer(to: &words) { $0.withMemoryRebound(to: String.self, capacity: 1) { $0.move() } }
    }

    @usableFromInline @inline(never)
    static func long(_ start: UnsafeRawPointer, count: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        // What is ASCII needs no repair, and finding that out here is twice as fast.
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *), UTF8Check.isASCII(start, count: count) {
            return String(copying: UTF8Span(unchecked: bytes.bindMemory(to: UInt8.self).span, isKnownASCII: true))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @usableFromInline @inline(never)
    static func checkedLong(_ start: UnsafeRawPointer, count: Int) -> String? {
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *), UTF8Check.isASCII(start, count: count) {
            return String(copying: UTF8Span(unchecked: bytes.bindMemory(to: UInt8.self).span, isKnownASCII: true))
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The string of at most 15 bytes; nil where one of them is not ASCII.
    @inlinable @inline(__always)
    static func short(_ start: UnsafeRawPointer, count: Int) -> String? {
        let first: UInt64
        var last: UInt64 = 0
        if count >= 8 {
            first = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
            // The last eight bytes, of which those that `first` has are shifted out.
            last = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
            last = last >> UInt64(truncatingIfNeeded: (16 &- count) &* 8)
        } else if count >= 4 {
            let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
            let high = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
            first = low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
        } else {
            var word: UInt64 = 0
            for index in 0..<max(count, 0) {
                word |=
                    UInt64(start.load(fromByteOffset: index, as: UInt8.self)) &<< UInt64(truncatingIfNeeded: index &* 8)
            }
            first = word
        }
        guard (first | last) & 0x8080_8080_8080_8080 == 0 else { return nil }
        return made(first, last, count: count)
    }

    /// Whether strings of this standard library have their short text where ``short(_:count:)`` puts it: asked of strings
    /// that the library made, once.
    @usableFromInline
    static let isUsable: Bool = {
        guard MemoryLayout<String>.size == 16, UInt64(1).littleEndian == 1 else { return false }
        let text = Array("Nectar, a toolkit".utf8)
        return text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return (0...15).allSatisfy { count in
                let expected = String(decoding: bytes.prefix(count), as: UTF8.self)
                guard let made = short(base, count: count) else { return false }
                return unsafeBitCast(made, to: (UInt64, UInt64).self)
                    == unsafeBitCast(expected, to: (UInt64, UInt64).self)
            }
        }
    }()
}
