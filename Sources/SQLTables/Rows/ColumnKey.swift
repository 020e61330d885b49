/// How a property's name is told from a column's: `firstName` is `firstName`, or `first_name`.
enum ColumnKey {
    /// `firstName` as `first_name`, `userID` as `user_id`.
    static func snakeCase(_ name: String) -> String {
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
