internal import GRDB

/// Functions by which SQLite computes with numbers that have more digits than a binary fraction keeps.
enum SQLiteDecimals {
    static let add = "decimal_add"
    static let subtract = "decimal_subtract"
    static let multiply = "decimal_multiply"
    static let sum = "decimal_sum"
    /// A value as a column of so many digits keeps it.
    static let fit = "decimal_fit"

    /// Makes the functions known to a connection.
    static func register(_ database: Database) {
        let pairs: [(String, @Sendable (String, String) -> String?)] = [
            (add, { DecimalText.sum($0, $1) }), (subtract, { DecimalText.difference($0, $1) }),
            (multiply, { DecimalText.product($0, $1) }),
        ]
        for (name, compute) in pairs {
            database.add(
                function: DatabaseFunction(name, argumentCount: 2, pure: true) { values in
                    guard let left = try digits(values[0]), let right = try digits(values[1]) else { return nil }
                    return compute(left, right)
                })
        }
        database.add(
            function: DatabaseFunction(fit, argumentCount: 3, pure: true) { values in
                guard let digits = try digits(values[0]), let precision = Int.fromDatabaseValue(values[1]),
                    let scale = Int.fromDatabaseValue(values[2])
                else { return nil }
                let rounded = DecimalText.rounded(digits, scale: scale)
                guard DecimalText.wholeDigits(rounded) <= precision - scale else {
                    throw DatabaseError(
                        resultCode: .SQLITE_MISMATCH,
                        message: "The number has more than \(precision - scale) digits before the point")
                }
                return rounded
            })
        database.add(function: DatabaseFunction(sum, argumentCount: 1, pure: true, aggregate: Sum.self))
    }

    private struct Sum: DatabaseAggregate {
        var total: String?

        mutating func step(_ values: [DatabaseValue]) throws {
            guard let digits = try SQLiteDecimals.digits(values[0]) else { return }
            total = total.map { DecimalText.sum($0, digits) } ?? digits
        }

        func finalize() -> (any DatabaseValueConvertible)? { total }
    }

    /// A value's digits; nil for none.
    private static func digits(_ value: DatabaseValue) throws -> String? {
        let plain: SQLValue
        switch value.storage {
        case .null: return nil
        case .int64(let number): plain = .integer(number)
        case .double(let number): plain = .double(number)
        case .string(let text): plain = .decimal(text)
        case .blob: plain = .null
        }
        guard let digits = DecimalText.digits(of: plain) else {
            throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "A value is no number")
        }
        return digits
    }
}
