extension UInt128 {
    /// `10^n`; n must be from 0 to 38.
    static func powerOfTen(_ n: Int) -> UInt128 {
        powersOfTen[n]
    }

    /// How many decimal digits the number has; zero has none.
    var decimalDigitCount: Int {
        // 1233 / 4096 is just above log10(2), so that the estimate is exact or one too large.
        let estimate = ((UInt128.bitWidth - leadingZeroBitCount) * 1233) >> 12
        guard estimate < powersOfTen.count else { return estimate }
        return self < powersOfTen[estimate] ? estimate : estimate + 1
    }
}

private let powersOfTen: [UInt128] = {
    var powers: [UInt128] = [1]
    for _ in 1...38 {
        powers.append(powers[powers.count - 1] * 10)
    }
    return powers
}()
