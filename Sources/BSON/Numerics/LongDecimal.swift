#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A floating-point number of 68 decimal digits, for the steps between a decimal and a function's decimal result.
///
/// Every operation cuts off what lies beyond about the 67th digit. A few hundred steps still leave far more digits right
/// than the 34 that the result is rounded to, so that it is the nearest one in all but contrived cases.
struct LongDecimal {
    let negative: Bool
    /// The leading 34 digits, of which the first is zero only in the number zero.
    let high: UInt128
    /// The trailing 34 digits.
    let low: UInt128
    /// The power of ten that the last digit stands for.
    private(set) var exponent: Int

    private static let base = WideDecimal.base
    private static let half = Decimal128.precision

    /// Takes a leading part of any size and a trailing one below `10^34`, and shifts them into place.
    private init(negative: Bool, high: UInt128, low: UInt128, exponent: Int) {
        self.negative = negative
        let digits = high.decimalDigitCount
        if high == 0 {
            let shift = Self.half - low.decimalDigitCount
            self.high = low * .powerOfTen(shift)
            self.low = 0
            self.exponent = low == 0 ? 0 : exponent - shift - Self.half
        } else if digits <= Self.half {
            let shift = Self.half - digits
            let (top, rest) = low.quotientAndRemainder(dividingBy: .powerOfTen(digits))
            self.high = high * .powerOfTen(shift) + top
            self.low = rest * .powerOfTen(shift)
            self.exponent = exponent - shift
        } else {
            let shift = digits - Self.half
            let (top, rest) = high.quotientAndRemainder(dividingBy: .powerOfTen(shift))
            self.high = top
            self.low = rest * .powerOfTen(Self.half - shift) + low / .powerOfTen(shift)
            self.exponent = exponent + shift
        }
    }

    /// `coefficient × 10^exponent`, with a sign.
    init(negative: Bool = false, coefficient: UInt128, exponent: Int = 0) {
        let (high, low) = coefficient.quotientAndRemainder(dividingBy: Self.base)
        self.init(negative: negative, high: high, low: low, exponent: exponent)
    }

    init(_ value: Decimal128.Finite) {
        self.init(negative: value.negative, coefficient: value.coefficient, exponent: value.exponent)
    }

    init(_ value: Int) {
        self.init(negative: value < 0, coefficient: UInt128(value.magnitude))
    }

    static let one = LongDecimal(1)

    /// The natural logarithm of ten.
    static let logarithmOfTen = LongDecimal(
        negative: false, high: 2_302_585_092_994_045_684_017_991_454_684_364,
        low: 2_076_011_014_886_287_729_760_333_279_009_675, exponent: -67)

    /// The nearest decimal, taken for inexact: all of its 34 digits are kept.
    var rounded: Decimal128 {
        WideDecimal(negative: negative, high: high, low: low, exponent: exponent, tail: .belowHalf)
            .rounded(preferredExponent: exponent).value
    }

    private var double: Double { rounded.toDouble() }

    private var isZero: Bool { high == 0 }

    /// The power of ten of the first digit: 2 for 123.
    var adjustedExponent: Int { exponent + 2 * Self.half - 1 }
}

// MARK: - Arithmetic

extension LongDecimal {
    static prefix func - (value: LongDecimal) -> LongDecimal {
        LongDecimal(negative: !value.negative, high: value.high, low: value.low, exponent: value.exponent)
    }

    static func + (lhs: LongDecimal, rhs: LongDecimal) -> LongDecimal {
        if lhs.isZero { return rhs }
        if rhs.isZero { return lhs }
        // The exponents tell which one is larger, as both have all 68 digits.
        let (large, small) =
            (lhs.exponent, lhs.high, lhs.low) >= (rhs.exponent, rhs.high, rhs.low) ? (lhs, rhs) : (rhs, lhs)
        let (high, low) = small.parts(shifted: large.exponent - small.exponent)
        if large.negative == small.negative {
            let sum = large.low + low
            let carries = sum >= base
            return LongDecimal(
                negative: large.negative, high: large.high + high + (carries ? 1 : 0), low: carries ? sum - base : sum,
                exponent: large.exponent)
        }
        let borrows = large.low < low
        return LongDecimal(
            negative: large.negative, high: large.high - high - (borrows ? 1 : 0),
            low: borrows ? large.low + base - low : large.low - low, exponent: large.exponent)
    }

    static func - (lhs: LongDecimal, rhs: LongDecimal) -> LongDecimal { lhs + -rhs }

    /// The two parts without the last digits.
    private func parts(shifted count: Int) -> (high: UInt128, low: UInt128) {
        switch count {
        case 0: return (high, low)
        case ..<Self.half:
            let (top, rest) = high.quotientAndRemainder(dividingBy: .powerOfTen(count))
            return (top, rest * .powerOfTen(Self.half - count) + low / .powerOfTen(count))
        case ..<(2 * Self.half): return (0, high / .powerOfTen(count - Self.half))
        default: return (0, 0)
        }
    }

    static func * (lhs: LongDecimal, rhs: LongDecimal) -> LongDecimal {
        func product(_ a: UInt128, _ b: UInt128) -> (high: UInt128, low: UInt128) {
            let (quotient, remainder) = base.dividingFullWidth(a.multipliedFullWidth(by: b))
            return (quotient, remainder)
        }
        let top = product(lhs.high, rhs.high)
        let left = product(lhs.high, rhs.low)
        let right = product(lhs.low, rhs.high)
        let bottom = product(lhs.low, rhs.low)
        let carry = (bottom.high + left.low + right.low) / base
        let (next, low) = (top.low + left.high + right.high + carry).quotientAndRemainder(dividingBy: base)
        return LongDecimal(
            negative: lhs.negative != rhs.negative, high: top.high + next, low: low,
            exponent: lhs.exponent + rhs.exponent + 2 * half)
    }

    /// The quotient. The divisor must not be zero.
    static func / (lhs: LongDecimal, rhs: LongDecimal) -> LongDecimal {
        var rest = lhs
        var quotient = LongDecimal(0)
        // Dividing by the leading half alone gives 33 digits of the quotient, and the next ones from what remains.
        for _ in 0..<3 {
            var (high, low) = rest.high.multipliedFullWidth(by: base)
            let (sum, overflow) = low.addingReportingOverflow(rest.low)
            low = sum
            if overflow { high += 1 }
            let part = LongDecimal(
                negative: rest.negative != rhs.negative, coefficient: rhs.high.dividingFullWidth((high, low)).quotient,
                exponent: rest.exponent - rhs.exponent - half)
            quotient = quotient + part
            rest = rest - part * rhs
        }
        return quotient
    }

    /// The quotient by a divisor from 1 to 10000.
    static func / (lhs: LongDecimal, rhs: UInt16) -> LongDecimal {
        let (high, rest) = lhs.high.quotientAndRemainder(dividingBy: UInt128(rhs))
        return LongDecimal(
            negative: lhs.negative, high: high, low: (rest * base + lhs.low) / UInt128(rhs), exponent: lhs.exponent)
    }
}

// MARK: - Functions

extension LongDecimal {
    /// e to the number, which must be below a million and above minus a million.
    func exponential() -> LongDecimal {
        // e^x = 10^k × e^(x - k ln 10), and the remainder's power is the 1024th of its 1024th part.
        let tens = Int((double / 2.302585092994046).rounded())
        let part = (self - Self.logarithmOfTen * LongDecimal(tens)) / 1024
        // The part is below 0.00114, whose 19th power by 19! is below 10^-68.
        var sum = Self.one
        for divisor in (1...19).reversed() { sum = Self.one + sum * part / UInt16(divisor) }
        for _ in 0..<10 { sum = sum * sum }
        sum.exponent += tens
        return sum
    }

    /// The natural logarithm. The number must be positive.
    func naturalLogarithm() -> LongDecimal {
        // x = m × 10^k with m from 0.3 to 3, so that ln m never cancels out k ln 10.
        let isLarge = high >= Self.base / 10 * 3
        var mantissa = self
        mantissa.exponent = isLarge ? -68 : -67
        let tens = exponent - mantissa.exponent
        // ln m = g + ln(m / e^g) with a guess g so near that a short series does the rest.
        var guess = LongDecimal(0)
        if let value = Decimal128(log(mantissa.double)).finite { guess = LongDecimal(value) }
        let rest = mantissa * (-guess).exponential() - Self.one
        let ratio = rest / (rest + LongDecimal(2))
        let square = ratio * ratio
        let series = ratio + ratio * square / 3 + ratio * square * square / 5
        return LongDecimal(tens) * Self.logarithmOfTen + (guess + series + series)
    }
}
