#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A series of preferred numbers, to which `$bucketAuto` rounds the boundaries of its buckets: Renard's, the E series,
/// 1-2-5, or the powers of two.
struct PreferredNumbers: Sendable {
    /// The numbers of one decade from 1 to below 10; none for the powers of two.
    private let decade: [Double]

    /// The series of this name; nil where there is none.
    init?(_ name: String) {
        if name == "POWERSOF2" {
            decade = []
        } else if let hundredths = Self.hundredths[name] {
            decade = hundredths.map { Double($0) / 100 }
        } else if let count = Self.fine[name] {
            // The finer E series are the exact powers rounded, but for one number that history made 9.20.
            decade = (0..<count).map { step in
                let number = (pow(10, Double(step) / Double(count)) * 100).rounded() / 100
                return number == 9.19 ? 9.2 : number
            }
        } else {
            return nil
        }
    }

    /// The first number of the series above another.
    func above(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return number }
        if decade.isEmpty { return exp2(floor(log2(number)) + 1) }
        let exponent = floor(log10(number)) - 1
        for step in 0...3 {
            for preferred in decade {
                let candidate = Self.scaled(preferred, exponent + Double(step))
                if candidate > number { return candidate }
            }
        }
        return number
    }

    /// The last number of the series below another.
    func below(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return number }
        if decade.isEmpty { return exp2(ceil(log2(number)) - 1) }
        let exponent = floor(log10(number)) + 1
        for step in 0...3 {
            for preferred in decade.reversed() {
                let candidate = Self.scaled(preferred, exponent - Double(step))
                if candidate < number { return candidate }
            }
        }
        return number
    }

    /// Dividing by a power of ten keeps the result the double nearest to the decimal number.
    private static func scaled(_ number: Double, _ exponent: Double) -> Double {
        exponent < 0 ? (number * 100).rounded() / pow(10, 2 - exponent) : number * pow(10, exponent)
    }

    private static let fine = ["E48": 48, "E96": 96, "E192": 192]

    private static let hundredths: [String: [Int]] = [
        "R5": [100, 160, 250, 400, 630],
        "R10": [100, 125, 160, 200, 250, 315, 400, 500, 630, 800],
        "R20": [
            100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900,
        ],
        "R40": [
            100, 106, 112, 118, 125, 132, 140, 150, 160, 170, 180, 190, 200, 212, 224, 236, 250, 265, 280, 300, 315,
            335,
            355, 375, 400, 425, 450, 475, 500, 530, 560, 600, 630, 670, 710, 750, 800, 850, 900, 950,
        ],
        "R80": [
            103, 109, 115, 122, 128, 136, 145, 155, 165, 175, 185, 195, 206, 218, 230, 243, 258, 272, 290, 307, 325,
            345,
            365, 387, 412, 437, 462, 487, 515, 545, 575, 615, 650, 690, 730, 775, 825, 875, 925, 975,
        ],
        "1-2-5": [100, 200, 500],
        "E6": [100, 150, 220, 330, 470, 680],
        "E12": [100, 120, 150, 180, 220, 270, 330, 390, 470, 560, 680, 820],
        "E24": [
            100, 110, 120, 130, 150, 160, 180, 200, 220, 240, 270, 300, 330, 360, 390, 430, 470, 510, 560, 620, 680,
            750,
            820, 910,
        ],
    ]
}
