extension SQLDialect {
    /// The words for a column's type.
    func typeName(_ type: ColumnType) throws(SQLError) -> String {
        let isSQLite = family == .sqlite
        switch type {
        case .integer: return "INTEGER"
        case .bigInteger: return "BIGINT"
        case .double: return "DOUBLE"
        case .boolean: return "BOOLEAN"
        case .date: return "DATE"
        case .dateTime: return isSQLite ? "DATETIME" : "DATETIME(6)"
        case .text: return isSQLite ? "TEXT" : "LONGTEXT"
        // SQLite would read a JSON text that is a number as one; a name with TEXT in it keeps it text.
        case .json: return isSQLite ? "JSON_TEXT" : "JSON"
        case .binary: return isSQLite ? "BLOB" : "LONGBLOB"
        case .numeric(let precision, let scale):
            guard (1...65).contains(precision), (0...Swift.min(precision, 38)).contains(scale) else {
                throw SQLError(.usage, "numeric(\(precision), \(scale)): at most 65 digits, 38 of them after the point")
            }
            let isText = isSQLite && DecimalText.isBeyondDouble(precision)
            return isText
                ? "\(DecimalText.typeName)(\(precision), \(scale)) COLLATE \(DecimalText.collation)"
                : "NUMERIC(\(precision), \(scale))"
        case .string(let length):
            guard (1...16_383).contains(length) else {
                throw SQLError(.usage, "string(\(length)): from 1 to 16383 characters; use text for more")
            }
            return "VARCHAR(\(length))"
        case .enumeration(let names):
            guard !names.isEmpty else { throw SQLError(.usage, "An enumeration needs at least one text") }
            guard !isSQLite else { return "VARCHAR(\(names.map { $0.unicodeScalars.count }.max() ?? 1))" }
            return "ENUM(" + names.map { literal(.text($0)) }.joined(separator: ", ") + ")"
        }
    }

    /// The words for a type in `CAST`.
    func castName(_ type: ColumnType) throws(SQLError) -> String {
        switch (family, type) {
        case (.sqlite, .string), (.sqlite, .text), (.sqlite, .json), (.sqlite, .enumeration), (.sqlite, .date),
            (.sqlite, .dateTime):
            return "TEXT"
        case (.sqlite, .numeric): return "NUMERIC"
        case (.sqlite, .double): return "REAL"
        case (.sqlite, .binary): return "BLOB"
        case (_, .integer), (_, .bigInteger), (_, .boolean): return family == .sqlite ? "INTEGER" : "SIGNED"
        case (.mysql, .string(let length)): return "CHAR(\(Swift.max(0, length)))"
        case (.mysql, .text), (.mysql, .enumeration), (.mysql, .json): return "CHAR"
        case (.mysql, .numeric): return try typeName(type).replacing("NUMERIC", with: "DECIMAL")
        case (.mysql, .double): return "DOUBLE"
        case (.mysql, .binary): return "BINARY"
        case (.mysql, .date): return "DATE"
        case (.mysql, .dateTime): return "DATETIME(6)"
        }
    }

    /// A value as a column of a type keeps it: a day for an instant, so many digits of a number.
    /// - Throws: ``SQLError`` of kind `invalidValue` for what SQLite would take and spoil.
    func stored(_ value: SQLValue, in type: ColumnType) throws(SQLError) -> SQLValue {
        switch (type, value) {
        case (.date, .dateTime(let date)): return .date(SQLDateText.dayText(date))
        case (.date, .text(let text)), (.date, .date(let text)), (.dateTime, .text(let text)),
            (.dateTime, .date(let text)):
            // The databases know more spellings, each others: it is kept in one, and in UTC.
            guard let date = SQLDateText.date(text) else {
                throw SQLError(.invalidValue, "The text is no day or instant such as 2026-11-21 19:14:43.25+01:00")
            }
            return type == .date ? .date(SQLDateText.dayText(date)) : .dateTime(date)
        case (.date, .integer), (.date, .double), (.date, .decimal), (.date, .bool), (.dateTime, .integer),
            (.dateTime, .double), (.dateTime, .decimal), (.dateTime, .bool):
            throw SQLError(.invalidValue, "A number is no day and no instant")
        case (.boolean, .integer(let number)):
            guard number == 0 || number == 1 else { throw SQLError(.invalidValue, "\(number) is not true or false") }
            return .bool(number == 1)
        case (.boolean, .double), (.boolean, .decimal): throw SQLError(.invalidValue, "A fraction is not true or false")
        case (.enumeration(let names), _):
            guard !value.isNull else { return value }
            // MySQL would take a number for a text's place, and a text in other letters for the one it is like.
            guard case .text(let text) = value, names.contains(text) else {
                throw SQLError(.invalidValue, "The value is none of the texts of the enumeration")
            }
            return value
        case (.binary, .text(let text)): return .binary(Array(text.utf8))
        case (.numeric(let precision, let scale), _):
            guard let digits = DecimalText.digits(of: value) else { return value }
            // The servers round and refuse by themselves.
            guard family == .sqlite else { return .decimal(digits) }
            let rounded = DecimalText.rounded(digits, scale: scale)
            guard DecimalText.wholeDigits(rounded) <= precision - scale else {
                throw SQLError(.invalidValue, "The number has more than \(precision - scale) digits before the point")
            }
            return DecimalText.isBeyondDouble(precision) ? .text(rounded) : .decimal(rounded)
        case (.integer, .decimal), (.bigInteger, .decimal), (.integer, .double), (.bigInteger, .double):
            // MySQL would round.
            guard let digits = DecimalText.digits(of: value).map({ DecimalText.rounded($0, scale: 0) }),
                DecimalText.digits(of: value).map({ DecimalText.compare($0, digits) }) == 0
            else { throw SQLError(.invalidValue, "A number with a fraction is no whole number") }
            if let number = Int64(digits) { return .integer(number) }
            guard family == .sqlite else { return .decimal(digits) }
            throw SQLError(.invalidValue, "SQLite keeps whole numbers of at most 64 signed bits")
        default: return value
        }
    }

    /// A value as a column of a type is compared with it.
    func compared(_ value: SQLValue, with type: ColumnType) -> SQLValue {
        switch (type, value) {
        case (.date, .dateTime(let date)): .date(SQLDateText.dayText(date))
        case (.dateTime, .text(let text)), (.dateTime, .date(let text)):
            SQLDateText.date(text).map { .dateTime($0) } ?? value
        case (.numeric(let precision, _), _) where family == .sqlite && DecimalText.isBeyondDouble(precision):
            DecimalText.digits(of: value).map { .text($0) } ?? value
        default: value
        }
    }
}
