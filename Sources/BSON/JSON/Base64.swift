/// Bytes as base64 text (RFC 4648, section 4), both ways.
package enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// Appends the text of `bytes`, padded.
    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout TextBuffer) {
        guard let base = bytes.baseAddress else { return }
        let alphabet = alphabet.utf8Start
        var index = 0
        while index < bytes.count {
            let left = min(bytes.count - index, 3)
            var group = UInt32(base.load(fromByteOffset: index, as: UInt8.self)) << 16
            if left > 1 { group |= UInt32(base.load(fromByteOffset: index + 1, as: UInt8.self)) << 8 }
            if left > 2 { group |= UInt32(base.load(fromByteOffset: index + 2, as: UInt8.self)) }
            for place in 0..<4 {
                text.append(place <= left ? alphabet[Int(group >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
            }
            index += 3
        }
    }

    /// The padded text of bytes.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = TextBuffer(capacity: (bytes.count + 2) / 3 * 4)
        bytes.withUnsafeBytes { append($0, to: &text) }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// Reads padded text; nil for a character of another alphabet, for missing padding and for bits left over.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            guard let digit = digit(byte) else {
                guard byte == UInt8(ascii: "=") else { return nil }
                padding += 1
                continue
            }
            guard padding == 0 else { return nil }
            group = group << 6 | digit
            digits += 1
            if digits % 4 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        switch (digits % 4, padding) {
        case (0, 0): return bytes
        case (2, 2) where group & 0xF == 0: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case (3, 1) where group & 0x3 == 0:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
