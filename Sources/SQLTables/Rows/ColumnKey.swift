/// How a property's name is told from a column's: `firstName` is `firstName`, or `first_name`.
enum ColumnKey {
    /// `firstName` as `first_name`, `userID` as `user_id`.
    static func snakeCase(_ name: String) -> String {
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return unicodeSnakeCase(name) }
        guard name.utf8.contains(where: isCapital) else { return name }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 4)
        var previousIsLower = false
        for byte in name.utf8 {
            if isCapital(byte) {
                if previousIsLower { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte | 0x20)
                previousIsLower = false
            } else {
                bytes.append(byte)
                previousIsLower = (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }

    /// The same for names beyond ASCII, whose characters' properties take long to look up.
    private static func unicodeSnakeCase(_ name: String) -> String {
        var result = ""
        var previousIsLower = false
        for character in name {
            if character.isUppercase, previousIsLower { result.append("_") }
            previousIsLower = character.isLowercase || character.isNumber
            result.append(contentsOf: character.lowercased())
        }
        return result
    }
}

/// A key made from text.
struct PlainKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
