/// Text in UTF-8 while it is written: memory that grows, and no check of who else holds it at every byte.
struct TextBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 32)
        base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 1)
    }

    deinit { base.deallocate() }

    /// What has been written, valid only until more is.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Makes room for some more bytes, and gives their place.
    @inline(__always)
    private mutating func room(_ more: Int) -> UnsafeMutableRawPointer {
        if capacity &- count < more { grow(more) }
        return base + count
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        room(1).storeBytes(of: byte, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        room(bytes.count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in decimal digits.
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude, width: 1)
    }

    /// Appends a finite double: Swift's description is the shortest text that reads back as the same, and a number of JSON.
    mutating func append(double value: Double, exponent: UInt8) {
        let start = count
        append(text: value.description)
        // The mark of an exponent, which has up to three digits and a sign, stands among the last five bytes.
        for place in max(count - 5, start)..<count where base.load(fromByteOffset: place, as: UInt8.self) == 0x65 {
            base.storeBytes(of: exponent, toByteOffset: place, as: UInt8.self)
        }
    }

    /// Appends a number in at least `width` decimal digits, up to 20.
    @inline(__always)
    mutating func append(decimal value: UInt64, width: Int) {
        // Digits come from right to left: into the end of the room first, then to its start.
        let place = room(40)
        let end = place + 40
        var start = end
        var rest = value
        while rest > 0 || end - start < width {
            start -= 1
            start.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        }
        place.copyMemory(from: start, byteCount: end - start)
        count &+= end - start
    }

    /// Appends two lower-case hexadecimal digits for each byte.
    mutating func append(hexadecimal bytes: UnsafeRawBufferPointer) {
        var place = room(bytes.count &* 2)
        for byte in bytes {
            place.storeBytes(of: Self.hexadecimalDigit(byte >> 4), as: UInt8.self)
            place.storeBytes(of: Self.hexadecimalDigit(byte & 15), toByteOffset: 1, as: UInt8.self)
            place += 2
        }
        count &+= bytes.count &* 2
    }

    @inline(__always)
    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 { value &+ (value < 10 ? 0x30 : 0x57) }

    /// Appends a string of JSON with its quotes.
    @inline(__always)
    mutating func append(quoted string: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        append(escaped: string)
        append(UInt8(ascii: "\""))
    }

    /// Appends the inside of a string of JSON; runs of bytes that need no escape are copied as one.
    mutating func append(escaped string: UnsafeRawBufferPointer) {
        guard let base = string.baseAddress else { return }
        var start = 0
        while true {
            let end = Self.plainRun(base, from: start, count: string.count)
            append(UnsafeRawBufferPointer(start: base + start, count: end &- start))
            guard end < string.count else { return }
            append(escape: base.load(fromByteOffset: end, as: UInt8.self))
            start = end &+ 1
        }
    }

    /// The offset of the first byte from `start` that needs an escape; `count` where none does.
    static func plainRun(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if needsEscape(word) { break }
            index &+= 8
        }
        while index < count {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index &+= 1
        }
        return count
    }

    /// Whether any of eight bytes is a control character, a quote or a backslash.
    @inline(__always)
    private static func needsEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let found =
            ((word &- 0x2020_2020_2020_2020) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        return found & 0x8080_8080_8080_8080 != 0
    }

    private mutating func append(escape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        default:
            append("u00")
            withUnsafeBytes(of: byte) { append(hexadecimal: $0) }
        }
    }
}
