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

    /// The two words of a short string of up to 15 bytes that stand behind at least eight others, as all values in documents
    /// do: two loads and no branch, whatever the length.
    @inlinable @inline(__always)
    static func words(behindEight start: UnsafeRawPointer, count: Int) -> (first: UInt64, last: UInt64) {
        // The eight bytes up to a place, of which the last so many are kept; a shift by all 64 bits is two by half as many.
        func word(upTo end: Int, kept: Int) -> UInt64 {
            let half = UInt64(truncatingIfNeeded: (8 &- kept) &* 4)
            return ((start + (end &- 8)).loadUnaligned(as: UInt64.self) &>> half) &>> half
        }
        let low = min(count, 8)
        return (word(upTo: low, kept: low), word(upTo: count, kept: max(count, 8) &- 8))
    }

    /// Fifteen bytes in order, and in the sixteenth 0xE0 for a short ASCII text, and its length.
    @inlinable @inline(__always)
    static func made(_ first: UInt64, _ last: UInt64, count: Int) -> String {
        var words = (first, last | UInt64(truncatingIfNeeded: 0xE0 | count) &<< 56)
        // Moved out of memory: a bit cast would count a reference, which there is none of.
        return withUnsafeMutablePointer(to: &words) { $0.withMemoryRebound(to: String.self, capacity: 1) { $0.move() } }
    }

    /// What stands behind the text and a zero byte where they are the next of sixteen bytes or more; nil also for text that
    /// no two words hold. The words are compared as they are, while the text's bytes would have to be put into memory.
    @inline(__always)
    static func end(of text: String, at place: UnsafeRawPointer) -> UnsafeRawPointer? {
        guard isUsable else { return nil }
        let (first, last) = unsafeBitCast(text, to: (UInt64, UInt64).self)
        guard last &>> 60 == 0xE else { return nil }
        let count = last &>> 56 & 0xF
        var difference = place.loadUnaligned(as: UInt64.self) ^ first
        if count < 8 {
            difference &= ~0 &>> (56 &- count &* 8)
        } else {
            // The string's last byte says its length, where the text's terminator may be.
            let rest = place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ (last & ~(0xFF &<< 56))
            difference |= rest & ~0 &>> (120 &- count &* 8)
        }
        return difference == 0 ? place + (Int(truncatingIfNeeded: count) &+ 1) : nil
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

    /// The string of `count` bytes; nil where they are no UTF-8.
    @inline(__always)
    static func checked(_ start: UnsafeRawPointer, count: Int) -> String? {
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

    /// Whether strings of this standard library have their short text where ``made(_:_:count:)`` puts it: asked of two
    /// literals, which the optimizer answers while it compiles.
    @inlinable @inline(__always)
    static var isUsable: Bool {
        guard MemoryLayout<String>.size == 16 else { return false }
        let long = unsafeBitCast("Nectar, a tool.", to: (UInt64, UInt64).self)
        let short = unsafeBitCast("Nectar", to: (UInt64, UInt64).self)
        return long == (0x202C_7261_7463_654E, 0xEF2E_6C6F_6F74_2061)
            && short == (0x0000_7261_7463_654E, 0xE600_0000_0000_0000)
    }
}
