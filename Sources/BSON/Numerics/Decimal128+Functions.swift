extension Decimal128 {
    /// The square root, rounded half to even to 34 digits; NaN for a number below zero.
    public func squareRoot() -> Decimal128 {
        guard let finite else { return isNaN || isNegative ? .nan : self }
        var (coefficient, exponent) = (finite.coefficient, finite.exponent)
        guard coefficient != 0 else {
            return Decimal128(negative: finite.negative, coefficient: 0, exponent: exponent >> 1)
        }
        guard !finite.negative else { return .nan }
        if exponent & 1 != 0 {
            coefficient *= 10
            exponent -= 1
        }
        // A radicand of 67 or 68 digits has a root of 34, and what it leaves tells how to round.
        let shift = (2 * Self.precision - coefficient.decimalDigitCount) & ~1
        let upper = max(shift - Self.precision, 0)
        let radicand = (coefficient * .powerOfTen(upper)).multipliedFullWidth(by: .powerOfTen(shift - upper))
        let root = Self.integerRoot(radicand)
        // The rest is at most twice the root, so that the upper half of the difference is zero.
        let rest = radicand.low &- root.multipliedFullWidth(by: root).low
        return WideDecimal(
            negative: false, low: root, exponent: (exponent - shift) / 2,
            tail: rest == 0 ? .exact : rest > root ? .aboveHalf : .belowHalf
        ).rounded(preferredExponent: exponent / 2).value
    }

    /// The integer part of the square root of a number from `10^66` on and below `10^68`.
    private static func integerRoot(_ radicand: (high: UInt128, low: UInt128)) -> UInt128 {
        // Newton's method comes down to the root from above, and stops there.
        let estimate = (Double(radicand.high) * 0x1p128 + Double(radicand.low)).squareRoot()
        var root = UInt128(estimate * (1 + 1e-14))
        while true {
            let next = (root + root.dividingFullWidth(radicand).quotient) / 2
            if next >= root { return root }
            root = next
        }
    }

    /// e to this number, in 34 digits.
    public func exponential() -> Decimal128 {
        guard let finite else { return isNaN ? .nan : isNegative ? .zero : self }
        guard finite.coefficient != 0 else { return Decimal128(1) }
        return Self.exponential(LongDecimal(finite))
    }

    private static func exponential(_ exponent: LongDecimal, negative: Bool = false) -> Decimal128 {
        // Far out of range either way.
        if exponent.adjustedExponent >= 5 {
            return exponent.negative
                ? Decimal128(negative: negative, coefficient: 0, exponent: smallestExponent)
                : infinity(negative: negative)
        }
        let result = exponent.exponential().rounded
        return negative ? -result : result
    }

    /// The natural logarithm, in 34 digits; NaN for a number below zero.
    public func naturalLogarithm() -> Decimal128 {
        logarithm { Decimal128.compare(self, .one) == 0 ? .zero : $0.naturalLogarithm().rounded }
    }

    /// The logarithm to the base ten, in 34 digits and exact for a power of ten; NaN for a number below zero.
    public func decimalLogarithm() -> Decimal128 {
        if let (_, coefficient, exponent) = normalized, coefficient == 1, !isNegative { return Decimal128(exponent) }
        return logarithm { ($0.naturalLogarithm() / .logarithmOfTen).rounded }
    }

    /// The logarithm to another base, in 34 digits; NaN for a number or a base below zero and for the base one.
    ///
    /// A whole result has no decimal places.
    public func logarithm(base: Decimal128) -> Decimal128 {
        if Decimal128.compare(base, .one) == 0 { return .nan }
        guard let left = finite, let right = base.finite, left.isPositive, right.isPositive else {
            return naturalLogarithm() / base.naturalLogarithm()
        }
        if Decimal128.compare(self, .one) == 0 { return .zero }
        let result = (LongDecimal(left).naturalLogarithm() / LongDecimal(right).naturalLogarithm()).rounded
        let whole = result.rounded()
        return Decimal128.compare(result, whole) == 0 ? whole : result
    }

    /// What all logarithms have in common outside of their domain.
    private func logarithm(_ body: (LongDecimal) -> Decimal128) -> Decimal128 {
        guard let finite else { return isNaN || isNegative ? .nan : self }
        guard finite.coefficient != 0 else { return -.infinity }
        return finite.negative ? .nan : body(LongDecimal(finite))
    }
}

// MARK: - Powers

extension Decimal128 {
    /// The number raised to a power, in 34 digits, and exact where the exponent is an integer and the result fits.
    ///
    /// Special cases are those of IEEE 754's `pow`: anything to the power zero is one, one to any power is one, and a
    /// negative number has a power only for integers.
    public func raised(to exponent: Decimal128) -> Decimal128 {
        if exponent.isZero || Decimal128.compare(self, .one) == 0 { return Decimal128(1) }
        if isNaN || exponent.isNaN { return .nan }
        guard let power = exponent.normalized else { return raisedToInfinity(exponent) }
        let isWhole = power.exponent >= 0
        let negative = isNegative && power.exponent == 0 && power.coefficient & 1 == 1
        guard let (_, coefficient, tens) = normalized, coefficient != 0 else {
            return isInfinite != exponent.isNegative
                ? .infinity(negative: negative) : Decimal128(negative: negative, coefficient: 0, exponent: 0)
        }
        guard isWhole || !isNegative else { return .nan }
        if coefficient == 1, tens == 0 { return Decimal128(negative ? -1 : 1) }
        if isWhole, let exact = exactPower(exponent, coefficient, tens, negative: negative) { return exact }
        guard let finite = magnitude.finite, let factor = exponent.finite else { return .nan }
        return Self.exponential(LongDecimal(finite).naturalLogarithm() * LongDecimal(factor), negative: negative)
    }

    private func raisedToInfinity(_ exponent: Decimal128) -> Decimal128 {
        let order = Decimal128.compare(magnitude, .one)
        if order == 0 { return Decimal128(1) }
        return (order > 0) != exponent.isNegative ? .infinity : .zero
    }

    /// The power by an integer, or nil where the coefficient's power takes more than 34 digits.
    private func exactPower(
        _ exponent: Decimal128, _ coefficient: UInt128, _ tens: Int, negative: Bool
    ) -> Decimal128? {
        // Larger exponents take the number out of range, or have too many digits.
        guard let count = exponent.toInt64(), (-13_000...13_000).contains(count), let finite else { return nil }
        let size = Int(count.magnitude)
        var power: UInt128 = 1
        if coefficient > 1 {
            for _ in 0..<size {
                let (product, overflow) = power.multipliedReportingOverflow(by: coefficient)
                guard !overflow, product <= Self.largestCoefficient else { return nil }
                power = product
            }
        }
        guard count < 0 else {
            // As many trailing zeros as repeated multiplication would keep: 100² is 10000, and 2.0² is 4.00.
            let zeros = min((tens - finite.exponent) * size, Self.precision - power.decimalDigitCount)
            let exponent = tens * size - zeros
            return WideDecimal(negative: negative, low: power * .powerOfTen(zeros), exponent: exponent)
                .rounded(preferredExponent: exponent).value
        }
        let inverse = Decimal128(1) / Decimal128(negative: negative, coefficient: power, exponent: 0)
        guard var result = inverse.finite.map({ WideDecimal($0) }) else { return nil }
        result.exponent -= tens * size
        return result.rounded(preferredExponent: result.exponent).value
    }
}

extension Decimal128 {
    static let one = Decimal128(1)
}

extension Decimal128.Finite {
    fileprivate var isPositive: Bool { !negative && coefficient != 0 }
}
