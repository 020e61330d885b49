extension Decimal128 {
    /// A double rounded half to even to 15 significant digits, all of them kept: `0.5` becomes `0.500000000000000`.
    ///
    /// This is how MongoDB turns a double into a decimal: 15 digits are what every double keeps of a decimal number.
    public init(_ value: Double) {
        self.init(nearest: value)
        guard let finite, finite.coefficient != 0 else { return }
        let digits = 15
        self = WideDecimal(finite).rounded(toDigits: digits, preferredExponent: finite.exponent).value
        guard let rounded = self.finite, rounded.coefficient.decimalDigitCount < digits else { return }
        let shift = digits - rounded.coefficient.decimalDigitCount
        self.init(
            negative: rounded.negative, coefficient: rounded.coefficient * .powerOfTen(shift),
            exponent: rounded.exponent - shift)
    }

    /// A double's exact value, rounded half to even to 34 digits where it has more.
    public init(nearest value: Double) {
        guard let key = DecimalOrderKey(value) else {
            self = value.isNaN ? .nan : .infinity(negative: value < 0)
            return
        }
        var digits = DigitAccumulator()
        for digit in key.digits { digits.append(digit) }
        if !key.digits.isEmpty { digits.exponent = key.adjustedExponent - key.digits.count + 1 }
        var wide = digits.wide(negative: value.sign == .minus)
        // An integer keeps the exponent zero while its digits fit.
        if wide.exponent > 0, wide.low.decimalDigitCount + wide.exponent <= Self.precision {
            wide.low *= .powerOfTen(wide.exponent)
            wide.exponent = 0
        }
        self = wide.rounded(preferredExponent: wide.exponent).value
    }

    /// The nearest double, which is infinite where the number is out of its range.
    public func toDouble() -> Double {
        guard let finite else { return isNaN ? .nan : isNegative ? -.infinity : .infinity }
        let sign: FloatingPointSign = finite.negative ? .minus : .plus
        let magnitude: Double
        let adjusted = finite.exponent + finite.coefficient.decimalDigitCount - 1
        if finite.coefficient == 0 || adjusted < -330 {
            magnitude = 0
        } else if adjusted > 310 {
            magnitude = .infinity
        } else if finite.coefficient < 1 << 53, (-22...22).contains(finite.exponent) {
            // Both are exact as doubles, so that the one operation rounds correctly.
            let power = Double(UInt128.powerOfTen(abs(finite.exponent)))
            magnitude = finite.exponent < 0 ? Double(finite.coefficient) / power : Double(finite.coefficient) * power
        } else {
            magnitude = Double("\(finite.coefficient)e\(finite.exponent)") ?? .nan
        }
        return Double(signOf: sign == .minus ? -1 : 1, magnitudeOf: magnitude)
    }

    /// The integer part, or nil where an `Int64` cannot hold it.
    public func toInt64() -> Int64? { Int64(exactly: truncated) }
}
