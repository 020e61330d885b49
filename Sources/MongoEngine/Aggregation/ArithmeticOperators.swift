internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Numbers and dates.
    static let arithmetic: [String: ExpressionOperator] = [
        "$add": .values(any, add),
        "$subtract": .binary(subtract),
        "$multiply": .values(any, multiply),
        "$divide": .binary(divide),
        "$mod": .binary(modulo),
        "$abs": number("$abs") { number in
            guard let result = BSONArithmetic.absolute(number) else {
                throw MongoError(.init(28680), "can't take $abs of long long min")
            }
            return result
        },
        "$ceil": number("$ceil", BSONArithmetic.ceiling),
        "$floor": number("$floor", BSONArithmetic.floor),
        "$round": .values(1...2) { try round("$round", $0, .toNearestOrEven) },
        "$trunc": .values(1...2) { try round("$trunc", $0, .towardZero) },
        "$pow": .binary(power),
        "$sqrt": number("$sqrt") { number in
            guard let result = BSONArithmetic.squareRoot(number) else {
                throw MongoError(.init(28714), "$sqrt's argument must be greater than or equal to 0")
            }
            return result
        },
        "$exp": number("$exp", BSONArithmetic.exponential),
        "$ln": logarithm("$ln", 28766, BSONArithmetic.naturalLogarithm),
        "$log10": logarithm("$log10", 28761, BSONArithmetic.decimalLogarithm),
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
        _ name: String, _ body: @escaping @Sendable (BSONNumber) throws -> BSONNumber
    ) -> ExpressionOperator {
        .unary { value in
            if isNullish(value) { return .null }
            guard let number = BSONNumber(value) else {
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
            if let number = BSONNumber(value) {
                sum.add(number)
            } else if case .date(let value)? = value {
                guard date == nil else { throw MongoError(.init(16612), "only one date allowed in an $add expression") }
                date = value
            } else {
                throw MongoError(
                    .typeMismatch, "$add only supports numeric or date types, not \(typeName(value))")
            }
        }
        return try date.map { try .date(moved($0, by: sum.total, .toNearestOrAwayFromZero, "$add")) } ?? sum.total.value
    }

    /// A date moved by whole milliseconds: `$add` rounds doubles and `$subtract` cuts them off, as in MongoDB.
    private static func moved(
        _ date: BSONDate, by number: BSONNumber, _ rule: FloatingPointRoundingRule, _ name: String
    ) throws -> BSONDate {
        let shift: Int64? =
            switch number {
            case .double(let value): Int64(exactly: value.rounded(rule))
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
        if let x = BSONNumber(a), let y = BSONNumber(b) { return BSONArithmetic.subtract(x, y).value }
        if case .date(let from)? = a {
            if case .date(let to)? = b {
                let (difference, overflow) = from.millisecondsSince1970.subtractingReportingOverflow(
                    to.millisecondsSince1970)
                if overflow { throw MongoError(.overflow, "date overflow in $subtract") }
                return .int64(difference)
            }
            if let y = BSONNumber(b) {
                return .date(try moved(from, by: BSONArithmetic.negate(y), .towardZero, "$subtract"))
            }
        }
        throw MongoError(.typeMismatch, "can't $subtract \(typeName(b)) from \(typeName(a))")
    }

    private static func multiply(_ values: [BSONValue?]) throws -> BSONValue? {
        var product = BSONNumber.int32(1)
        for value in values {
            if isNullish(value) { return .null }
            guard let number = BSONNumber(value) else {
                throw MongoError(.typeMismatch, "$multiply only supports numeric types, not \(typeName(value))")
            }
            product = BSONArithmetic.multiply(product, number)
        }
        return product.value
    }

    private static func divide(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = BSONNumber(a), let y = BSONNumber(b) else {
            throw MongoError(
                .typeMismatch, "$divide only supports numeric types, not \(typeName(a)) and \(typeName(b))")
        }
        guard let quotient = BSONArithmetic.divide(x, y) else {
            throw MongoError(.badValue, "can't $divide by zero")
        }
        return quotient.value
    }

    private static func modulo(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = BSONNumber(a), let y = BSONNumber(b) else {
            throw MongoError(
                .init(16611), "$mod only supports numeric types, not \(typeName(a)) and \(typeName(b))")
        }
        guard let remainder = BSONArithmetic.remainder(x, y) else {
            throw MongoError(.init(16610), "can't $mod by zero")
        }
        return remainder.value
    }

    private static func round(
        _ name: String, _ values: [BSONValue?], _ rule: FloatingPointRoundingRule
    ) throws -> BSONValue? {
        var places = 0
        if values.count > 1 {
            if isNullish(values[1]) { return .null }
            guard let precision = BSONNumber(values[1]) else {
                throw MongoError(.init(16004), "can't convert from BSON type \(typeName(values[1])) to long")
            }
            guard let integer = values[1]?.int else {
                if precision.double.magnitude >= 0x1p63 {
                    throw MongoError(.init(31109), "Can't coerce out of range value \(precision.value) to long")
                }
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
        guard let number = BSONNumber(values[0]) else {
            throw MongoError(.init(51081), "\(name) only supports numeric types, not \(typeName(values[0]))")
        }
        guard let result = BSONArithmetic.round(number, toPlaces: places, rule) else {
            throw MongoError(
                .init(51080),
                "invalid conversion from Decimal128 result in \(name) resulting from arguments: "
                    + "[\(number.value),\(places)]")
        }
        return result.value
    }

    /// An operator over one number that must be positive.
    private static func logarithm(
        _ name: String, _ code: Int32, _ body: @escaping @Sendable (BSONNumber) -> BSONNumber?
    ) -> ExpressionOperator {
        number(name) { number in
            guard let result = body(number) else {
                throw MongoError(
                    .init(code), "\(name)'s argument must be a positive number, but is \(number.value)")
            }
            return result
        }
    }

    private static func logarithmToBase(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let x = BSONNumber(a) else {
            throw MongoError(.init(28756), "$log's argument must be numeric, not \(typeName(a))")
        }
        guard let base = BSONNumber(b) else {
            throw MongoError(.init(28757), "$log's base must be numeric, not \(typeName(b))")
        }
        guard BSONArithmetic.hasLogarithm(x) else {
            throw MongoError(.init(28758), "$log's argument must be a positive number, but is \(x.value)")
        }
        guard let result = BSONArithmetic.logarithm(x, base: base) else {
            throw MongoError(
                .init(28759), "$log's base must be a positive number not equal to 1, but is \(base.value)")
        }
        return result.value
    }

    private static func power(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let base = BSONNumber(a) else {
            throw MongoError(.init(28762), "$pow's base must be numeric, not \(typeName(a))")
        }
        guard let exponent = BSONNumber(b) else {
            throw MongoError(.init(28763), "$pow's exponent must be numeric, not \(typeName(b))")
        }
        guard let result = BSONArithmetic.power(base, exponent) else {
            throw MongoError(.init(28764), "$pow cannot take a base of 0 and a negative exponent")
        }
        return result.value
    }
}
