extension Decimal128: LosslessStringConvertible {
    /// Reads a number as the BSON specification writes it: `-1.5E+3`, `Infinity` or `NaN`, in any case.
    ///
    /// Returns nil for anything else, and for a number that takes rounding or is out of range.
    public init?(_ text: String) {
        guard let (value, isExact) = Self.read(text), isExact else { return nil }
        self = value
    }

    /// Reads a number like ``init(_:)-(String)``, but rounds half to even to the digits there is room for.
    ///
    /// Returns nil for text that is not a number, and for a number too large, or too small to be told from zero.
    public init?(nearest text: String) {
        guard let (value, isExact) = Self.read(text), isExact || (value.isFinite && !value.isZero) else { return nil }
        self = value
    }

    /// The value that text stands for, and whether it took neither rounding nor an overflow to represent it.
    private static func read(_ text: String) -> (value: Decimal128, isExact: Bool)? {
        var text = text[...].utf8
        let negative = text.first == UInt8(ascii: "-")
        if negative || text.first == UInt8(ascii: "+") { text.removeFirst() }
        if let first = text.first, first | 0x20 >= UInt8(ascii: "a") {
            return special(text, negative: negative).map { ($0, true) }
        }
        var digits = DigitAccumulator()
        var digitsSeen = false
        var pointSeen = false
        var exponent = 0
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte - UInt8(ascii: "0"))
                digitsSeen = true
                if pointSeen { digits.exponent -= 1 }
            case UInt8(ascii: ".") where !pointSeen:
                pointSeen = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let value = readExponent(text) else { return nil }
                exponent = value
                text = text[text.endIndex...]
            default:
                return nil
            }
        }
        guard digitsSeen else { return nil }
        digits.exponent += exponent
        let (value, isExact) = digits.wide(negative: negative).rounded(preferredExponent: digits.exponent)
        return (value, isExact && value.isFinite)
    }

    private static func special(_ text: Substring.UTF8View, negative: Bool) -> Decimal128? {
        switch Substring(text).lowercased() {
        case "nan": .nan
        case "inf", "infinity": infinity(negative: negative)
        default: nil
        }
    }

    /// An exponent with its sign. One that no number of any length can make up for is as good as any other.
    private static func readExponent(_ text: Substring.UTF8View) -> Int? {
        var text = text
        let negative = text.first == UInt8(ascii: "-")
        if negative || text.first == UInt8(ascii: "+") { text.removeFirst() }
        guard !text.isEmpty else { return nil }
        var value = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            if value < 1_000_000_000_000_000 { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
        }
        return negative ? -value : value
    }
}

extension Decimal128: CustomStringConvertible {
    /// The number as the BSON specification writes it, which keeps its exponent: `1.50`, `1.5E+3`, `-Infinity`.
    public var description: String {
        guard let finite else { return isNaN ? "NaN" : isNegative ? "-Infinity" : "Infinity" }
        let sign = finite.negative ? "-" : ""
        let digits = String(finite.coefficient)
        let adjusted = finite.exponent + digits.utf8.count - 1
        guard finite.exponent <= 0, adjusted >= -6 else {
            let fraction = digits.utf8.count > 1 ? "." + digits.dropFirst() : ""
            return sign + digits.prefix(1) + fraction + (adjusted < 0 ? "E" : "E+") + String(adjusted)
        }
        guard finite.exponent < 0 else { return sign + digits }
        guard adjusted >= 0 else { return sign + "0." + String(repeating: "0", count: -adjusted - 1) + digits }
        return sign + digits.dropLast(-finite.exponent) + "." + digits.suffix(-finite.exponent)
    }
}

/// Gathers the digits of a number from the first one on: 34 of them, and of the rest what rounding needs.
struct DigitAccumulator {
    private var coefficient: UInt128 = 0
    private var count = 0
    private var tail = WideDecimal.Tail.exact
    private var dropped = 0

    /// The power of ten that the last digit appended stands for.
    var exponent = 0

    mutating func append(_ digit: UInt8) {
        if count < Decimal128.precision {
            coefficient = coefficient * 10 + UInt128(digit)
            if coefficient != 0 { count += 1 }
        } else if dropped == 0 {
            tail = WideDecimal.Tail(UInt128(digit), of: 10)
            dropped = 1
        } else {
            if digit != 0 { tail = tail.followed(by: .belowHalf) }
            dropped += 1
        }
    }

    /// The number gathered, as it is before rounding.
    func wide(negative: Bool) -> WideDecimal {
        WideDecimal(negative: negative, low: coefficient, exponent: exponent + dropped, tail: tail)
    }
}
