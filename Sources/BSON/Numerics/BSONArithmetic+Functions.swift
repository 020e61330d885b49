#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Functions whose result is a decimal for a decimal, and a double for any other number.
///
/// Logarithms of a decimal NaN are the exception: MongoDB answers with a double there.
extension BSONArithmetic {
    /// The square root; nil for a number below zero.
    package static func squareRoot(_ number: BSONNumber) -> BSONNumber? {
        number.isNegative ? nil : apply(number, { $0.squareRoot() }, { $0.squareRoot() })
    }

    /// e to the number.
    package static func exponential(_ number: BSONNumber) -> BSONNumber {
        apply(number, { exp($0) }, { $0.exponential() })
    }

    /// The natural logarithm; nil for a number that is not positive.
    package static func naturalLogarithm(_ number: BSONNumber) -> BSONNumber? {
        logarithm(number, { log($0) }, { $0.naturalLogarithm() })
    }

    /// The logarithm to the base ten; nil for a number that is not positive.
    package static func decimalLogarithm(_ number: BSONNumber) -> BSONNumber? {
        logarithm(number, { log10($0) }, { $0.decimalLogarithm() })
    }

    /// The logarithm to a base, a decimal where one of the two is one.
    ///
    /// Nil where ``hasLogarithm(_:)`` is false for the number or ``isBase(_:)`` for the base.
    package static func logarithm(_ number: BSONNumber, base: BSONNumber) -> BSONNumber? {
        guard hasLogarithm(number), isBase(base) else { return nil }
        if number.isNaN || base.isNaN { return .double(.nan) }
        guard number.isDecimal || base.isDecimal else { return .double(log(number.double) / log(base.double)) }
        return .decimal(number.decimal.logarithm(base: base.decimal))
    }

    /// Whether the number is positive, or NaN, which is its own logarithm.
    package static func hasLogarithm(_ number: BSONNumber) -> Bool { number.isPositive || number.isNaN }

    /// Whether the number is the base of a logarithm: positive and not one, or NaN.
    package static func isBase(_ number: BSONNumber) -> Bool {
        guard hasLogarithm(number) else { return false }
        return if case .decimal(let value) = number { Decimal128.compare(value, .one) != 0 } else { number.double != 1 }
    }

    /// The power; nil for the base zero and an exponent below zero.
    ///
    /// Two integers have an integer for a result, of the wider type and an int64 where int32 overflows, as long as it is
    /// a whole number that fits; a double elsewhere.
    package static func power(_ base: BSONNumber, _ exponent: BSONNumber) -> BSONNumber? {
        if base.isZero, exponent.isNegative { return nil }
        if let x = base.integer, let n = exponent.integer {
            if let exact = integerPower(x, n) { return narrowed(exact, base, exponent) }
        } else if base.isDecimal || exponent.isDecimal {
            return .decimal(base.decimal.raised(to: exponent.decimal))
        }
        return .double(pow(base.double, exponent.double))
    }

    /// The power, or nil where it is no integer or has more than 64 bits.
    private static func integerPower(_ base: Int64, _ exponent: Int64) -> Int64? {
        switch base {
        case 0: return exponent == 0 ? 1 : 0
        case 1: return 1
        case -1: return exponent & 1 == 0 ? 1 : -1
        default:
            guard (0..<64).contains(exponent) else { return nil }
            var result: Int64 = 1
            for _ in 0..<exponent {
                let (product, overflow) = result.multipliedReportingOverflow(by: base)
                if overflow { return nil }
                result = product
            }
            return result
        }
    }

    private static func logarithm(
        _ number: BSONNumber, _ doubles: (Double) -> Double, _ decimals: (Decimal128) -> Decimal128
    ) -> BSONNumber? {
        if number.isNaN { return .double(.nan) }
        return number.isPositive ? apply(number, doubles, decimals) : nil
    }

    private static func apply(
        _ number: BSONNumber, _ doubles: (Double) -> Double, _ decimals: (Decimal128) -> Decimal128
    ) -> BSONNumber {
        if case .decimal(let value) = number { .decimal(decimals(value)) } else { .double(doubles(number.double)) }
    }
}
