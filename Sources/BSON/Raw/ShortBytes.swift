/// Compares what is mostly short, as the names of fields are: a call would take longer than the comparison.
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

    @inlinable @inline(__always)
    static func word<T: BitwiseCopyable>(_ a: UnsafeRawPointer, _ offset: Int, _ type: T.Type) -> T {
        a.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
}
