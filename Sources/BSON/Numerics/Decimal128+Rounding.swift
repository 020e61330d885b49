extension Decimal128 {
    /// The number as a multiple of `10^exponent`, with that exponent.
    ///
    /// NaN where this takes more than 34 digits or the exponent is out of range; an infinity stays what it is.
    public func quantized(
        toExponent exponent: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> Decimal128 {
        guard let finite else { return isNaN ? .nan : self }
        guard (Self.smallestExponent...Self.largestExponent).contains(exponent) else { return .nan }
        return WideDecimal(finite).quantized(toExponent: exponent, rule) ?? .nan
    }

    /// The number with as many decimal places; a negative count rounds to tens, hundreds and so on.
    ///
    /// A number that has no room for so many places has none beyond its own and stays what it is.
    public func rounded(
        toPlaces places: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> Decimal128 {
        // Beyond these bounds every number is rounded to nothing, or cannot have so many places.
        let exponent = -min(max(places, -Self.largestExponent), -Self.smallestExponent)
        guard let finite else { return isNaN ? .nan : self }
        return WideDecimal(finite).quantized(toExponent: exponent, rule) ?? self
    }

    /// The nearest integer in the direction of the rule; a number without decimal places stays what it is.
    public func rounded(_ rule: FloatingPointRoundingRule = .toNearestOrEven) -> Decimal128 {
        guard let finite else { return isNaN ? .nan : self }
        guard finite.exponent < 0 else { return self }
        return WideDecimal(finite).quantized(toExponent: 0, rule) ?? self
    }

    /// The largest integer not above the number.
    public var floor: Decimal128 { rounded(.down) }

    /// The smallest integer not below the number.
    public var ceiling: Decimal128 { rounded(.up) }

    /// The integer part.
    public var truncated: Decimal128 { rounded(.towardZero) }
}

extension WideDecimal {
    /// The number as it is.
    init(_ finite: Decimal128.Finite) {
        self.init(negative: finite.negative, low: finite.coefficient, exponent: finite.exponent)
    }
}
