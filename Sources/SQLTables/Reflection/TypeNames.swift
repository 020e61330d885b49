/// Reads a column's type from the words that a database has for it.
enum TypeNames {
    private static let exact: [String: ColumnType] = [
        "bigint": .bigInteger, "int8": .bigInteger, "double": .double, "real": .double, "float": .double,
        "double precision": .double, "boolean": .boolean, "bool": .boolean, "tinyint(1)": .boolean, "date": .date,
        "datetime": .dateTime, "timestamp": .dateTime, "text": .text, "clob": .text, "tinytext": .text,
        "mediumtext": .text, "longtext": .text, "json": .json, "blob": .binary, "tinyblob": .binary,
        "mediumblob": .binary, "longblob": .binary, "json_text": .json, "year": .integer,

        "uuid": .string(36), "inet4": .string(15), "inet6": .string(45),
    ]

    /// The type; text for what has no like here.
    static func type(_ words: String) -> ColumnType {
        let lower = words.lowercased().replacing(" unsigned", with: "").replacing(" zerofill", with: "")
        if let type = exact[lower] { return type }
        let isUnsigned = lower.count != words.count
        let name = String(lower.prefix { $0 != "(" && $0 != " " })
        if name == "enum" { return .enumeration(texts(words)) }
        let numbers = lower.split { !$0.isNumber }.compactMap { Int($0) }
        switch name {
        case "varchar", "char", "nvarchar", "nchar", "character":
            // A length that no declaration takes is that of a text.
            return numbers.first.flatMap { (1...16_383).contains($0) ? .string($0) : nil } ?? .text
        case "numeric", "decimal", "decimal_text":
            return .numeric(precision: numbers.first ?? 10, scale: numbers.count > 1 ? numbers[1] : 0)
        case "varbinary", "binary", "bit", "point", "geometry", "linestring", "polygon": return .binary
        case "int", "integer": return isUnsigned ? .bigInteger : .integer
        case "year": return .integer
        case "datetime", "timestamp": return .dateTime
        case "bigint": return .bigInteger
        case "double", "float": return .double
        case "unsigned": return .bigInteger
        default: return name.hasSuffix("int") || name.hasPrefix("int") ? .integer : .text
        }
    }

    /// The texts in quotes: of `enum('a','it''s')` two.
    static func texts(_ words: String) -> [String] {
        var texts: [String] = []
        var current: String?
        var characters = Substring(words)
        while let character = characters.popFirst() {
            guard var text = current else {
                if character == "'" { current = "" }
                continue
            }
            if character == "'", characters.first != "'" {
                texts.append(text)
                current = nil
            } else {
                if character == "'" { characters.removeFirst() }
                text.append(character)
                current = text
            }
        }
        return texts
    }
}
