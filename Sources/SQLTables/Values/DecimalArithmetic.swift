/// Exact sums and products of numbers that are kept as digits.
extension DecimalText {
    /// The sum; nil where one of them is no number.
    static func sum(_ a: String, _ b: String) -> String? {
        guard let left = Parts(a), let right = Parts(b) else { return nil }
        let scale = Swift.max(left.fraction.count, right.fraction.count)
        let (x, y) = (left.digits(scale: scale), right.digits(scale: scale))
        guard left.isNegative != right.isNegative else {
            return text(added(x, y), scale: scale, isNegative: left.isNegative)
        }
        // The smaller is taken from the greater, whose sign it is.
        return left.compareSize(with: right) < 0
            ? text(subtracted(y, x), scale: scale, isNegative: right.isNegative)
            : text(subtracted(x, y), scale: scale, isNegative: left.isNegative)
    }

    /// The difference; nil where one of them is no number.
    static func difference(_ a: String, _ b: String) -> String? { negated(b).flatMap { sum(a, $0) } }

    /// The product; nil where one of them is no number.
    static func product(_ a: String, _ b: String) -> String? {
        guard let left = Parts(a), let right = Parts(b) else { return nil }
        let scale = left.fraction.count + right.fraction.count
        let (x, y) = (left.whole + left.fraction, right.whole + right.fraction)
        // Each place holds at most 81 for each digit of the shorter one.
        var places = [Int](repeating: 0, count: x.count + y.count)
        for (i, digit) in x.enumerated() where digit != 0 {
            for (j, other) in y.enumerated() { places[i + j + 1] += Int(digit) * Int(other) }
        }
        var carry = 0
        let digits = places.reversed().map { place in
            let value = place + carry
            carry = value / 10
            return UInt8(truncatingIfNeeded: value % 10)
        }
        return text(digits.reversed(), scale: scale, isNegative: left.isNegative != right.isNegative)
    }

    private static func negated(_ digits: String) -> String? {
        guard Parts(digits) != nil else { return nil }
        if digits.hasPrefix("-") { return String(digits.dropFirst()) }
        return "-" + (digits.hasPrefix("+") ? String(digits.dropFirst()) : digits)
    }

    private static func text(_ digits: [UInt8], scale: Int, isNegative: Bool) -> String {
        let point = Swift.max(0, digits.count - scale)
        return text(digits[..<point], digits[point...], isNegative)
    }

    private static func added(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var carry: UInt8 = 0
        let digits = places(a, b).map { left, right in
            let value = left + right + carry
            carry = value / 10
            return value % 10
        }
        return (digits + [carry]).reversed()
    }

    /// The difference of a number and one that is not greater.
    private static func subtracted(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var borrowed: UInt8 = 0
        let digits = places(a, b).map { left, right in
            let value = left + 10 - right - borrowed
            borrowed = value < 10 ? 1 : 0
            return value % 10
        }
        return digits.reversed()
    }

    /// Two numbers' digits beside each other, the last ones first.
    private static func places(_ a: [UInt8], _ b: [UInt8]) -> [(UInt8, UInt8)] {
        let count = Swift.max(a.count, b.count)
        let zeros = { (digits: [UInt8]) in [UInt8](repeating: 0, count: count - digits.count) }
        return Array(zip((zeros(a) + a).reversed(), (zeros(b) + b).reversed()))
    }
}
