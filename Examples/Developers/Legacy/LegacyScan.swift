/// Finds in a JSON text what the tutorial's log store cannot keep: its request fails there before anything is done.
///
/// These are whole numbers beyond 64 bits and names with a zero character. The text may hold anything: what is no JSON
/// is found by others.
struct LegacyScan {
    private let bytes: [UInt8]
    private var position = 0

    /// Whether a record can be made of the text's value.
    static func isRecordable(_ bytes: [UInt8]) -> Bool {
        var scan = LegacyScan(bytes: bytes)
        while scan.position < bytes.count {
            guard scan.isNextRecordable() else { return false }
        }
        return true
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Goes past a text, a number or another byte.
    private mutating func isNextRecordable() -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "\""): return isTextRecordable()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return isNumberRecordable()
        default:
            position += 1
            return true
        }
    }

    /// A text with a colon behind it is a name.
    private mutating func isTextRecordable() -> Bool {
        let start = position + 1
        var end = start
        var hasZero = false
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] == UInt8(ascii: "\\") {
                hasZero = hasZero || bytes[end...].prefix(6).elementsEqual("\\u0000".utf8)
                end += 1
            }
            end += 1
        }
        position = min(end + 1, bytes.count)
        let next = bytes[position...].first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        return !hasZero || next != UInt8(ascii: ":")
    }

    private mutating func isNumberRecordable() -> Bool {
        let others = Array(".eE+-".utf8)
        let number = bytes[position...].prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || others.contains(byte)
        }
        position = number.endIndex
        let isWhole = number.dropFirst().allSatisfy { !others.contains($0) }
        return !isWhole || number.count < 19 || Int64(String(decoding: number, as: UTF8.self)) != nil
    }
}
