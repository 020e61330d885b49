extension Decimal128 {
    /// The number with the opposite sign; NaN stays what it is.
    public static prefix func - (value: Decimal128) -> Decimal128 {
        value.isNaN ? value : Decimal128(high: value.high ^ signBit, low: value.low)
    }

    /// The number without its sign; NaN stays what it is.
    public var magnitude: Decimal128 {
        isNegative ? -self : self
    }

    /// The sum, rounded half to even to 34 digits.
    public static func + (lhs: Decimal128, rhs: Decimal128) -> Decimal128 {
        guard !lhs.isNaN, !rhs.isNaN else { return .nan }
        guard let left = lhs.finite else {
            return rhs.isInfinite && lhs.isNegative != rhs.isNegative ? .nan : infinity(negative: lhs.isNegative)
        }
        guard let right = rhs.finite else { return infinity(negative: rhs.isNegative) }
        return left.exponent >= right.exponent ? sum(left, right) : sum(right, left)
    }

    /// The difference, rounded half to even to 34 digits.
    public static func - (lhs: Decimal128, rhs: Decimal128) -> Decimal128 {
        lhs + -rhs
    }

    /// The product, rounded half to even to 34 digits.
    public static func * (lhs: Decimal128, rhs: Decimal128) -> Decimal128 {
        guard !lhs.isNaN, !rhs.isNaN else { return .nan }
        let negative = lhs.isNegative != rhs.isNegative
        guard let left = lhs.finite, let right = rhs.finite else {
            return lhs.isZero || rhs.isZero ? .nan : infinity(negative: negative)
        }
        let exponent = left.exponent + right.exponent
        return WideDecimal(
            negative: negative, product: left.coefficient, right.coefficient, exponent: exponent
        ).rounded(preferredExponent: exponent).value
    }

    /// The quotient, rounded half to even to 34 digits.
    ///
    /// Dividing by zero gives an infinity, and zero by zero NaN.
    public static func / (lhs: Decimal128, rhs: Decimal128) -> Decimal128 {
        guard !lhs.isNaN, !rhs.isNaN else { return .nan }
        let negative = lhs.isNegative != rhs.isNegative
        guard let left = lhs.finite else { return rhs.isInfinite ? .nan : infinity(negative: negative) }
        guard let right = rhs.finite else {
            return Decimal128(negative: negative, coefficient: 0, exponent: smallestExponent)
        }
        guard right.coefficient != 0 else { return left.coefficient == 0 ? .nan : infinity(negative: negative) }
        // A dividend of 68 digits leaves at least 34 in the quotient; the remainder tells how to round the last one.
        let shift = precision - left.coefficient.decimalDigitCount
        let divisor = right.coefficient
        let (high, rest) = (left.coefficient * .powerOfTen(shift)).quotientAndRemainder(dividingBy: divisor)
        let (low, remainder) = divisor.dividingFullWidth(rest.multipliedFullWidth(by: WideDecimal.base))
        let exponent = left.exponent - right.exponent
        return WideDecimal(
            negative: negative, high: high, low: low, exponent: exponent - shift - precision,
            tail: WideDecimal.Tail(remainder, of: divisor)
        ).rounded(preferredExponent: exponent).value
    }

    /// What remains of the number after taking away the divisor a whole number of times, exactly and with its own sign.
    ///
    /// NaN for an infinite number and for the divisor zero.
    public func truncatingRemainder(dividingBy divisor: Decimal128) -> Decimal128 {
        guard let left = finite, !divisor.isNaN else { return .nan }
        guard let right = divisor.finite else { return self }
        guard right.coefficient != 0 else { return .nan }
        return Decimal128(
            negative: left.negative, coefficient: Self.remainder(left, right),
            exponent: min(left.exponent, right.exponent))
    }

    /// The coefficient of the remainder at the smaller one of the two exponents. The divisor must not be zero.
    private static func remainder(_ left: Finite, _ right: Finite) -> UInt128 {
        let shift = left.exponent - right.exponent
        let divisor = right.coefficient
        guard shift < 0 else {
            return product(left.coefficient % divisor, powerOfTen(shift, modulo: divisor), modulo: divisor)
        }
        guard -shift <= precision else { return left.coefficient }
        let scaled = divisor.multipliedFullWidth(by: .powerOfTen(-shift))
        guard scaled.high == 0 else { return left.coefficient }
        return left.coefficient % scaled.low
    }

    private static func powerOfTen(_ exponent: Int, modulo divisor: UInt128) -> UInt128 {
        var result = 1 % divisor
        var square = 10 % divisor
        var exponent = exponent
        while exponent > 0 {
            if exponent & 1 == 1 { result = product(result, square, modulo: divisor) }
            square = product(square, square, modulo: divisor)
            exponent >>= 1
        }
        return result
    }

    /// The product of two factors below the divisor, modulo the divisor.
    private static func product(_ lhs: UInt128, _ rhs: UInt128, modulo divisor: UInt128) -> UInt128 {
        divisor.dividingFullWidth(lhs.multipliedFullWidth(by: rhs)).remainder
    }

    /// The sum of two finite numbers, of which the first has the larger exponent.
    private static func sum(_ left: Finite, _ right: Finite) -> Decimal128 {
        let sameSign = left.negative == right.negative
        guard left.coefficient != 0 else {
            let negative = right.coefficient == 0 ? left.negative && right.negative : right.negative
            return Decimal128(negative: negative, coefficient: right.coefficient, exponent: right.exponent)
        }
        // Bring the numbers as close together as the first one's 34 digits allow, and then as 68 do.
        var distance = left.exponent - right.exponent
        let shift = min(precision - left.coefficient.decimalDigitCount, distance)
        let coefficient = left.coefficient * .powerOfTen(shift)
        distance -= shift
        let widening = min(distance, precision)
        distance -= widening
        var result = WideDecimal(
            negative: left.negative, product: coefficient, .powerOfTen(widening), exponent: right.exponent + distance)
        // Whatever of the second number still lies beyond 68 digits only decides how to round.
        var addend = right.coefficient
        var tail = WideDecimal.Tail.exact
        if distance > precision {
            tail = addend == 0 ? .exact : .belowHalf
            addend = 0
        } else if distance > 0 {
            let power = UInt128.powerOfTen(distance)
            tail = WideDecimal.Tail(addend % power, of: power)
            addend /= power
        }
        if sameSign {
            result.add(addend, tail: tail)
        } else if result.high == 0 && result.low < addend {
            // Only numbers of the same exponent range get here, without a tail.
            result.low = addend - result.low
            result.negative = right.negative
        } else {
            result.subtract(addend, tail: tail)
        }
        if result.isZero { result.negative = false }
        return result.rounded(preferredExponent: right.exponent).value
    }
}
