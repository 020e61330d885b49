import Testing

@testable import BSON

/// Numbers are written as in `1` (int32), `1L` (int64), `1.0d` (double) and `1m` (decimal); `error` is no result.
@Suite struct BSONArithmeticTests {
    typealias Pair = (a: String, b: String, result: String)
    typealias Single = (number: String, result: String)

    private static func number(_ text: String) throws -> BSONNumber {
        let digits = String(text.dropLast())
        let number: BSONNumber? =
            switch text.last {
            case "L": Int64(digits).map { .int64($0) }
            case "d": Double(digits).map { .double($0) }
            case "m": Decimal128(digits).map { .decimal($0) }
            default: Int32(text).map { .int32($0) }
            }
        return try #require(number, "\(text) should be a number")
    }

    private static func text(_ number: BSONNumber?) -> String {
        switch number {
        case .int32(let value): "\(value)"
        case .int64(let value): "\(value)L"
        // The sign of NaN is the processor's business.
        case .double(let value): value.isNaN ? "nand" : "\(value)d"
        case .decimal(let value): "\(value)m"
        case nil: "error"
        }
    }

    private func check(_ row: Pair, _ body: (BSONNumber, BSONNumber) -> BSONNumber?) throws {
        let result = try body(Self.number(row.a), Self.number(row.b))
        #expect(Self.text(result) == row.result, "\(row.a), \(row.b)")
    }

    private func check(_ row: Single, _ body: (BSONNumber) -> BSONNumber?) throws {
        let result = try body(Self.number(row.number))
        #expect(Self.text(result) == row.result, "\(row.number)")
    }

    // MARK: Sums, differences, products

    static let sums: [Pair] = [
        ("1", "2", "3"), ("1", "2L", "3L"), ("1", "2.5d", "3.5d"), ("1", "2.50m", "3.50m"),
        ("1L", "2", "3L"), ("1L", "2L", "3L"), ("1L", "2.5d", "3.5d"), ("1L", "2.5m", "3.5m"),
        ("1.5d", "2", "3.5d"), ("1.5d", "2L", "3.5d"), ("0.1d", "0.2d", "0.30000000000000004d"),
        ("0.1d", "0.2m", "0.300000000000000m"), ("0.1m", "2", "2.1m"), ("0.1m", "2L", "2.1m"),
        ("0.1m", "0.2d", "0.300000000000000m"), ("0.1m", "0.2m", "0.3m"),
        ("2147483647", "1", "2147483648L"), ("-2147483648", "-1", "-2147483649L"),
        ("2147483647L", "-1", "2147483646L"),
        ("infd", "1", "infd"), ("infd", "-infd", "nand"), ("nand", "1m", "NaNm"), ("Infinitym", "-infd", "NaNm"),
        ("Infinitym", "1L", "Infinitym"), ("nand", "1", "nand"),
    ]

    @Test(arguments: sums) func `a sum has the wider type`(row: Pair) throws {
        try check(row) { BSONArithmetic.add($0, $1) }
        try check(row) { BSONArithmetic.add($1, $0) }
        try check(row) { BSONArithmetic.addChecked($0, $1) }
    }

    static let differences: [Pair] = [
        ("1", "2", "-1"), ("1", "2L", "-1L"), ("1L", "2", "-1L"), ("1", "2.5d", "-1.5d"), ("1L", "2.5d", "-1.5d"),
        ("1", "2.5m", "-1.5m"), ("1.5d", "1m", "0.50000000000000m"), ("1.5m", "1L", "0.5m"),
        ("-2147483648", "1", "-2147483649L"), ("0", "-2147483648", "2147483648L"),
        ("-9223372036854775808L", "1", "-9.223372036854776e+18d"),
        ("0", "-9223372036854775808L", "9.223372036854776e+18d"),
        ("Infinitym", "Infinitym", "NaNm"),
    ]

    @Test(arguments: differences) func `a difference has the wider type`(row: Pair) throws {
        try check(row) { BSONArithmetic.subtract($0, $1) }
    }

    static let products: [Pair] = [
        ("3", "2", "6"), ("3", "2L", "6L"), ("3L", "2L", "6L"), ("3", "2.5d", "7.5d"), ("3L", "2.5d", "7.5d"),
        ("3", "2.50m", "7.50m"), ("3L", "2.5m", "7.5m"), ("2.5d", "2.5d", "6.25d"),
        ("0.5d", "2m", "1.000000000000000m"),
        ("2147483647", "2", "4294967294L"), ("-2147483648", "-1", "2147483648L"),
        ("-2147483648", "-2147483648", "4611686018427387904L"),
        ("infd", "0", "nand"), ("Infinitym", "0", "NaNm"), ("-infd", "-2L", "infd"),
        ("9E+6144m", "10", "Infinitym"),
    ]

    @Test(arguments: products) func `a product has the wider type`(row: Pair) throws {
        try check(row) { BSONArithmetic.multiply($0, $1) }
        try check(row) { BSONArithmetic.multiply($1, $0) }
        try check(row) { BSONArithmetic.multiplyChecked($0, $1) }
    }

    static let overflows: [Pair] = [
        ("9223372036854775807L", "1", "9.223372036854776e+18d"),
        ("9223372036854775807L", "9223372036854775807L", "1.8446744073709552e+19d"),
        ("-9223372036854775808L", "-1L", "-9.223372036854776e+18d"),
    ]

    @Test(arguments: overflows) func `a sum past int64 is a double in an expression and fails in an update`(
        row: Pair
    ) throws {
        try check(row) { BSONArithmetic.add($0, $1) }
        try check((row.a, row.b, "error")) { BSONArithmetic.addChecked($0, $1) }
    }

    @Test func `a product past int64 is a double in an expression and fails in an update`() throws {
        let largest = BSONNumber.int64(.max)
        #expect(BSONArithmetic.multiply(largest, .int32(2)) == .double(0x1p64))
        #expect(BSONArithmetic.multiplyChecked(largest, .int32(2)) == nil)
        #expect(BSONArithmetic.multiplyChecked(.int64(.min), .int32(-1)) == nil)
        #expect(BSONArithmetic.multiplyChecked(largest, .double(2)) == .double(0x1p64))
    }

    // MARK: Quotients and remainders

    static let quotients: [Pair] = [
        ("6", "3", "2.0d"), ("1", "2L", "0.5d"), ("1L", "4", "0.25d"),
        ("1L", "3m", "0.3333333333333333333333333333333333m"),
        ("1.5d", "2", "0.75d"), ("10.2d", "1m", "10.2000000000000m"), ("1m", "8", "0.125m"), ("6m", "2m", "3m"),
        ("1", "0", "error"), ("1L", "0L", "error"), ("1.0d", "0.0d", "error"), ("1", "-0.0d", "error"),
        ("1", "0m", "error"), ("0m", "0E+3m", "error"), ("nand", "0", "error"), ("infd", "0", "error"),
        ("1", "nand", "nand"), ("1", "infd", "0.0d"), ("infd", "infd", "nand"), ("1m", "nand", "NaNm"),
        ("Infinitym", "2", "Infinitym"), ("Infinitym", "Infinitym", "NaNm"), ("1E+6144m", "0.01m", "Infinitym"),
    ]

    @Test(arguments: quotients) func `a quotient is a double or a decimal, and none by zero`(row: Pair) throws {
        try check(row) { BSONArithmetic.divide($0, $1) }
    }

    static let remainders: [Pair] = [
        ("10", "3", "1"), ("-10", "3", "-1"), ("10", "-3", "1"), ("10", "3L", "1L"), ("10L", "3", "1L"),
        ("10", "3.0d", "1.0d"), ("10.5d", "3", "1.5d"), ("10L", "1.032m", "0.712m"), ("10.5m", "3", "1.5m"),
        ("-10.5m", "3.0d", "-1.50000000000000m"), ("0.3m", "0.1m", "0.0m"),
        ("-2147483648", "-1", "0"), ("-9223372036854775808L", "-1", "0L"),
        ("-9223372036854775808L", "2147483647", "-2L"),
        ("1", "0", "error"), ("1L", "0", "error"), ("1", "0.0d", "error"), ("1.0d", "-0.0d", "error"),
        ("1", "0m", "error"), ("1m", "0.00m", "error"), ("nand", "0", "error"),
        ("infd", "2", "nand"), ("2", "infd", "2.0d"), ("Infinitym", "2", "NaNm"), ("2", "Infinitym", "2m"),
        ("nand", "2m", "NaNm"), ("2", "nand", "nand"),
    ]

    @Test(arguments: remainders) func `a remainder has the wider type and the dividend's sign`(row: Pair) throws {
        try check(row) { BSONArithmetic.remainder($0, $1) }
    }

    // MARK: Signs

    static let negations: [Single] = [
        ("1", "-1"), ("-2147483648", "2147483648L"), ("1L", "-1L"), ("-9223372036854775808L", "9.223372036854776e+18d"),
        ("0.0d", "-0.0d"), ("1.50m", "-1.50m"), ("0m", "-0m"), ("infd", "-infd"), ("NaNm", "NaNm"),
    ]

    @Test(arguments: negations) func `negating widens where it must`(row: Single) throws {
        try check(row) { BSONArithmetic.negate($0) }
    }

    static let magnitudes: [Single] = [
        ("-1", "1"), ("2147483647", "2147483647"), ("-2147483648", "2147483648L"), ("-1L", "1L"),
        ("-9223372036854775807L", "9223372036854775807L"), ("-9223372036854775808L", "error"),
        ("-0.0d", "0.0d"), ("-infd", "infd"), ("-1.50m", "1.50m"), ("-Infinitym", "Infinitym"), ("NaNm", "NaNm"),
    ]

    @Test(arguments: magnitudes) func `a magnitude fails for the least int64`(row: Single) throws {
        try check(row) { BSONArithmetic.absolute($0) }
    }

    // MARK: Rounding

    static let rules: [(rule: FloatingPointRoundingRule, results: [Int32])] = [
        (.toNearestOrEven, [2, -2, 4, -4, 2, 3, -2, -3]),
        (.toNearestOrAwayFromZero, [3, -3, 4, -4, 2, 3, -2, -3]),
        (.up, [3, -2, 4, -3, 3, 3, -2, -2]),
        (.down, [2, -3, 3, -4, 2, 2, -3, -3]),
        (.towardZero, [2, -2, 3, -3, 2, 2, -2, -2]),
        (.awayFromZero, [3, -3, 4, -4, 3, 3, -3, -3]),
    ]

    @Test(arguments: rules) func `each rule rounds decimals and doubles`(
        rule: FloatingPointRoundingRule, results: [Int32]
    ) throws {
        let values = ["2.5", "-2.5", "3.5", "-3.5", "2.4", "2.6", "-2.4", "-2.6"]
        for (value, result) in zip(values, results) {
            try check((value + "m", "\(result)m")) { BSONArithmetic.round($0, rule) }
            try check((value + "m", "\(result)m")) { BSONArithmetic.round($0, toPlaces: 0, rule) }
            try check((value + "d", "\(result).0d")) { BSONArithmetic.round($0, toPlaces: 0, rule) }
            // The same a tenth further down, and as an integer a power of ten up.
            let tenth = try #require(Decimal128(value)) * #require(Decimal128("0.1"))
            let expected = Decimal128(Int64(result)) * Decimal128(high: 0x303E_0000_0000_0000, low: 1)
            #expect(tenth.rounded(toPlaces: 1, rule) == expected, "\(tenth)")
            let tens = try #require(Double(value)) * 10
            #expect(BSONArithmetic.round(.int32(Int32(tens)), toPlaces: -1, rule) == .int32(result * 10), "\(tens)")
        }
    }

    typealias Places = (number: String, places: Int, result: String)

    static let places: [Places] = [
        ("1234", 2, "1234"), ("1234", -2, "1200"), ("1250", -2, "1200"), ("1350", -2, "1400"), ("1234", -5, "0"),
        ("2147483647", -1, "2147483650L"), ("-2147483648", -1, "-2147483650L"), ("1250L", -2, "1200L"),
        ("9223372036854775807L", -1, "error"), ("-9223372036854775808L", -1, "error"),
        ("9223372036854775807L", -20, "0L"), ("9223372036854775807L", 3, "9223372036854775807L"),
        ("1.25d", 1, "1.2d"), ("1.35d", 1, "1.4d"), ("2.675d", 2, "2.67d"), ("-1250.0d", -2, "-1200.0d"),
        ("nand", 2, "nand"), ("infd", -2, "infd"), ("1.298912343250054252245154325m", 20, "1.29891234325005425225m"),
        ("1.5m", 3, "1.500m"), ("123.391m", -2, "1E+2m"), ("123.391m", -4, "0E+4m"), ("NaNm", 1, "NaNm"),
        ("-Infinitym", -2, "-Infinitym"), ("0.0m", 100, "0E-100m"),
    ]

    @Test(arguments: places) func `rounding to places goes half to even in the number's type`(row: Places) throws {
        try check((row.number, row.result)) { BSONArithmetic.round($0, toPlaces: row.places, .toNearestOrEven) }
    }

    static let floors: [(number: String, floor: String, ceiling: String)] = [
        ("5", "5", "5"), ("-5L", "-5L", "-5L"), ("1.5d", "1.0d", "2.0d"), ("-1.5d", "-2.0d", "-1.0d"),
        ("-0.5m", "-1m", "-0m"), ("1.01m", "1m", "2m"), ("infd", "infd", "infd"), ("NaNm", "NaNm", "NaNm"),
    ]

    @Test(arguments: floors) func `floor and ceiling keep the type`(
        row: (number: String, floor: String, ceiling: String)
    ) throws {
        try check((row.number, row.floor)) { BSONArithmetic.floor($0) }
        try check((row.number, row.ceiling)) { BSONArithmetic.ceiling($0) }
    }

    // MARK: Functions

    static let roots: [Single] = [
        ("25", "5.0d"), ("2L", "1.4142135623730951d"), ("0.25d", "0.5d"), ("4m", "2m"), ("0.0625m", "0.25m"),
        ("2m", "1.414213562373095048801688724209698m"), ("1E-6176m", "1E-3088m"),
        ("1000m", "31.62277660168379331998893544432719m"),
        ("9.999999999999999999999999999999999E+6144m", "3.162277660168379331998893544432718E+3072m"),
        ("-0m", "-0m"), ("-1", "error"), ("-1E-400m", "error"), ("-infd", "error"), ("nand", "nand"),
        ("NaNm", "NaNm"), ("Infinitym", "Infinitym"),
    ]

    @Test(arguments: roots) func `square roots`(row: Single) throws {
        try check(row) { BSONArithmetic.squareRoot($0) }
    }

    static let exponentials: [Single] = [
        ("0", "1.0d"), ("1L", "2.718281828459045d"), ("0m", "1m"), ("1m", "2.718281828459045235360287471352662m"),
        ("-1m", "0.3678794411714423215955237701614609m"), ("1E-40m", "1.000000000000000000000000000000000m"),
        ("1E+6m", "Infinitym"), ("-1E+6m", "0E-6176m"), ("14150m", "Infinitym"), ("-infd", "0.0d"),
        ("Infinitym", "Infinitym"), ("-Infinitym", "0m"), ("NaNm", "NaNm"),
    ]

    @Test(arguments: exponentials) func `powers of e`(row: Single) throws {
        try check(row) { BSONArithmetic.exponential($0) }
    }

    static let logarithms: [Single] = [
        ("1", "0.0d"), ("1m", "0m"), ("10m", "2.302585092994045684017991454684364m"),
        ("0.1m", "-2.302585092994045684017991454684364m"),
        ("2.718281828459045235360287471352662m", "0.9999999999999999999999999999999998m"),
        ("1.000000000000000000000000000000001m", "9.999999999999999999999999999999995E-34m"),
        ("0", "error"), ("0m", "error"), ("-1L", "error"), ("-infd", "error"), ("-Infinitym", "error"),
        ("nand", "nand"), ("NaNm", "nand"), ("infd", "infd"), ("Infinitym", "Infinitym"),
    ]

    @Test(arguments: logarithms) func `natural logarithms`(row: Single) throws {
        try check(row) { BSONArithmetic.naturalLogarithm($0) }
    }

    static let decimalLogarithms: [Single] = [
        ("100", "2.0d"), ("10000m", "4m"), ("1E-10m", "-10m"), ("1E+6144m", "6144m"),
        ("2m", "0.3010299956639811952137388947244930m"), ("0.0d", "error"), ("-1m", "error"), ("NaNm", "nand"),
    ]

    @Test(arguments: decimalLogarithms) func `logarithms to the base ten`(row: Single) throws {
        try check(row) { BSONArithmetic.decimalLogarithm($0) }
    }

    static let logarithmsToBases: [Pair] = [
        ("8", "2", "3.0d"), ("100L", "10.0d", "2.0d"), ("10m", "10.0d", "1m"), ("1024m", "2", "10m"),
        ("0.125m", "2", "-3m"),
        ("10m", "5.0d", "1.430676558073393050670106568763966m"), ("10", "5m", "1.430676558073393050670106568763966m"),
        ("1m", "7", "0m"), ("0", "2", "error"), ("-1m", "2", "error"), ("2", "1", "error"), ("2", "1.0m", "error"),
        ("2", "0", "error"), ("2m", "-2", "error"), ("nand", "2", "nand"), ("2", "NaNm", "nand"),
        ("Infinitym", "2", "Infinitym"),
    ]

    @Test(arguments: logarithmsToBases) func `logarithms to other bases`(row: Pair) throws {
        try check(row) { BSONArithmetic.logarithm($0, base: $1) }
    }

    static let powers: [Pair] = [
        ("2", "10", "1024"), ("2", "31", "2147483648L"), ("2", "10L", "1024L"), ("2L", "10", "1024L"),
        ("-2", "63", "-9223372036854775808L"),
        ("2", "63", "9.223372036854776e+18d"), ("2", "-1", "0.5d"), ("-1", "-3", "-1"), ("1L", "-9", "1L"),
        ("0", "0", "1"),
        ("-1", "9223372036854775807L", "-1L"), ("2.0d", "3", "8.0d"), ("4", "0.5d", "2.0d"), ("-8.0d", "0.5d", "nand"),
        ("0", "-1", "error"), ("0.0d", "-1", "error"), ("0m", "-0.5m", "error"), ("0", "-Infinitym", "error"),
        ("2m", "3", "8m"), ("2.0m", "2m", "4.00m"), ("100m", "2", "10000m"), ("2", "-2m", "0.25m"),
        ("10m", "-3", "0.001m"),
        ("2m", "0.5m", "1.414213562373095048801688724209698m"), ("-2m", "3", "-8m"), ("-2m", "0.5m", "NaNm"),
        ("1.1m", "100", "13780.61233982227018411833717208964m"),
        ("-1.1m", "101", "-15158.67357380449720253017088929860m"),
        ("1.000000000000000000000001m", "1E+24m", "2.718281828459045235360286112211748m"),
        ("10m", "6145", "Infinitym"), ("-10m", "6145", "-Infinitym"), ("3m", "-1E+9m", "0E-6176m"), ("0m", "0", "1m"),
        ("NaNm", "0", "1m"), ("1m", "nand", "1m"), ("NaNm", "2", "NaNm"), ("-Infinitym", "3", "-Infinitym"),
        ("-Infinitym", "-3", "-0m"),
        ("0.5m", "Infinitym", "0m"), ("-1m", "Infinitym", "1m"), ("-2m", "Infinitym", "Infinitym"), ("-0m", "3", "-0m"),
    ]

    @Test(arguments: powers) func `powers are integers where they fit, and decimals are exact`(row: Pair) throws {
        try check(row) { BSONArithmetic.power($0, $1) }
    }

    @Test func `no bit pattern traps a function`() {
        var state: UInt64 = 3
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
        for round in 0..<500 {
            // Every other number near one, where all functions have results in range.
            let near = 0x3040_0000_0000_0000 - (next() % 40) << 49 | next() & 0x8000_FFFF_FFFF_FFFF
            let value = Decimal128(high: round & 1 == 0 ? near : next(), low: next())
            let other = Decimal128(high: round & 2 == 0 ? next() % 0x4000 << 49 : next(), low: next())
            _ = [value.squareRoot(), value.exponential(), value.naturalLogarithm(), value.decimalLogarithm()]
            _ = [value.raised(to: other), other.raised(to: value), value.logarithm(base: other)]
        }
    }

    @Test func `only the four numeric types are numbers`() {
        let others: [BSONValue?] = [nil, .null, .string("1"), .bool(true), .undefined]
        for value in others { #expect(BSONNumber(value) == nil) }
        let numbers: [BSONValue] = [.int32(1), .int64(1), .double(1), .decimal128(Decimal128(1))]
        for value in numbers { #expect(BSONNumber(value)?.value == value) }
    }
}
