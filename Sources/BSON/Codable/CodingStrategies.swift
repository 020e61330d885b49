/// How the names of a type's coding keys become the names of a document's fields.
///
/// One rule serves both directions: a decoder looks for the fields that an encoder would have written. So no name is lost on
/// the way back, as `imageURL` is where `image_url` is turned into `imageUrl`. Keys of dictionaries stay as they are.
public enum BSONKeyStrategy: Sendable {
    /// The coding keys as they are.
    case useDefaultKeys
    /// `birthYear` becomes `birth_year`, `imageURL` becomes `image_url`.
    case snakeCase
    /// A function of the coding key's name, which must give a different field for each.
    case custom(@Sendable (String) -> String)

    /// Whether names stay as they are.
    @inline(__always)
    var isDefault: Bool {
        if case .useDefaultKeys = self { true } else { false }
    }

    /// The name of the field for a coding key.
    func fieldName(_ key: String) -> String {
        switch self {
        case .useDefaultKeys: key
        case .snakeCase: Self.snakeCase(key)
        case .custom(let convert): convert(key)
        }
    }

    /// The name of a coding key for a field, as far as the rule can be turned round: for types that ask for all keys.
    func codingKey(_ field: String) -> String {
        guard case .snakeCase = self else { return field }
        let start = field.prefix { $0 == "_" }
        let end = field.dropFirst(start.count).reversed().prefix { $0 == "_" }.count
        let words = field.dropFirst(start.count).dropLast(end).split(separator: "_")
        guard let first = words.first else { return field }
        let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return start + first + rest.joined() + String(repeating: "_", count: end)
    }

    /// Puts an underscore before each word that a capital letter begins; a run of capitals is one word.
    private static func snakeCase(_ key: String) -> String {
        let characters = Array(key)
        var result = ""
        for (index, character) in characters.enumerated() {
            if character.isUppercase, index > 0, characters[index - 1] != "_" {
                let followsWord = !characters[index - 1].isUppercase
                let beginsWord = index + 1 < characters.count && characters[index + 1].isLowercase
                if followsWord || beginsWord { result += "_" }
            }
            result += character.lowercased()
        }
        return result
    }
}

/// The limits of both coders.
enum CodingLimits {
    /// How many levels a value may nest: what a document may, and each takes some of the thread's stack.
    static let depth = BSONValidator.maximumDepth
}

/// A coding key of a path: the name of a field or the index of an element.
struct PathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    static let `super` = PathKey(stringValue: "super")
}

extension [any CodingKey] {
    /// The path as text, `publisher.names.0`, to begin an error's text with.
    var pathPrefix: String {
        isEmpty ? "" : map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}
