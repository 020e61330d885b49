extension BSONArithmetic {
    /// The nearest integer in the direction of the rule, in the number's own type.
    package static func round(_ number: BSONNumber, _ rule: FloatingPointRoundingRule) -> BSONNumber {
        switch number {
        case .int32, .int64: number
        case .double(let value): .double(value.rounded(rule))
        case .decimal(let value): .decimal(value.rounded(rule))
        }
    }

    /// The largest integer not above the number, in its own type.
    package static func floor(_ number: BSONNumber) -> BSONNumber { round(number, .down) }

    /// The smallest integer not below the number, in its own type.
    package static func ceiling(_ number: BSONNumber) -> BSONNumber { round(number, .up) }

    /// The number with as many decimal places; a negative count rounds to tens, hundreds and so on.
    ///
    /// The type stays, but an int32 that grows out of its type becomes an int64. Nil where an int64 does so.
    package static func round(
        _ number: BSONNumber, toPlaces places: Int, _ rule: FloatingPointRoundingRule
    ) -> BSONNumber? {
        switch number {
        case .decimal(let value): return .decimal(value.rounded(toPlaces: places, rule))
        case .double(let value):
            guard value.isFinite, places != 0 else { return round(number, rule) }
            // Decimal digits are what is to be rounded, and a double has none; its exact value as a decimal has.
            return .double(Decimal128(nearest: value).rounded(toPlaces: places, rule).toDouble())
        case .int32(let value):
            return rounded(Int64(value), toPlaces: places, rule).map { narrowed($0, number, number) }
        case .int64(let value):
            return rounded(value, toPlaces: places, rule).map { .int64($0) }
        }
    }

    private static func rounded(_ value: Int64, toPlaces places: Int, _ rule: FloatingPointRoundingRule) -> Int64? {
        places < 0 ? Decimal128(value).rounded(toPlaces: places, rule).toInt64() : value
    }
}
