/// The SQL of a database.
public struct SQLDialect: Sendable, Hashable, CustomStringConvertible {
    enum Family: Sendable, Hashable { case sqlite, mysql }

    /// What is common to the dialects of one origin.
    let family: Family
    /// The name.
    public let description: String
    /// Whether inserts and deletes can give rows back.
    let hasReturning: Bool

    /// SQLite, 3.35 and later.
    public static let sqlite = SQLDialect(family: .sqlite, description: "SQLite", hasReturning: true)
    /// MySQL, 8 and later.
    public static let mysql = SQLDialect(family: .mysql, description: "MySQL", hasReturning: false)
    /// MariaDB, 10.5 and later.
    public static let mariadb = SQLDialect(family: .mysql, description: "MariaDB", hasReturning: true)

    /// How many values a statement may bind.
    var maximumParameters: Int { family == .sqlite ? 32_766 : 65_535 }

    /// What stands around names.
    var quote: Character { family == .sqlite ? "\"" : "`" }

    /// A name in quotes, whatever is in it.
    func quoted(_ name: String) throws(SQLError) -> String {
        guard !name.isEmpty, !name.utf8.contains(0) else { throw SQLError(.usage, "'\(name)' is no name") }
        let mark = String(quote)
        let isPlain = name.utf8.allSatisfy { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "`") }
        return mark + (isPlain ? name : name.replacing(mark, with: mark + mark)) + mark
    }

    /// A value as the text of a statement that binds none: a default, a check.
    func literal(_ value: SQLValue) -> String {
        switch value {
        case .null: "NULL"
        case .bool(let value): value ? "1" : "0"
        case .integer(let value): "\(value)"
        case .double(let value): value.isFinite ? "\(value)" : "NULL"
        case .decimal(let digits): isNumber(digits) ? digits : quotedText(digits)
        case .text(let text), .date(let text): quotedText(text)
        case .dateTime(let date): quotedText(SQLDateText.text(date))
        case .binary(let bytes): "X'" + bytes.map { hex($0) }.joined() + "'"
        }
    }

    private func quotedText(_ text: String) -> String {
        // In MySQL a backslash means something, in SQLite it does not.
        let slashes = family == .sqlite ? text : text.replacing("\\", with: "\\\\")
        return "'" + slashes.replacing("'", with: "''") + "'"
    }

    private func isNumber(_ digits: String) -> Bool {
        !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) || $0 == 45 || $0 == 46 }
    }

    private func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + text : text
    }
}
