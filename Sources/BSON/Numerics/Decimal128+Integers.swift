extension FixedWidthInteger {
    /// The integer that a decimal equals; nil where it has a fraction or does not fit.
    init?(exactly decimal: Decimal128) {
        guard let finite = decimal.finite else { return nil }
        var magnitude = finite.coefficient
        if magnitude != 0, finite.exponent > 0 {
            guard finite.exponent <= 38 else { return nil }
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: .powerOfTen(finite.exponent))
            guard !overflow else { return nil }
            magnitude = product
        } else if magnitude != 0, finite.exponent < 0 {
            guard finite.exponent >= -38 else { return nil }
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: .powerOfTen(-finite.exponent))
            guard remainder == 0 else { return nil }
            magnitude = quotient
        }
        if finite.negative {
            guard let value = Int128(exactly: magnitude) else { return nil }
            self.init(exactly: -value)
        } else {
            self.init(exactly: magnitude)
        }
    }
}
