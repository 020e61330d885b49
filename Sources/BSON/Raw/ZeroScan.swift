/// Looks for a zero byte in memory, eight bytes a step.
///
/// Keys end with a zero byte and are mostly shorter than eight bytes: one load finds the end of most.
@usableFromInline
enum ZeroScan {
    /// How many bytes stand before the first zero byte, or nil where none stands among the first `limit`.
    @inlinable @inline(__always)
    static func length(_ start: UnsafeRawPointer, limit: Int) -> Int? {
        var index = 0
        while index &+ 8 <= limit {
            let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let zeros = zeros(in: word)
            if zeros != 0 { return index &+ zeros.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < limit {
            if start.load(fromByteOffset: index, as: UInt8.self) == 0 { return index }
            index &+= 1
        }
        return nil
    }

    /// Marks the zero bytes of a word by their high bits. The lowest mark is right; those above it may not be, since
    /// borrows reach upwards.
    @inlinable @inline(__always)
    static func zeros(in word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
}
