internal import BSON

/// Values as MongoDB's `explain` writes them in bounds.
enum BoundsText {
    static func text(_ value: BSONValue) -> String {
        switch value {
        case .double(let number): return double(number)
        case .int32(let number): return String(number)
        case .int64(let number): return String(number)
        case .decimal128(let number): return "\(number)"
        case .string(let text), .symbol(let text): return quoted(text)
        case .javascript(let code): return code
        case .javascriptWithScope(let code, let scope): return "CodeWScope( \(code), \(document(scope)))"
        case .document(let fields): return document(fields)
        case .array(let values):
            let list = values.map { text($0) }.joined(separator: ", ")
            return list.isEmpty ? "[]" : "[ \(list) ]"
        case .binary(let data):
            return "BinData(\(data.subtype.rawValue), \(data.bytes.map(hex).joined()))"
        case .undefined: return "undefined"
        case .null: return "null"
        case .objectID(let id): return "ObjectId('\(id)')"
        case .bool(let flag): return flag ? "true" : "false"
        case .date(let date): return "new Date(\(date.millisecondsSince1970))"
        case .regularExpression(let regex): return "/\(regex.pattern)/\(regex.options)"
        case .dbPointer(let pointer): return "DBRef('\(pointer.namespace)', \(pointer.id))"
        case .timestamp(let time): return "Timestamp(\(time.seconds), \(time.increment))"
        case .minKey: return "MinKey"
        case .maxKey: return "MaxKey"
        }
    }

    private static func double(_ number: Double) -> String {
        if number.isNaN { return "nan.0" }
        if number.isInfinite { return number < 0 ? "-inf.0" : "inf.0" }
        // Swift writes 5.0 and 1e+20, as MongoDB does, with a fraction or an exponent.
        return number.description
    }

    private static func document(_ fields: BSONDocument) -> String {
        let list = fields.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
        return list.isEmpty ? "{}" : "{ \(list) }"
    }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ": result += "\\u00" + hex(UInt8(truncatingIfNeeded: scalar.value))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count < 2 ? "0" + digits : digits
    }
}
