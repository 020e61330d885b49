extension Decimal128 {
    /// Orders two decimals by value: below zero when the first is smaller, zero when equal, above when larger.
    ///
    /// NaN equals NaN and is smaller than everything else, as MongoDB sorts it. Zeros are equal whatever their sign.
    public static func compare(_ lhs: Decimal128, _ rhs: Decimal128) -> Int {
        if lhs.isNaN || rhs.isNaN { return order(rhs.isNaN ? 1 : 0, lhs.isNaN ? 1 : 0) }
        guard let left = lhs.finite, let right = rhs.finite else { return order(lhs.infinitySign, rhs.infinitySign) }
        guard left.sign == right.sign else { return order(left.sign, right.sign) }
        return left.sign * compareMagnitudes(left, right)
    }

    /// Orders a decimal and a double by their exact values, like ``compare(_:_:)-(Decimal128,Decimal128)``.
    public static func compare(_ lhs: Decimal128, _ rhs: Double) -> Int {
        if lhs.isNaN || rhs.isNaN { return order(rhs.isNaN ? 1 : 0, lhs.isNaN ? 1 : 0) }
        // Rounding keeps the order, so that only numbers with the same nearest double need a closer look.
        let nearest = lhs.toDouble()
        guard nearest == rhs else { return order(nearest, rhs) }
        if let left = DecimalOrderKey(lhs), let right = DecimalOrderKey(rhs) { return order(left, right) }
        return order(lhs.infinitySign, rhs.isInfinite ? (rhs < 0 ? -1 : 1) : 0)
    }

    /// Orders a decimal and an integer by value, like ``compare(_:_:)-(Decimal128,Decimal128)``.
    public static func compare(_ lhs: Decimal128, _ rhs: Int64) -> Int {
        compare(lhs, Decimal128(rhs))
    }

    private var infinitySign: Int {
        isInfinite ? (isNegative ? -1 : 1) : 0
    }

    private static func order<Value: Comparable>(_ lhs: Value, _ rhs: Value) -> Int {
        lhs < rhs ? -1 : lhs == rhs ? 0 : 1
    }

    /// Compares two numbers that are not zero.
    private static func compareMagnitudes(_ left: Finite, _ right: Finite) -> Int {
        let leftDigits = left.coefficient.decimalDigitCount
        let rightDigits = right.coefficient.decimalDigitCount
        guard leftDigits + left.exponent == rightDigits + right.exponent else {
            return order(leftDigits + left.exponent, rightDigits + right.exponent)
        }
        // The first digits have the same power of ten, so that padding gives both as many digits.
        let digits = max(leftDigits, rightDigits)
        return order(
            left.coefficient * .powerOfTen(digits - leftDigits), right.coefficient * .powerOfTen(digits - rightDigits))
    }
}

extension Decimal128.Finite {
    /// -1, 0 or 1; both zeros have 0.
    fileprivate var sign: Int {
        coefficient == 0 ? 0 : negative ? -1 : 1
    }
}
