import Testing

@testable import BSON

@Suite struct Decimal128Tests {
    private func decimal(_ text: String) throws -> Decimal128 {
        try #require(Decimal128(text), "\(text) should be a decimal")
    }

    // MARK: Text

    @Test(arguments: [
        "0", "-0", "0.00", "0E-6176", "0E+6111", "1", "-1.50", "0.000001", "1E-7", "1E+3", "1.23E+5", "Infinity",
        "-Infinity", "NaN", "9.999999999999999999999999999999999E+6144", "1E-6176",
        "1234567890123456789012345678901234", "0.1234567890123456789012345678901234",
    ])
    func `canonical text is read and written unchanged`(text: String) throws {
        #expect(try decimal(text).description == text)
    }

    @Test(arguments: [
        ("+1.5", "1.5"), (".5", "0.5"), ("1.", "1"), ("007", "7"), ("1e3", "1E+3"), ("iNf", "Infinity"),
        ("-INFINITY", "-Infinity"), ("nan", "NaN"), ("10E-6177", "1E-6176"), ("0E-9999999999999999999999", "0E-6176"),
        ("1E+6112", "1.0E+6112"), ("0E+99999", "0E+6111"),
        ("10000000000000000000000000000000000000", "1.000000000000000000000000000000000E+37"),
    ])
    func `other spellings become canonical`(text: String, canonical: String) throws {
        #expect(try decimal(text).description == canonical)
    }

    @Test(arguments: [
        "", "-", ".", "e1", "1e", "1e+", "1.2.3", "--1", " 1", "1 ", "Infinit", "nano", "1x", "١", "ſ",
        "12345678901234567890123456789012345", "1E-6177", "1E+6145", "1E+99999999999999999999",
    ])
    func `text that is no decimal or takes rounding is refused`(text: String) {
        #expect(Decimal128(text) == nil)
    }

    @Test func `reading the nearest decimal rounds half to even`() {
        let digits = "123456789012345678901234567890123"
        #expect(Decimal128(nearest: digits + "45")?.description == "1.234567890123456789012345678901234E+34")
        #expect(Decimal128(nearest: digits + "55")?.description == "1.234567890123456789012345678901236E+34")
        #expect(Decimal128(nearest: digits + "4500001")?.description == "1.234567890123456789012345678901235E+39")
        #expect(Decimal128(nearest: "1E+6145") == nil)
        #expect(Decimal128(nearest: "1E-7000") == nil)
    }

    // MARK: Encoding

    @Test func `values have the bits of the standard`() throws {
        #expect(try decimal("1") == Decimal128(high: 0x3040_0000_0000_0000, low: 1))
        #expect(try decimal("-0.1") == Decimal128(high: 0xB03E_0000_0000_0000, low: 1))
        #expect(Decimal128(Int64.min).description == "-9223372036854775808")
    }

    @Test func `a coefficient that is not canonical counts as zero`() {
        let tooLarge = Decimal128(high: 0x3041_FFFF_FFFF_FFFF, low: .max)
        let impliedBits = Decimal128(high: 0x6C10_0000_0000_0000, low: 1)
        #expect(tooLarge.isZero && tooLarge.description == "0")
        #expect(impliedBits.isZero && impliedBits.description == "0")
    }

    @Test func `no bit pattern traps`() {
        // Knuth's generator, so that a failure comes again.
        var state: UInt64 = 1
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
        for _ in 0..<2000 {
            let value = Decimal128(high: next(), low: next())
            let other = Decimal128(high: next(), low: next())
            _ = [value + other, value - other, value * other, value / other]
            _ = [value.floor, value.rounded(toPlaces: .min), value.rounded(toPlaces: .max)]
            _ = value.truncatingRemainder(dividingBy: other)
            _ = (value.description, value.toDouble(), value.toInt64(), Decimal128.compare(value, other), value.orderKey)
        }
    }

    // MARK: Arithmetic

    @Test(arguments: [
        ("0.1", "0.2", "0.3"), ("1.0", "2.00", "3.00"), ("1", "-1", "0"), ("-0", "-0", "-0"), ("0", "-0", "0"),
        ("1E+40", "1", "1.000000000000000000000000000000000E+40"),
        ("1E+34", "-1", "9999999999999999999999999999999999"),
        ("1E+35", "-0.5", "1.000000000000000000000000000000000E+35"),
        ("1000000000000000000000000000000000", "-9.99E-2", "999999999999999999999999999999999.9"),
        ("Infinity", "-Infinity", "NaN"), ("Infinity", "1", "Infinity"), ("NaN", "1", "NaN"),
        ("9.999999999999999999999999999999999E+6144", "1E+6144", "Infinity"),
    ])
    func `sums are rounded once`(left: String, right: String, sum: String) throws {
        #expect(try (decimal(left) + decimal(right)).description == sum)
        #expect(try (decimal(right) + decimal(left)).description == sum)
    }

    @Test(arguments: [
        ("1.20", "3", "3.60"), ("-2", "0", "-0"), ("Infinity", "0", "NaN"), ("1E+6000", "1E+6000", "Infinity"),
        ("1E-6000", "1E-6000", "0E-6176"), ("5E-6176", "0.1", "0E-6176"), ("15E-6176", "0.1", "2E-6176"),
        ("9999999999999999999999999999999999", "99", "9.899999999999999999999999999999999E+35"),
    ])
    func `products are rounded once`(left: String, right: String, product: String) throws {
        #expect(try (decimal(left) * decimal(right)).description == product)
    }

    @Test(arguments: [
        ("1", "3", "0.3333333333333333333333333333333333"), ("2", "3", "0.6666666666666666666666666666666667"),
        ("6", "2", "3"), ("1", "8", "0.125"), ("1.00", "2", "0.50"), ("1", "0", "Infinity"), ("0", "0", "NaN"),
        ("-1", "Infinity", "-0E-6176"),
    ])
    func `quotients are rounded once`(left: String, right: String, quotient: String) throws {
        #expect(try (decimal(left) / decimal(right)).description == quotient)
    }

    @Test(arguments: [
        ("10", "3", "1"), ("-10", "3", "-1"), ("5.5", "2", "1.5"), ("1E+6000", "7", "1"), ("1", "1E+6000", "1"),
        ("1", "0", "NaN"), ("Infinity", "2", "NaN"), ("2", "Infinity", "2"),
    ])
    func `remainders take the sign of the dividend`(left: String, right: String, remainder: String) throws {
        #expect(try decimal(left).truncatingRemainder(dividingBy: decimal(right)).description == remainder)
    }

    // MARK: Rounding

    @Test func `rounding to places goes half to even`() throws {
        #expect(try decimal("2.5").rounded(toPlaces: 0).description == "2")
        #expect(try decimal("3.5").rounded(toPlaces: 0).description == "4")
        #expect(try decimal("-1.255").rounded(toPlaces: 2).description == "-1.26")
        #expect(try decimal("1250").rounded(toPlaces: -2).description == "1.2E+3")
        #expect(try decimal("1.5").rounded(toPlaces: 3).description == "1.500")
        #expect(try decimal("1.5").rounded(toPlaces: 40).description == "1.5")
        #expect(try decimal("1.5").quantized(toExponent: -40).isNaN)
    }

    @Test func `floor, ceiling and truncation keep what is whole`() throws {
        let value = try decimal("-2.5")
        #expect(value.floor.description == "-3")
        #expect(value.ceiling.description == "-2")
        #expect(value.truncated.description == "-2")
        #expect(try decimal("-0.5").ceiling.description == "-0")
        #expect(try decimal("1E+3").floor.description == "1E+3")
        #expect(try decimal("-Infinity").floor.description == "-Infinity")
        #expect(value.magnitude.description == "2.5")
    }

    // MARK: Doubles and integers

    @Test func `doubles become 15 digits, or 34 when asked for the nearest decimal`() {
        #expect(Decimal128(0.1).description == "0.100000000000000")
        #expect(Decimal128(-2.5).description == "-2.50000000000000")
        #expect(Decimal128(9.9999999999999999).description == "10.0000000000000")
        #expect(Decimal128(0.0).description == "0")
        #expect(Decimal128(-Double.infinity).description == "-Infinity")
        #expect(Decimal128(nearest: 0.1).description == "0.1000000000000000055511151231257827")
        #expect(Decimal128(nearest: 1e22).description == "10000000000000000000000")
        #expect(Decimal128(nearest: 0.5).description == "0.5")
    }

    @Test func `decimals become the nearest double`() throws {
        #expect(try decimal("0.1").toDouble() == 0.1)
        #expect(try decimal("1.7976931348623157E+308").toDouble() == .greatestFiniteMagnitude)
        #expect(try decimal("4.9E-324").toDouble() == .leastNonzeroMagnitude)
        #expect(try decimal("1E+6000").toDouble() == .infinity)
        #expect(try decimal("-1E-6000").toDouble().sign == .minus)
        #expect(Decimal128.nan.toDouble().isNaN)
    }

    @Test func `decimals become integers by truncation when they fit`() throws {
        #expect(try decimal("-1.9").toInt64() == -1)
        #expect(try decimal("-9223372036854775808.9").toInt64() == .min)
        #expect(try decimal("9223372036854775808").toInt64() == nil)
        #expect(try decimal("1E+18").toInt64() == 1_000_000_000_000_000_000)
        #expect(try decimal("1E+6000").toInt64() == nil)
        #expect(Decimal128.infinity.toInt64() == nil)
    }

    // MARK: Order

    @Test func `numbers are ordered by value, NaN first`() throws {
        let ascending = ["NaN", "-Infinity", "-1E+6000", "-1.5", "-1", "0", "1E-6176", "1", "1.01", "10", "Infinity"]
        let values = try ascending.map(decimal)
        for (i, left) in values.enumerated() {
            for (j, right) in values.enumerated() {
                #expect(Decimal128.compare(left, right) == (i - j).signum())
            }
        }
        #expect(try Decimal128.compare(decimal("-0"), decimal("0E+10")) == 0)
        #expect(try Decimal128.compare(decimal("1E+3"), decimal("1000.00")) == 0)
        #expect(try decimal("1.0") != decimal("1.00"))
    }

    @Test func `decimals and doubles are compared exactly`() throws {
        #expect(try Decimal128.compare(decimal("0.1"), 0.1) == -1)
        #expect(try Decimal128.compare(decimal("0.5"), 0.5) == 0)
        #expect(Decimal128.compare(Decimal128(nearest: 0.1), 0.1) == -1)
        #expect(try Decimal128.compare(decimal("1E+22"), 1e22) == 0)
        #expect(try Decimal128.compare(decimal("1E+23"), 1e23) == 1)
        #expect(try Decimal128.compare(decimal("1E+6000"), Double.infinity) == -1)
        #expect(Decimal128.compare(.infinity, Double.infinity) == 0)
        #expect(Decimal128.compare(.nan, Double.nan) == 0)
        #expect(Decimal128.compare(.nan, -Double.infinity) == -1)
        #expect(Decimal128.compare(-.infinity, Double.nan) == 1)
        #expect(Decimal128.compare(.zero, -0.0) == 0)
    }

    @Test func `decimals and integers are compared exactly`() throws {
        #expect(try Decimal128.compare(decimal("9223372036854775807.1"), Int64.max) == 1)
        #expect(try Decimal128.compare(decimal("-9223372036854775808"), Int64.min) == 0)
    }

    @Test func `equal values have equal order keys whatever their type`() throws {
        #expect(try decimal("0.50").orderKey == DecimalOrderKey(0.5))
        #expect(try decimal("-0E+9").orderKey == DecimalOrderKey(0.0))
        #expect(try decimal("1E+22").orderKey == DecimalOrderKey(1e22))
        let key = try #require(try decimal("-123.400").orderKey)
        #expect(key.negative && key.adjustedExponent == 2 && key.digits == [1, 2, 3, 4])
        #expect(DecimalOrderKey(Double.leastNonzeroMagnitude)?.digits.count == 751)
        let parts = try #require(try decimal("-123.400").normalized)
        #expect(parts.negative && parts.coefficient == 1234 && parts.exponent == -1)
    }
}
