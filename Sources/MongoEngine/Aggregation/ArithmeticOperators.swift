internal import BSON
internal import MongoProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension ExpressionOperators {
    /// Numbers and dates.
    static let arithmetic: [String: ExpressionOperator] = [
        "$add": .values(any, add),
        "$subtract": .binary(subtract),
        "$multiply": .values(any, multiply),
        "$divide": .binary(divide),
        "$mod": .binary(modulo),
        "$abs": number("$abs", absolute),
        "$ceil": number("$ceil") { rounded($0, .up) },
        "$floor": number("$floor") { rounded($0, .down) },
        "$round": .values(1...2) { try round("$round", $0, .toNearestOrEven) },
        "$trunc": .values(1...2) { try round("$trunc", $0, .towardZero) },
        "$pow": .binary(power),
        "$sqrt": number("$sqrt") { try root($0) },
        "$exp": number("$exp") { viaDouble($0, exp) },
        "$ln": number("$ln") { try logarithm("$ln", 28766, $0, log) },
        "$log10": number("$log10") { try logarithm("$log10", 28761, $0, log10) },
        "$log": .binary(logarithmToBase),
    ]

    /// The name of a value's type in error messages.
    static func typeName(_ value: BSONValue?) -> String { value?.type.alias ?? "missing" }

    /// Whether the value is null, undefined or missing.
    static func isNullish(_ value: BSONValue?) -> Bool {
        switch value {
        case nil, .null?, .undefined?: true
        default: false
        }
    }

    /// An operator over one number; null for null.
    private static func number(
        _ name: String, _ body: @escaping @Sendable (ExpressionNumber) throws -> ExpressionNumber
    ) -> ExpressionOperator {
        .unary { value in
            if isNullish(value) { return .null }
            guard let number = ExpressionNumber(value) else {
                throw MongoError(.init(28765), "\(name) only supports numeric types, not \(typeName(value))")
            }
            return try body(number).value
        }
    }

    private static func add(_ values: [BSONValue?]) throws -> BSONValue? {
        var sum = NumberSum()
        var date: BSONDate?
        for value in values {
            if isNullish(value) { return .null }
            if let number = ExpressionNumber(value) {
                sum.add(number)
            } else if case .date(let value)? = value {
                guard date == nil else { throw MongoError(.init(16612), "only one date allowed in an $add expression") }
                date = value
            } else {
                throw MongoError(
                    .typeMismatch, "$add only supports numeric or date types, not \(typeName(value))")
            }
        }
        return try date.map { try .date(moved($0, by: sum.total, "$add")) } ?? sum.total.value
    }

    /// A date moved by milliseconds.
    private static func moved(_ date: BSONDate, by number: ExpressionNumber, _ name: String) throws -> BSONDate {
        let shift: Int64? =
            switch number {
            case .double(let value): Int64(exactly: value.rounded(.toNearestOrAwayFromZero))
            case .decimal(let value): value.rounded().toInt64()
            default: number.integer
            }
        guard let shift,
            case let (sum, overflow) = date.millisecondsSince1970.addingReportingOverflow(shift), !overflow
        else { throw MongoError(.overflow, "date overflow in \(name)") }
        return BSONDate(millisecondsSince1970: sum)
    }

    private static func subtract(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        if let x = ExpressionNumber(a), let y = ExpressionNumber(b) { return (x - y).value }
        if case .date(let from)? = a {
            if case .date(let to)? = b {
                let (difference, overflow) = from.millisecondsSince1970.subtractingReportingOverflow(
                    to.millisecondsSince1970)
                if overflow { throw MongoError(.overflow, "date overflow in $subtract") }
                return .int64(difference)
            }
            if let y = ExpressionNumber(b) { return .date(try moved(from, by: .int32(0) - y, "$subtract")) }
        }
        throw MongoError(.typeMismatch, "can't $subtract \(typeName(b)) from \(typeName(a))")
    }

    private static func multiply(_ values: [BSONValue?]) throws -> BSONValue? {
        var product = ExpressionNumber.int32(1)
        for value in values {
            if isNullish(value) { return .null }
            guard let number = ExpressionNumber(value) else {
                throw MongoError(.typeMismatch, "$multiply only supports numeric types, not \(typeName(value))")
            }
            product = product * number
        }
        return product.value
    }

    private static func divide(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = ExpressionNumber(a), let y = ExpressionNumber(b) else {
            throw MongoError(
                .typeMismatch, "$divide only supports numeric types, not \(typeName(a)) and \(typeName(b))")
        }
        if y.isZero { throw MongoError(.badValue, "can't $divide by zero") }
        return (x / y).value
    }

    private static func modulo(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = ExpressionNumber(a), let y = ExpressionNumber(b) else {
            throw MongoError(
                .init(16611), "$mod only supports numeric types, not \(typeName(a)) and \(typeName(b))")
        }
        if y.isZero { throw MongoError(.init(16610), "can't $mod by zero") }
        return (x % y).value
    }

    private static func absolute(_ number: ExpressionNumber) throws -> ExpressionNumber {
        switch number {
        case .int32(let value): return value == .min ? .int64(Int64(value).magnitude.asInt64) : .int32(abs(value))
        case .int64(let value):
            guard value != .min else { throw MongoError(.init(28680), "can't take $abs of long long min") }
            return .int64(abs(value))
        case .double(let value): return .double(abs(value))
        case .decimal(let value): return .decimal(value.magnitude)
        }
    }

    private static func rounded(
        _ number: ExpressionNumber, _ rule: FloatingPointRoundingRule
    ) -> ExpressionNumber {
        switch number {
        case .double(let value): .double(value.rounded(rule))
        case .decimal(let value): .decimal(value.rounded(rule))
        default: number
        }
    }

    private static func round(
        _ name: String, _ values: [BSONValue?], _ rule: FloatingPointRoundingRule
    ) throws -> BSONValue? {
        var places = 0
        if values.count > 1 {
            if isNullish(values[1]) { return .null }
            guard ExpressionNumber(values[1]) != nil else {
                throw MongoError(.init(16004), "can't convert from BSON type \(typeName(values[1])) to long")
            }
            guard let integer = values[1]?.int else {
                throw MongoError(.init(51082), "precision argument to  \(name) must be a integral value")
            }
            guard (-20...100).contains(integer) else {
                throw MongoError(
                    .init(51083),
                    "cannot apply \(name) with precision value \(integer) value must be in [-20, 100]")
            }
            places = integer
        }
        if isNullish(values[0]) { return .null }
        guard let number = ExpressionNumber(values[0]) else {
            throw MongoError(.init(51081), "\(name) only supports numeric types, not \(typeName(values[0]))")
        }
        return rounded(number, toPlaces: places, rule).value
    }

    private static func rounded(
        _ number: ExpressionNumber, toPlaces places: Int, _ rule: FloatingPointRoundingRule
    ) -> ExpressionNumber {
        switch number {
        case .decimal(let value): return .decimal(value.rounded(toPlaces: places, rule))
        case .double(let value):
            guard value.isFinite else { return number }
            if places == 0 { return .double(value.rounded(rule)) }
            // Decimal digits are what is to be rounded, and a double has none; its exact value as a decimal has.
            return .double(Decimal128(nearest: value).rounded(toPlaces: places, rule).toDouble())
        case .int32, .int64:
            guard places < 0, let integer = number.integer else { return number }
            let result = Decimal128(integer).rounded(toPlaces: places, rule)
            guard let exact = result.toInt64() else { return .double(result.toDouble()) }
            if case .int32 = number, let small = Int32(exactly: exact) { return .int32(small) }
            return .int64(exact)
        }
    }

    private static func viaDouble(_ number: ExpressionNumber, _ body: (Double) -> Double) -> ExpressionNumber {
        if case .decimal = number { return .decimal(Decimal128(nearest: body(number.double))) }
        return .double(body(number.double))
    }

    private static func root(_ number: ExpressionNumber) throws -> ExpressionNumber {
        if number.double < 0 { throw MongoError(.init(28714), "$sqrt's argument must be greater than or equal to 0") }
        return viaDouble(number) { $0.squareRoot() }
    }

    private static func logarithm(
        _ name: String, _ code: Int32, _ number: ExpressionNumber, _ body: (Double) -> Double
    ) throws -> ExpressionNumber {
        guard number.isNaN || number.double > 0 else {
            throw MongoError(
                .init(code), "\(name)'s argument must be a positive number, but is \(number.value)")
        }
        return viaDouble(number, body)
    }

    private static func logarithmToBase(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = ExpressionNumber(a) else {
            throw MongoError(.init(28756), "$log's argument must be numeric, not \(typeName(a))")
        }
        guard let base = ExpressionNumber(b) else {
            throw MongoError(.init(28757), "$log's base must be numeric, not \(typeName(b))")
        }
        guard x.isNaN || x.double > 0 else {
            throw MongoError(.init(28758), "$log's argument must be a positive number, but is \(x.value)")
        }
        guard base.isNaN || base.double > 0 && base.double != 1 else {
            throw MongoError(
                .init(28759), "$log's base must be a positive number not equal to 1, but is \(base.value)")
        }
        let result = log(x.double) / log(base.double)
        if case .decimal = x { return .decimal128(Decimal128(nearest: result)) }
        if case .decimal = base { return .decimal128(Decimal128(nearest: result)) }
        return .double(result)
    }

    private static func power(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let base = ExpressionNumber(a) else {
            throw MongoError(.init(28762), "$pow's base must be numeric, not \(typeName(a))")
        }
        guard let exponent = ExpressionNumber(b) else {
            throw MongoError(.init(28763), "$pow's exponent must be numeric, not \(typeName(b))")
        }
        if base.isZero, exponent.double < 0 {
            throw MongoError(.init(28764), "$pow cannot take a base of 0 and a negative exponent")
        }
        if let x = base.integer, let n = exponent.integer, n >= 0, let exact = integerPower(x, n) {
            if case (.int32, .int32) = (base, exponent), let small = Int32(exactly: exact) { return .int32(small) }
            return .int64(exact)
        }
        let result = pow(base.double, exponent.double)
        if case .decimal = base { return .decimal128(Decimal128(nearest: result)) }
        if case .decimal = exponent { return .decimal128(Decimal128(nearest: result)) }
        return .double(result)
    }

    /// The power, or nil past 64 bits.
    private static func integerPower(_ base: Int64, _ exponent: Int64) -> Int64? {
        if base == 0 || base == 1 { return exponent == 0 ? 1 : base }
        if base == -1 { return exponent & 1 == 0 ? 1 : -1 }
        guard exponent < 64 else { return nil }
        var result: Int64 = 1
        for _ in 0..<exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { return nil }
            result = product
        }
        return result
    }
}

extension UInt64 {
    /// The same number, or the largest integer where it is larger.
    fileprivate var asInt64: Int64 { Int64(exactly: self) ?? .max }
}
