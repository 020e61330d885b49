/// The type byte of a BSON element, as the BSON specification numbers it (https://bsonspec.org/spec.html).
public enum BSONType: UInt8, Sendable, Hashable, CaseIterable {
    case double = 0x01
    case string = 0x02
    case document = 0x03
    case array = 0x04
    case binary = 0x05
    case undefined = 0x06
    case objectID = 0x07
    case bool = 0x08
    case date = 0x09
    case null = 0x0A
    case regularExpression = 0x0B
    case dbPointer = 0x0C
    case javascript = 0x0D
    case symbol = 0x0E
    case javascriptWithScope = 0x0F
    case int32 = 0x10
    case timestamp = 0x11
    case int64 = 0x12
    case decimal128 = 0x13
    case maxKey = 0x7F
    case minKey = 0xFF

    /// The type that a byte of BSON names; nil where it names none.
    @inlinable @inline(__always)
    public init?(rawValue: UInt8) {
        // Written out so that other modules' walks over documents have it in place, and the two numbers that stand apart
        // kept apart, so that the rest is a subtraction and not a table.
        guard rawValue <= 0x13 else {
            switch rawValue {
            case 0x7F: self = .maxKey
            case 0xFF: self = .minKey
            default: return nil
            }
            return
        }
        switch rawValue {
        case 0x01: self = .double
        case 0x02: self = .string
        case 0x03: self = .document
        case 0x04: self = .array
        case 0x05: self = .binary
        case 0x06: self = .undefined
        case 0x07: self = .objectID
        case 0x08: self = .bool
        case 0x09: self = .date
        case 0x0A: self = .null
        case 0x0B: self = .regularExpression
        case 0x0C: self = .dbPointer
        case 0x0D: self = .javascript
        case 0x0E: self = .symbol
        case 0x0F: self = .javascriptWithScope
        case 0x10: self = .int32
        case 0x11: self = .timestamp
        case 0x12: self = .int64
        case 0x13: self = .decimal128
        default: return nil
        }
    }

    /// The alias that `$type` and `$convert` take for this type (MongoDB's manual, "BSON Types").
    public var alias: String {
        switch self {
        case .double: "double"
        case .string: "string"
        case .document: "object"
        case .array: "array"
        case .binary: "binData"
        case .undefined: "undefined"
        case .objectID: "objectId"
        case .bool: "bool"
        case .date: "date"
        case .null: "null"
        case .regularExpression: "regex"
        case .dbPointer: "dbPointer"
        case .javascript: "javascript"
        case .symbol: "symbol"
        case .javascriptWithScope: "javascriptWithScope"
        case .int32: "int"
        case .timestamp: "timestamp"
        case .int64: "long"
        case .decimal128: "decimal"
        case .maxKey: "maxKey"
        case .minKey: "minKey"
        }
    }

    /// The number that MongoDB's `$type` takes for this type: the type byte, and -1 for `minKey`.
    public var code: Int { self == .minKey ? -1 : Int(rawValue) }

    /// Whether values of this type are numbers, which compare with each other by value.
    public var isNumber: Bool {
        switch self {
        case .double, .int32, .int64, .decimal128: true
        default: false
        }
    }

    /// The place of this type in MongoDB's comparison order; equal for types that compare by value.
    package var canonicalOrder: UInt8 {
        switch self {
        case .minKey: 10
        case .undefined: 15
        case .null: 20
        case .double, .int32, .int64, .decimal128: 30
        case .string, .symbol: 60
        case .document: 70
        case .array: 80
        case .binary: 90
        case .objectID: 100
        case .bool: 110
        case .date: 120
        case .timestamp: 130
        case .regularExpression: 140
        case .dbPointer: 150
        case .javascript: 160
        case .javascriptWithScope: 170
        case .maxKey: 240
        }
    }
}
