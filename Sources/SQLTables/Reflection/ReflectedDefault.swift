/// Reads what a database says about a column's default.
enum ReflectedDefault {
    /// The default of words of SQL: a number, a text in quotes, the time, or an expression.
    /// - Parameter escapes: Whether a backslash in a text stands for something, as in MariaDB.
    static func read(_ words: String?, _ type: ColumnType, escapes: Bool = false) -> Column.ServerDefault? {
        guard let words, words.uppercased() != "NULL" else { return nil }
        if let text = quoted(words, escapes) { return .value(.text(text)) }
        let lower = words.lowercased()
        if lower == "true" || lower == "false" { return .value(.bool(lower == "true")) }
        if let number = number(words, type) { return .value(number) }
        if isNow(lower, type) { return .now }
        return .init(content: .words(words))
    }

    /// The default of a value that stands there as it is, as MySQL shows it.
    static func read(plain value: String, _ type: ColumnType) -> Column.ServerDefault {
        .value(number(value, type) ?? .text(value))
    }

    private static func number(_ words: String, _ type: ColumnType) -> SQLValue? {
        switch type {
        case .boolean: return words == "0" || words == "1" ? .bool(words == "1") : nil
        case .numeric: return DecimalText.digits(of: .decimal(words)).map { .decimal($0) }
        case .double: return Double(words).flatMap { $0.isFinite ? .double($0) : nil }
        default: return Int64(words).map { .integer($0) }
        }
    }

    private static func unescaped(_ text: String) -> String {
        let known: [Character: Character] = ["n": "\n", "r": "\r", "0": "\0", "Z": "\u{1a}", "t": "\t"]
        var result = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.popFirst() else {
                result.append(character)
                continue
            }
            result.append(known[next] ?? next)
        }
        return result
    }

    private static func isNow(_ lower: String, _ type: ColumnType) -> Bool {
        let word = lower.prefix { $0 != "(" }
        switch type {
        case .dateTime:
            return word == "current_timestamp" || word == "now"
                || lower.hasPrefix("strftime('%y-%m-%d %h:%m:%f', 'now')")
        case .date: return word == "current_date" || word == "curdate"
        default: return false
        }
    }

    private static func quoted(_ words: String, _ escapes: Bool) -> String? {
        guard words.count >= 2, words.hasPrefix("'"), words.hasSuffix("'") else { return nil }
        let inner = words.dropFirst().dropLast()
        // Two quotes are one; a single one would mean that this is an expression of several texts.
        guard !inner.replacing("''", with: "").contains("'") else { return nil }
        let text = String(inner).replacing("''", with: "'")
        return escapes ? unescaped(text) : text
    }
}
