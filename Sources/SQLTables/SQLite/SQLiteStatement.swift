internal import CSQLite
internal import Foundation

/// A prepared statement: binds values, runs, and reads rows.
struct SQLiteStatement {
    let handle: OpaquePointer
    let database: OpaquePointer

    /// Has SQLite copy what it is given.
    private static var copies: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    func run(_ compiled: CompiledSQL, isReadOnly: Bool) throws(SQLError) -> SQLResult {
        guard Int(sqlite3_bind_parameter_count(handle)) == compiled.parameters.count else {
            throw SQLError(
                .usage,
                "The statement has \(sqlite3_bind_parameter_count(handle)) ?s for \(compiled.parameters.count) values")
        }
        // What the last run failed with is no news.
        sqlite3_reset(handle)
        let changesBefore = sqlite3_total_changes64(database)
        let inserts = compiled.text.hasPrefix("INSERT")
        // Otherwise an insert that conflicts would show the number that an earlier one gave.
        if inserts { sqlite3_set_last_insert_rowid(database, 0) }
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in compiled.parameters.enumerated() {
            guard bind(value, Int32(clamping: index + 1)) == SQLITE_OK else { throw lastError }
        }
        var rows: [SQLRow] = []
        var names: SQLColumnNames?
        var decimals: [Bool] = []
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else { throw lastError }
                break
            }
            // The columns are known for sure once a step has prepared the statement anew after a change of its tables.
            let count = sqlite3_column_count(handle)
            let columns = names ?? SQLColumnNames((0..<count).map(name))
            if names == nil { decimals = (0..<count).map(isDecimal) }
            names = columns
            rows.append(SQLRow(columns: columns, values: (0..<count).map { value($0, isDecimal: decimals[Int($0)]) }))
        }
        // Statements that change no rows leave the count of the last one that did.
        let hasChanged = !isReadOnly && sqlite3_total_changes64(database) != changesBefore
        let id = inserts ? sqlite3_last_insert_rowid(database) : 0
        return SQLResult(
            rows: rows, affectedRows: hasChanged ? Int(sqlite3_changes(database)) : 0,
            lastInsertID: id == 0 ? nil : id)
    }

    private var lastError: SQLError {
        let message = sqlite3_errmsg(database).map { String(cString: $0) } ?? "SQLite says nothing"
        return SQLiteErrors.error(code: sqlite3_extended_errcode(database), message: message)
    }

    private func bind(_ value: SQLValue, _ index: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .bool(let value): sqlite3_bind_int64(handle, index, value ? 1 : 0)
        case .integer(let value): sqlite3_bind_int64(handle, index, value)
        case .double(let value): sqlite3_bind_double(handle, index, value)
        case .decimal(let digits): bind(decimal: digits, index)
        case .text(let text), .date(let text): bind(text, index)
        case .dateTime(let date): bind(SQLDateText.text(date), index)
        case .binary(let bytes):
            // A pointer to nothing would bind null.
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(handle, index, 0)
                : bytes.withUnsafeBytes {
                    sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), Self.copies)
                }
        }
    }

    /// As a number where it keeps all digits, so that it compares with sums and other expressions; as text otherwise.
    private func bind(decimal digits: String, _ index: Int32) -> Int32 {
        if let number = Int64(digits) { return sqlite3_bind_int64(handle, index, number) }
        let isWhole = !DecimalText.isBeyondDouble(DecimalText.significantDigits(digits))
        guard isWhole, let number = Double(digits) else { return bind(digits, index) }
        return sqlite3_bind_double(handle, index, number)
    }

    private func bind(_ text: String, _ index: Int32) -> Int32 {
        guard !text.isEmpty else { return sqlite3_bind_text(handle, index, "", 0, Self.copies) }
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                sqlite3_bind_text64(
                    handle, index, characters.baseAddress, UInt64(characters.count), Self.copies, UInt8(SQLITE_UTF8))
            }
        }
    }

    private func name(_ index: Int32) -> String { sqlite3_column_name(handle, index).map { String(cString: $0) } ?? "" }

    /// Whether it is a column of numbers that are kept as texts.
    private func isDecimal(_ index: Int32) -> Bool {
        guard let type = sqlite3_column_decltype(handle, index) else { return false }
        return strncmp(type, DecimalText.typeName, DecimalText.typeName.utf8.count) == 0
    }

    private func value(_ index: Int32, isDecimal: Bool) -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .double(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(handle, index) else { return .text("") }
            let count = Int(sqlite3_column_bytes(handle, index))
            let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
            return isDecimal ? .decimal(text) : .text(text)
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(handle, index) else { return .binary([]) }
            return .binary(
                [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))))
        default: return .null
        }
    }
}
