/// Whether bytes are UTF-8, without making a string of them.
///
/// Follows table 3-7 of the Unicode standard: shortest forms only, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// The offset of the first byte that begins no scalar; nil where all bytes are UTF-8.
    @inline(__always)
    static func fault(_ base: UnsafeRawPointer, count: Int) -> Int? {
        isASCII(base, count: count) ? nil : scalarFault(base, count: count)
    }

    /// Whether all bytes are below 0x80, as most text is: eight bytes a step, and the last eight once more.
    @inline(__always)
    static func isASCII(_ base: UnsafeRawPointer, count: Int) -> Bool {
        func word(_ index: Int) -> UInt64 { base.loadUnaligned(fromByteOffset: index, as: UInt64.self) }
        guard count >= 8 else {
            var high: UInt8 = 0
            for index in 0..<count { high |= base.load(fromByteOffset: index, as: UInt8.self) }
            return high < 0x80
        }
        guard count > 16 else { return (word(0) | word(count &- 8)) & 0x8080_8080_8080_8080 == 0 }
        func pair(_ index: Int) -> SIMD2<UInt64> { base.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self) }
        let last = count &- 16
        // Texts of up to 64 bytes without a loop: how often it went round, nobody could foresee.
        var high = (pair(0) | pair(min(16, last))) | (pair(min(32, last)) | pair(last))
        var index = 48
        while index < last {
            high |= pair(index)
            index &+= 16
        }
        return (high[0] | high[1]) & 0x8080_8080_8080_8080 == 0
    }

    @inline(never)
    private static func scalarFault(_ base: UnsafeRawPointer, count: Int) -> Int? {
        var index = 0
        while true {
            while index &+ 8 <= count,
                base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index &+= 8
            }
            guard index < count else { return nil }
            let first = base.load(fromByteOffset: index, as: UInt8.self)
            if first < 0x80 {
                index &+= 1
                continue
            }
            let length = scalar(base + index, first, count: count &- index)
            guard length > 0 else { return index }
            index &+= length
        }
    }

    /// The length of the scalar that begins with `first`, which is no ASCII; zero where it is none.
    @inline(__always)
    private static func scalar(_ start: UnsafeRawPointer, _ first: UInt8, count: Int) -> Int {
        func byte(_ index: Int) -> UInt8 { start.load(fromByteOffset: index, as: UInt8.self) }
        func follows(_ index: Int) -> Bool { byte(index) & 0xC0 == 0x80 }
        switch first {
        case 0xC2...0xDF: return count >= 2 && follows(1) ? 2 : 0
        case 0xE0...0xEF:
            guard count >= 3, follows(1), follows(2) else { return 0 }
            if first == 0xE0 { return byte(1) >= 0xA0 ? 3 : 0 }
            if first == 0xED { return byte(1) <= 0x9F ? 3 : 0 }
            return 3
        case 0xF0...0xF4:
            guard count >= 4, follows(1), follows(2), follows(3) else { return 0 }
            if first == 0xF0 { return byte(1) >= 0x90 ? 4 : 0 }
            if first == 0xF4 { return byte(1) <= 0x8F ? 4 : 0 }
            return 4
        default: return 0
        }
    }
}
