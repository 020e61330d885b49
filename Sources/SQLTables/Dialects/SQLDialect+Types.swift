extension SQLDialect {
    /// The words for a column's type.
    func typeName(_ type: ColumnType) throws(SQLError) -> String {
        let isSQLite = family == .sqlite
        switch type {
        case .integer: return "INTEGER"
        case .bigInteger: return isSQLite ? "INTEGER" : "BIGINT"
        case .double: return "DOUBLE"
        case .boolean: return "BOOLEAN"
        case .date: return "DATE"
        case .dateTime: return isSQLite ? "DATETIME" : "DATETIME(6)"
        case .text: return isSQLite ? "TEXT" : "LONGTEXT"
        case .json: return "JSON"
        case .binary: return isSQLite ? "BLOB" : "LONGBLOB"
        case .numeric(let precision, let scale):
            guard (1...65).contains(precision), (0...Swift.min(precision, 38)).contains(scale) else {
                throw SQLError(.usage, "numeric(\(precision), \(scale)): at most 65 digits, 38 of them after the point")
            }
            return "NUMERIC(\(precision), \(scale))"
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

    /// A value as a column of a type keeps it: a day for an instant, text for a JSON value.
    func stored(_ value: SQLValue, in type: ColumnType) -> SQLValue {
        switch (type, value) {
        case (.date, .dateTime(let date)): .date(SQLDateText.dayText(date))
        case (.boolean, .integer(let number)) where number == 0 || number == 1: .bool(number == 1)
        case (.numeric, .double(let number)) where number.isFinite: .decimal("\(number)")
        case (.numeric, .integer(let number)): .decimal("\(number)")
        default: value
        }
    }
}
