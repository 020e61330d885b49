/// A 128-bit IEEE 754-2008 decimal floating-point number in its binary integer encoding, as BSON stores it.
///
/// Equality and hashing go by the stored bits, so that `1.0` and `1.00` differ and a document keeps what it was given.
/// ``compare(_:_:)-(Decimal128,Decimal128)`` orders by numeric value.
public struct Decimal128: Sendable, Hashable {
    /// The upper half: sign, exponent and the leading bits of the coefficient.
    public var high: UInt64

    /// The lower half: the trailing 64 bits of the coefficient.
    public var low: UInt64

    /// Takes the two halves of the encoding as they are; every bit pattern is a value.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The integer, exactly.
    public init(_ value: Int64) {
        self.init(negative: value < 0, coefficient: UInt128(value.magnitude), exponent: 0)
    }

    /// The integer, exactly.
    public init(_ value: Int) {
        self.init(Int64(value))
    }
}

extension Decimal128 {
    /// The canonical quiet NaN.
    public static let nan = Decimal128(high: 0x7C00_0000_0000_0000, low: 0)

    /// Positive infinity.
    public static let infinity = Decimal128(high: 0x7800_0000_0000_0000, low: 0)

    /// Zero with the exponent zero.
    public static let zero = Decimal128(high: 0x3040_0000_0000_0000, low: 0)

    /// Whether the value is not a number, quiet or signaling.
    public var isNaN: Bool { high & 0x7C00_0000_0000_0000 == 0x7C00_0000_0000_0000 }

    /// Whether the value is positive or negative infinity.
    public var isInfinite: Bool { high & 0x7C00_0000_0000_0000 == 0x7800_0000_0000_0000 }

    /// Whether the value is neither infinite nor NaN.
    public var isFinite: Bool { high & 0x7800_0000_0000_0000 != 0x7800_0000_0000_0000 }

    /// Whether the sign bit is set, which zeros and NaNs may have too.
    public var isNegative: Bool { high & Self.signBit != 0 }

    /// Whether the value is a zero of either sign and any exponent.
    public var isZero: Bool { finite?.coefficient == 0 }
}

extension Decimal128 {
    /// A finite number taken apart: `coefficient × 10^exponent` and a sign.
    struct Finite {
        var negative: Bool
        /// At most ``Decimal128/largestCoefficient``.
        var coefficient: UInt128
        /// From ``Decimal128/smallestExponent`` to ``Decimal128/largestExponent``.
        var exponent: Int
    }

    static let signBit: UInt64 = 0x8000_0000_0000_0000
    static let precision = 34
    static let largestCoefficient: UInt128 = 9_999_999_999_999_999_999_999_999_999_999_999
    static let smallestExponent = -6176
    static let largestExponent = 6111

    /// The parts of a finite number, or nil for infinities and NaNs.
    ///
    /// A coefficient of more than 34 digits is not canonical, and the standard reads it as zero.
    var finite: Finite? {
        guard isFinite else { return nil }
        // With these two bits set the coefficient would start with an implied 0b100, which is always too large.
        if high & 0x6000_0000_0000_0000 == 0x6000_0000_0000_0000 {
            let biased = Int((high >> 47) & 0x3FFF)
            return Finite(negative: isNegative, coefficient: 0, exponent: biased + Self.smallestExponent)
        }
        let biased = Int((high >> 49) & 0x3FFF)
        let coefficient = UInt128(high & 0x1_FFFF_FFFF_FFFF) << 64 | UInt128(low)
        return Finite(
            negative: isNegative,
            coefficient: coefficient > Self.largestCoefficient ? 0 : coefficient,
            exponent: biased + Self.smallestExponent)
    }

    /// Encodes a number whose coefficient has at most 34 digits.
    ///
    /// A zero's exponent is clamped. Another number's too large exponent is paid for with trailing zeros of the
    /// coefficient; without room for them the number is infinite. The exponent must not be too small for such a
    /// number: ``WideDecimal`` sees to that.
    init(negative: Bool, coefficient: UInt128, exponent: Int) {
        var coefficient = coefficient
        var exponent = exponent
        if coefficient == 0 {
            exponent = min(max(exponent, Self.smallestExponent), Self.largestExponent)
        } else if exponent > Self.largestExponent {
            let shift = exponent - Self.largestExponent
            guard shift <= Self.precision - coefficient.decimalDigitCount else {
                self = .infinity(negative: negative)
                return
            }
            coefficient *= .powerOfTen(shift)
            exponent = Self.largestExponent
        }
        let biased = UInt64(truncatingIfNeeded: exponent - Self.smallestExponent)
        let sign = negative ? Self.signBit : 0
        self.init(
            high: sign | biased << 49 | UInt64(truncatingIfNeeded: coefficient >> 64),
            low: UInt64(truncatingIfNeeded: coefficient))
    }

    /// Infinity with the sign asked for.
    static func infinity(negative: Bool) -> Decimal128 {
        negative ? -infinity : infinity
    }
}
