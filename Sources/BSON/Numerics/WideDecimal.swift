/// The unrounded result of an operation: twice the digits of a ``Decimal128``, and how the rest compares with a half.
///
/// Every operation rounds exactly once, here, so that no result is rounded twice.
struct WideDecimal {
    /// What lies beyond the last digit kept, as a part of that digit's unit.
    enum Tail {
        case exact, belowHalf, half, aboveHalf

        /// Where a part stands of a whole.
        init(_ part: UInt128, of whole: UInt128) {
            // As part < whole, whole - part neither wraps nor loses the comparison with a half.
            let rest = whole - part
            self = part == 0 ? .exact : part < rest ? .belowHalf : part == rest ? .half : .aboveHalf
        }

        /// The tail of one unit less this tail.
        var complement: Tail {
            switch self {
            case .exact, .half: self
            case .belowHalf: .aboveHalf
            case .aboveHalf: .belowHalf
            }
        }

        /// This tail when another one, far smaller, follows it.
        func followed(by next: Tail) -> Tail {
            guard next != .exact else { return self }
            switch self {
            case .exact: return .belowHalf
            case .half: return .aboveHalf
            case .belowHalf, .aboveHalf: return self
            }
        }
    }

    /// The base of the two halves, `10^34`.
    static let base: UInt128 = Decimal128.largestCoefficient + 1

    var negative: Bool
    /// The leading 34 digits.
    var high: UInt128
    /// The trailing 34 digits.
    var low: UInt128
    var exponent: Int
    var tail: Tail

    init(negative: Bool, high: UInt128 = 0, low: UInt128, exponent: Int, tail: Tail = .exact) {
        self.negative = negative
        self.high = high
        self.low = low
        self.exponent = exponent
        self.tail = tail
    }

    /// The product of two factors, of which one is below `10^34` and the other not above it.
    init(negative: Bool, product lhs: UInt128, _ rhs: UInt128, exponent: Int) {
        let (high, low) = Self.base.dividingFullWidth(lhs.multipliedFullWidth(by: rhs))
        self.init(negative: negative, high: high, low: low, exponent: exponent)
    }

    /// Adds a number below `10^34`. The sum must not exceed 68 digits.
    mutating func add(_ number: UInt128, tail: Tail) {
        low += number
        if low >= Self.base {
            low -= Self.base
            high += 1
        }
        self.tail = tail
    }

    /// Subtracts a number below `10^34` and not above this one. The tail belongs to the number subtracted.
    mutating func subtract(_ number: UInt128, tail: Tail) {
        borrow(number)
        if tail != .exact { borrow(1) }
        self.tail = tail.complement
    }

    private mutating func borrow(_ number: UInt128) {
        if low < number {
            low += Self.base
            high -= 1
        }
        low -= number
    }

    var isZero: Bool { high == 0 && low == 0 && tail == .exact }

    private var digitCount: Int {
        high == 0 ? low.decimalDigitCount : high.decimalDigitCount + Decimal128.precision
    }

    /// The number without its last digits, of which at most 34 must remain, and what was cut off.
    private func dropping(_ count: Int) -> (kept: UInt128, tail: Tail) {
        switch count {
        case ...0:
            return (low, tail)
        case ...Decimal128.precision:
            let power = UInt128.powerOfTen(count)
            let (quotient, remainder) = low.quotientAndRemainder(dividingBy: power)
            let kept = high * .powerOfTen(Decimal128.precision - count) + quotient
            return (kept, Tail(remainder, of: power).followed(by: tail))
        case ...(2 * Decimal128.precision):
            let power = UInt128.powerOfTen(count - Decimal128.precision)
            let (quotient, remainder) = high.quotientAndRemainder(dividingBy: power)
            let lowTail = Tail(low, of: Self.base).followed(by: tail)
            return (quotient, Tail(remainder, of: power).followed(by: lowTail))
        default:
            return (0, isZero ? .exact : .belowHalf)
        }
    }

    /// Rounds to as many digits as asked for and as the smallest exponent allows.
    ///
    /// An exact result sheds trailing zeros until it has the preferred exponent.
    func rounded(
        toDigits precision: Int = Decimal128.precision, preferredExponent: Int,
        _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> (value: Decimal128, isExact: Bool) {
        let count = max(digitCount - precision, Decimal128.smallestExponent - exponent, 0)
        var (coefficient, tail) = dropping(count)
        var exponent = exponent + count
        if tail.roundsAway(rule, negative: negative, odd: coefficient & 1 == 1) {
            coefficient += 1
            if coefficient == .powerOfTen(precision) {
                coefficient = .powerOfTen(precision - 1)
                exponent += 1
            }
        }
        if tail == .exact {
            if coefficient == 0 { exponent = preferredExponent }
            while exponent < preferredExponent {
                let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
                guard remainder == 0 else { break }
                coefficient = quotient
                exponent += 1
            }
        }
        return (Decimal128(negative: negative, coefficient: coefficient, exponent: exponent), tail == .exact)
    }

    /// Rounds to a multiple of `10^exponent`, or returns nil when that takes more than 34 digits.
    ///
    /// The exponent must be one a ``Decimal128`` can have and this number no wider than one.
    func quantized(toExponent target: Int, _ rule: FloatingPointRoundingRule) -> Decimal128? {
        if target <= exponent {
            let shift = low == 0 ? 0 : exponent - target
            guard shift + low.decimalDigitCount <= Decimal128.precision else { return nil }
            return Decimal128(negative: negative, coefficient: low * .powerOfTen(shift), exponent: target)
        }
        var (coefficient, tail) = dropping(target - exponent)
        if tail.roundsAway(rule, negative: negative, odd: coefficient & 1 == 1) { coefficient += 1 }
        return Decimal128(negative: negative, coefficient: coefficient, exponent: target)
    }
}

extension WideDecimal.Tail {
    /// Whether rounding takes the digits before this tail one unit away from zero.
    func roundsAway(_ rule: FloatingPointRoundingRule, negative: Bool, odd: Bool) -> Bool {
        guard self != .exact else { return false }
        return switch rule {
        case .toNearestOrEven: self == .aboveHalf || (self == .half && odd)
        case .toNearestOrAwayFromZero: self != .belowHalf
        case .up: !negative
        case .down: negative
        case .awayFromZero: true
        case .towardZero: false
        @unknown default: self == .aboveHalf || (self == .half && odd)
        }
    }
}
