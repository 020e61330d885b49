/// A finite number's exact value as decimal digits, which orders decimals and doubles among each other.
///
/// Equal values have equal keys, whatever type and exponent they were stored with.
package struct DecimalOrderKey: Sendable, Hashable {
    /// Whether the number is below zero; a negative zero is not.
    package var negative: Bool

    /// The power of ten of the first digit: 2 for 123. Zero for the number zero.
    package var adjustedExponent: Int

    /// The digits from 0 to 9, neither starting nor ending with a zero. Empty for the number zero.
    package var digits: [UInt8]

    /// The exact value of a decimal, or nil for infinities and NaNs.
    package init?(_ value: Decimal128) {
        guard let (negative, coefficient, exponent) = value.normalized else { return nil }
        self.init(negative: negative, digits: Self.digits(of: coefficient), exponent: exponent)
    }

    /// The exact value of a double, or nil for infinities and NaNs.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        guard value != 0 else {
            self.init(negative: false, digits: [], exponent: 0)
            return
        }
        // value = significand × 2^power with an odd significand of at most 53 bits.
        let bits = value.significandWidth
        let significand = UInt64(value.significand.magnitude * Double(sign: .plus, exponent: bits, significand: 1))
        let power = Int(value.exponent) - bits
        // With 2^-n = 5^n × 10^-n only multiplications remain.
        var limbs = [significand]
        Self.multiply(&limbs, by: power < 0 ? 5 : 2, count: abs(power), chunk: power < 0 ? 25 : 59)
        var digits: [UInt8] = []
        for limb in limbs.reversed() {
            let part = Self.digits(of: UInt128(limb))
            if !digits.isEmpty { digits.append(contentsOf: repeatElement(0, count: 18 - part.count)) }
            digits.append(contentsOf: part)
        }
        self.init(negative: value < 0, digits: digits, exponent: min(power, 0))
    }

    /// Takes digits that do not start with a zero and the power of ten of the last one.
    private init(negative: Bool, digits: [UInt8], exponent: Int) {
        self.adjustedExponent = digits.isEmpty ? 0 : exponent + digits.count - 1
        let trailing = digits.reversed().prefix { $0 == 0 }.count
        self.digits = digits.dropLast(trailing)
        self.negative = negative && !digits.isEmpty
    }

    private static func digits(of number: UInt128) -> [UInt8] {
        var rest = number
        var digits: [UInt8] = []
        while rest != 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits.append(UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        digits.reverse()
        return digits
    }

    /// Multiplies limbs of 18 digits each, the least first, by `factor^count`, in chunks that stay below 10^18.
    private static func multiply(_ limbs: inout [UInt64], by factor: UInt64, count: Int, chunk: Int) {
        let base: UInt64 = 1_000_000_000_000_000_000
        var rest = count
        while rest > 0 {
            let step = min(rest, chunk)
            let multiplier = (0..<step).reduce(1 as UInt64) { power, _ in power * factor }
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = limbs[index].multipliedFullWidth(by: multiplier)
                let (low, overflow) = product.low.addingReportingOverflow(carry)
                (carry, limbs[index]) = base.dividingFullWidth((product.high + (overflow ? 1 : 0), low))
            }
            if carry != 0 { limbs.append(carry) }
            rest -= step
        }
    }
}

extension DecimalOrderKey: Comparable {
    package static func < (lhs: DecimalOrderKey, rhs: DecimalOrderKey) -> Bool {
        guard lhs.negative == rhs.negative else { return lhs.negative }
        return lhs.negative ? rhs.magnitudePrecedes(lhs) : lhs.magnitudePrecedes(rhs)
    }

    private func magnitudePrecedes(_ other: DecimalOrderKey) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        if adjustedExponent != other.adjustedExponent { return adjustedExponent < other.adjustedExponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension Decimal128 {
    /// A finite number with a coefficient free of trailing zeros, `coefficient × 10^exponent`.
    ///
    /// Zero has the exponent zero. Nil for infinities and NaNs.
    package var normalized: (negative: Bool, coefficient: UInt128, exponent: Int)? {
        guard var finite else { return nil }
        guard finite.coefficient != 0 else { return (finite.negative, 0, 0) }
        while true {
            let (quotient, remainder) = finite.coefficient.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return (finite.negative, finite.coefficient, finite.exponent) }
            finite.coefficient = quotient
            finite.exponent += 1
        }
    }

    /// The key that orders this number among decimals and doubles, or nil for infinities and NaNs.
    package var orderKey: DecimalOrderKey? { DecimalOrderKey(self) }
}
