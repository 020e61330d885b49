/// Numbers in decimal digits, read from bytes.
enum DecimalText {
    /// An integer: digits, with a minus or without; nil for anything else and where it does not fit.
    static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            let digit = Int64(byte &- 0x30)
            guard digit <= 9 else { return nil }
            // Downwards, because there is one more integer below zero than above.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (difference, overflowToo) = product.subtractingReportingOverflow(digit)
            guard !overflow, !overflowToo else { return nil }
            value = difference
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The powers of ten that are doubles exactly.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The double nearest to a number written as digits with a sign, a point and an exponent, all but the digits
    /// optional; nil for anything else. Beyond the largest double it is infinite or nil.
    static func double(_ text: UnsafeRawBufferPointer) -> Double? {
        if let value = plain(text) { return value }
        guard isNumber(text) else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }

    /// Up to 15 digits with a point among them: the digits and the power of ten are exact, so that one division rounds
    /// as it should. Nil for all other text.
    private static func plain(_ text: UnsafeRawBufferPointer) -> Double? {
        var mantissa: UInt64 = 0
        var digits = 0
        var decimals = 0
        var hasPoint = false
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- 0x30
            if digit <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                digits &+= 1
                if hasPoint { decimals &+= 1 }
                guard digits <= 15 else { return nil }
            } else {
                guard byte == UInt8(ascii: "."), !hasPoint, digits > 0 else { return nil }
                hasPoint = true
            }
        }
        guard digits > 0, !hasPoint || decimals > 0 else { return nil }
        let value = Double(mantissa) / powers[decimals]
        return isNegative ? -value : value
    }

    /// Whether all bytes are among those that numbers are written with.
    static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        text.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"),
                UInt8(ascii: "E"):
                true
            default: false
            }
        }
    }
}
