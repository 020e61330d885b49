/// Arithmetic with BSON numbers of any types, as MongoDB's expressions and updates do it.
///
/// The result has the wider of the two types, in the order int32, int64, double, decimal, and an int32 result that does
/// not fit becomes an int64. Where an int64 result does not fit, expressions go on with a double and updates fail: that
/// is what tells ``add(_:_:)`` from ``addChecked(_:_:)``. A double that meets a decimal is taken at 15 significant
/// digits.
///
/// A function whose result is optional returns nil where MongoDB answers with an error; the caller knows its words.
package enum BSONArithmetic {
    /// The sum; a double where int64 overflows.
    package static func add(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber {
        addChecked(a, b) ?? .double(a.double + b.double)
    }

    /// The sum; nil where int64 overflows.
    package static func addChecked(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber? {
        combine(a, b, { $0.addingReportingOverflow($1) }, { $0 + $1 }, { $0 + $1 })
    }

    /// The difference; a double where int64 overflows.
    package static func subtract(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber {
        combine(a, b, { $0.subtractingReportingOverflow($1) }, { $0 - $1 }, { $0 - $1 })
            ?? .double(a.double - b.double)
    }

    /// The product; a double where int64 overflows.
    package static func multiply(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber {
        multiplyChecked(a, b) ?? .double(a.double * b.double)
    }

    /// The product; nil where int64 overflows.
    package static func multiplyChecked(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber? {
        combine(a, b, { $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 }, { $0 * $1 })
    }

    /// The quotient, a decimal where one of the two is and a double elsewhere; nil for the divisor zero.
    package static func divide(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber? {
        if b.isZero { return nil }
        return a.isDecimal || b.isDecimal ? .decimal(a.decimal / b.decimal) : .double(a.double / b.double)
    }

    /// The remainder, with the sign of the dividend; nil for the divisor zero.
    package static func remainder(_ a: BSONNumber, _ b: BSONNumber) -> BSONNumber? {
        if b.isZero { return nil }
        // The least integer by -1 would overflow; what remains of any integer by -1 is zero.
        return combine(
            a, b, { (partialValue: $1 == -1 ? 0 : $0 % $1, overflow: false) },
            { $0.truncatingRemainder(dividingBy: $1) }, { $0.truncatingRemainder(dividingBy: $1) })
    }

    /// The number with the opposite sign, in the next wider type where that does not fit.
    package static func negate(_ number: BSONNumber) -> BSONNumber {
        switch number {
        case .double(let value): .double(-value)
        case .decimal(let value): .decimal(-value)
        default: subtract(.int32(0), number)
        }
    }

    /// The number without its sign, an int64 for the least int32; nil for the least int64.
    package static func absolute(_ number: BSONNumber) -> BSONNumber? {
        switch number {
        case .double(let value): return .double(value.magnitude)
        case .decimal(let value): return .decimal(value.magnitude)
        case .int32, .int64:
            guard number.isNegative else { return number }
            let result = negate(number)
            return result.integer == nil ? nil : result
        }
    }

    private static func combine(
        _ a: BSONNumber, _ b: BSONNumber,
        _ integers: (Int64, Int64) -> (partialValue: Int64, overflow: Bool),
        _ doubles: (Double, Double) -> Double,
        _ decimals: (Decimal128, Decimal128) -> Decimal128
    ) -> BSONNumber? {
        if let x = a.integer, let y = b.integer {
            let (result, overflow) = integers(x, y)
            return overflow ? nil : narrowed(result, a, b)
        }
        if a.isDecimal || b.isDecimal { return .decimal(decimals(a.decimal, b.decimal)) }
        return .double(doubles(a.double, b.double))
    }

    /// An integer in the narrowest type that holds it and is not below the two operands'.
    static func narrowed(_ result: Int64, _ a: BSONNumber, _ b: BSONNumber) -> BSONNumber {
        if case (.int32, .int32) = (a, b), let small = Int32(exactly: result) { return .int32(small) }
        return .int64(result)
    }
}
