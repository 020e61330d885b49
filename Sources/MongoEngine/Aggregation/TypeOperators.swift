internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Types and conversions.
    static let types: [String: ExpressionOperator] = [
        "$type": .unary { .string(typeName($0)) },
        "$isNumber": .unary { .bool($0?.isNumber ?? false) },
        "$toString": conversion(.string),
        "$toInt": conversion(.int32),
        "$toLong": conversion(.int64),
        "$toDouble": conversion(.double),
        "$toDecimal": conversion(.decimal128),
        "$toBool": conversion(.bool),
        "$toDate": conversion(.date),
        "$toObjectId": conversion(.objectID),
        "$convert": .raw(convert),
    ]

    /// ConversionFailure.
    private static let failure = ServerErrorCode.conversionFailure

    private static func conversion(_ type: BSONType) -> ExpressionOperator {
        .unary { isNullish($0) ? .null : try $0.map { try converted($0, to: type) } }
    }

    private static func convert(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts(
            "$convert", value, ["input", "to", "onError", "onNull", "format", "byteOrder"], notObject: 9, unknown: 9)
        guard let input = parts["input"], let wanted = parts["to"] else {
            throw MongoError(
                .failedToParse, "Missing '\(parts["input"] == nil ? "input" : "to")' parameter to $convert")
        }
        let (source, to) = (try scope.compile(input), try scope.compile(wanted))
        let onError = try parts["onError"].map(scope.compile)
        let onNull = try parts["onNull"].map(scope.compile)
        return CompiledExpression { root, variables in
            let wanted = try to.evaluate(root, variables)
            let value = try source.evaluate(root, variables)
            if isNullish(wanted) { return .null }
            let type = try target(of: wanted)
            guard let value, !isNullish(value) else {
                return try onNull.map { try $0.evaluate(root, variables) } ?? .null
            }
            do {
                return try converted(value, to: type)
            } catch let error as MongoError where error.code == failure && onError != nil {
                return try onError?.evaluate(root, variables)
            }
        }
    }

    /// The type that `$convert` is to convert to, by its alias or number.
    private static func target(of value: BSONValue?) throws -> BSONType {
        var name = value
        if let document = value?.document { name = document["type"] }
        if let alias = name?.string {
            if let type = BSONType.allCases.first(where: { $0.alias == alias }) { return type }
            throw MongoError(.badValue, "Unknown type name: \(alias)")
        }
        guard let name, name.isNumber else {
            throw MongoError(
                .failedToParse, "$convert's 'to' argument must be a string or number, but is \(typeName(name))")
        }
        guard let code = name.int else {
            throw MongoError(.failedToParse, "In $convert, numeric 'to' argument is not an integer")
        }
        guard let type = BSONType.allCases.first(where: { $0.code == code }) else {
            throw MongoError(
                .failedToParse, "In $convert, numeric value for 'to' does not correspond to a BSON type: \(code)")
        }
        return type
    }

    private static func converted(_ value: BSONValue, to type: BSONType) throws -> BSONValue {
        if value.type == type { return value }
        let result: BSONValue? =
            switch type {
            case .string: try stringValue(value)
            case .bool: .bool(boolValue(value))
            case .double: try doubleValue(value)
            case .decimal128: try decimalValue(value)
            case .int32: try integerValue(value, Int32.self).map { .int32($0) }
            case .int64: try integerValue(value, Int64.self).map { .int64($0) }
            case .date: try dateValue(value)
            case .objectID: try objectIDValue(value)
            default: nil
            }
        guard let result else {
            throw MongoError(
                failure,
                "Unsupported conversion from \(value.type.alias) to \(type.alias) in $convert with no onError value")
        }
        return result
    }

    private static func overflow(_ value: BSONValue) -> MongoError {
        MongoError(failure, "Conversion would overflow target type in $convert with no onError value: \(value)")
    }

    private static func unparsable(_ text: String, _ reason: String) -> MongoError {
        MongoError(failure, "Failed to parse number '\(text)' in $convert with no onError value: \(reason)")
    }

    private static func boolValue(_ value: BSONValue) -> Bool {
        // Any string is true, the empty one too.
        value.isTruthy
    }

    private static func stringValue(_ value: BSONValue) throws -> BSONValue? {
        switch value {
        case .objectID(let id): .string(id.description)
        case .bool(let flag): .string(flag ? "true" : "false")
        case .int32, .int64, .double, .decimal128, .date, .symbol: .string(try text(value))
        default: nil
        }
    }

    private static func doubleValue(_ value: BSONValue) throws -> BSONValue? {
        switch value {
        case .bool(let flag): return .double(flag ? 1 : 0)
        case .date(let date): return .double(Double(date.millisecondsSince1970))
        case .string(let text):
            guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 }), !text.lowercased().hasPrefix("0x"),
                let number = Double(text)
            else { throw unparsable(text, "Did not consume whole string.") }
            if number.isInfinite, text.utf8.contains(where: { (0x30...0x39).contains($0) }) {
                throw unparsable(text, "Out of range")
            }
            return .double(number)
        case .decimal128(let decimal):
            let number = decimal.toDouble()
            if number.isInfinite, !decimal.isInfinite { throw overflow(value) }
            return .double(number)
        default: return value.double.map { .double($0) }
        }
    }

    private static func decimalValue(_ value: BSONValue) throws -> BSONValue? {
        switch value {
        case .bool(let flag): return .decimal128(Decimal128(Int64(flag ? 1 : 0)))
        case .date(let date): return .decimal128(Decimal128(date.millisecondsSince1970))
        case .string(let text):
            guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 }), let number = Decimal128(nearest: text),
                number.isFinite || !text.utf8.contains(where: { (0x30...0x39).contains($0) })
            else { throw unparsable(text, text.isEmpty ? "Empty string" : "Failed to parse string to decimal") }
            return .decimal128(number)
        default: return BSONNumber(value).map { .decimal128($0.decimal) }
        }
    }

    private static func integerValue<Integer: FixedWidthInteger>(
        _ value: BSONValue, _ type: Integer.Type
    ) throws -> Integer? {
        switch value {
        case .bool(let flag): return flag ? 1 : 0
        case .date(let date): return Integer.bitWidth == 64 ? Integer(exactly: date.millisecondsSince1970) : nil
        case .string(let text):
            guard let first = text.utf8.first, first > 0x20, let number = Integer(text, radix: 10) else {
                throw unparsable(text, text.isEmpty ? "No digits" : "Did not consume whole string.")
            }
            return number
        case .double(let number):
            if !number.isFinite {
                throw MongoError(
                    failure,
                    "Attempt to convert \(number.isNaN ? "NaN" : "infinity") value to integer type in $convert with no onError value"
                )
            }
            guard let result = Integer(exactly: number.rounded(.towardZero)) else { throw overflow(value) }
            return result
        case .decimal128(let number):
            if !number.isFinite {
                throw MongoError(
                    failure,
                    "Attempt to convert \(number.isNaN ? "NaN" : "infinity") value to integer type in $convert with no onError value"
                )
            }
            guard let whole = number.truncated.toInt64(), let result = Integer(exactly: whole) else {
                throw overflow(value)
            }
            return result
        default:
            guard let integer = value.int64 else { return nil }
            guard let result = Integer(exactly: integer) else { throw overflow(value) }
            return result
        }
    }

    private static func objectIDValue(_ value: BSONValue) throws -> BSONValue? {
        guard let text = value.string else { return nil }
        guard let id = ObjectID(text) else {
            throw MongoError(
                failure,
                "Failed to parse objectId '\(text)' in $convert with no onError value: "
                    + (text.utf8.count == 24
                        ? "Invalid character found in hex string"
                        : "Invalid string length for parsing to OID, expected 24 but found \(text.utf8.count)"))
        }
        return .objectID(id)
    }

    private static func dateValue(_ value: BSONValue) throws -> BSONValue? {
        switch value {
        case .objectID(let id):
            return .date(BSONDate(millisecondsSince1970: Int64(id.secondsSince1970) * 1000))
        case .timestamp(let timestamp):
            return .date(BSONDate(millisecondsSince1970: Int64(timestamp.seconds) * 1000))
        case .string(let text):
            guard let date = DateText.parse(text) else {
                throw MongoError(failure, "Error parsing date string '\(text)'")
            }
            return .date(date)
        case .int32: return nil
        default:
            guard let number = BSONNumber(value) else { return nil }
            if number.isNaN { throw overflow(value) }
            let milliseconds: Int64? =
                if case .decimal(let decimal) = number {
                    decimal.isFinite ? decimal.truncated.toInt64() : nil
                } else {
                    number.integer ?? Int64(exactly: number.double.rounded(.towardZero))
                }
            guard let milliseconds else { throw overflow(value) }
            return .date(BSONDate(millisecondsSince1970: milliseconds))
        }
    }
}
