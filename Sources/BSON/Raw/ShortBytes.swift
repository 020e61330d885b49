/// Compares and copies what is mostly short, as the names of fields are: a call would take longer than the work.
@usableFromInline
enum ShortBytes {
    /// Whether two runs of bytes are the same. Where the length is known where this is compiled in, it unrolls.
    @inlinable @inline(__always)
    static func equal(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        // Loads may overlap: the last ends where the bytes end.
        if count >= 8 {
            var index = 0
            while index &+ 8 < count {
                if word(a, index, UInt64.self) != word(b, index, UInt64.self) { return false }
                index &+= 8
            }
            return word(a, count &- 8, UInt64.self) == word(b, count &- 8, UInt64.self)
        }
        if count >= 4 {
            return word(a, 0, UInt32.self) == word(b, 0, UInt32.self)
                && word(a, count &- 4, UInt32.self) == word(b, count &- 4, UInt32.self)
        }
        if count >= 2 {
            return word(a, 0, UInt16.self) == word(b, 0, UInt16.self)
                && word(a, count &- 2, UInt16.self) == word(b, count &- 2, UInt16.self)
        }
        return count == 0 || word(a, 0, UInt8.self) == word(b, 0, UInt8.self)
    }

    // A small string's bytes are put on the stack as two words when they are asked for. The processor passes on what was just
    // stored only to loads within one of the words: where the bytes may be such, the last ones are loaded in parts that do not
    // overlap.

    /// Whether two runs of bytes are the same, the first of which may be a small string's.
    @inline(__always)
    static func equal(string a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        var index = 0
        var difference: UInt64 = 0
        func step<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_ type: T.Type) {
            difference |= UInt64(truncatingIfNeeded: word(a, index, type) ^ word(b, index, type))
            index &+= MemoryLayout<T>.size
        }
        while index &+ 8 <= count { step(UInt64.self) }
        if count & 4 != 0 { step(UInt32.self) }
        if count & 2 != 0 { step(UInt16.self) }
        if count & 1 != 0 { step(UInt8.self) }
        return difference == 0
    }

    /// Copies bytes, which may be a small string's, and says whether a zero is among them.
    @inline(__always)
    static func copy(_ source: UnsafeRawPointer, _ count: Int, _ place: UnsafeMutableRawPointer) -> Bool {
        var index = 0
        var zeros: UInt64 = 0
        func step<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_ type: T.Type) {
            let part = word(source, index, type)
            place.storeBytes(of: part, toByteOffset: index, as: type)
            // No zeros above the part.
            let above: UInt64 = T.bitWidth == 64 ? 0 : ~0 << UInt64(T.bitWidth)
            zeros |= ZeroScan.zeros(in: UInt64(truncatingIfNeeded: part) | above)
            index &+= MemoryLayout<T>.size
        }
        while index &+ 8 <= count { step(UInt64.self) }
        if count & 4 != 0 { step(UInt32.self) }
        if count & 2 != 0 { step(UInt16.self) }
        if count & 1 != 0 { step(UInt8.self) }
        return zeros != 0
    }

    @inlinable @inline(__always)
    static func word<T: BitwiseCopyable>(_ a: UnsafeRawPointer, _ offset: Int, _ type: T.Type) -> T {
        a.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
}
