/// One BSON value of any type.
///
/// Numbers keep the type they came with: an `int32` stays one through reading, changing and writing.
///
/// The few types of more than 16 bytes are boxed, so that all values are small.
public enum BSONValue: Sendable {
    case double(Double)
    case string(String)
    case document(BSONDocument)
    case array(BSONArray)
    case binary(BSONBinary)
    case undefined
    case objectID(ObjectID)
    case bool(Bool)
    case date(BSONDate)
    case null
    indirect case regularExpression(BSONRegularExpression)
    indirect case dbPointer(BSONDBPointer)
    case javascript(String)
    case symbol(String)
    indirect case javascriptWithScope(code: String, scope: BSONDocument)
    case int32(Int32)
    case timestamp(BSONTimestamp)
    case int64(Int64)
    case decimal128(Decimal128)
    case minKey
    case maxKey

    /// The type of the value.
    public var type: BSONType {
        switch self {
        case .double: .double
        case .string: .string
        case .document: .document
        case .array: .array
        case .binary: .binary
        case .undefined: .undefined
        case .objectID: .objectID
        case .bool: .bool
        case .date: .date
        case .null: .null
        case .regularExpression: .regularExpression
        case .dbPointer: .dbPointer
        case .javascript: .javascript
        case .symbol: .symbol
        case .javascriptWithScope: .javascriptWithScope
        case .int32: .int32
        case .timestamp: .timestamp
        case .int64: .int64
        case .decimal128: .decimal128
        case .minKey: .minKey
        case .maxKey: .maxKey
        }
    }

    /// An integer as `int32` where it fits and `int64` elsewhere, as MongoDB's shell and drivers write integers.
    public static func int(_ value: Int) -> BSONValue {
        Int32(exactly: value).map { .int32($0) } ?? .int64(Int64(value))
    }
}

extension BSONValue {
    /// The string, or nil for any other type.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }
    /// The document, or nil for any other type.
    public var document: BSONDocument? {
        if case .document(let value) = self { value } else { nil }
    }
    /// The array, or nil for any other type.
    public var array: BSONArray? {
        if case .array(let value) = self { value } else { nil }
    }
    /// The ObjectID, or nil for any other type.
    public var objectID: ObjectID? {
        if case .objectID(let value) = self { value } else { nil }
    }
    /// The boolean, or nil for any other type.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
    /// The date, or nil for any other type.
    public var date: BSONDate? {
        if case .date(let value) = self { value } else { nil }
    }
    /// The binary data, or nil for any other type.
    public var binary: BSONBinary? {
        if case .binary(let value) = self { value } else { nil }
    }
    /// The timestamp, or nil for any other type.
    public var timestamp: BSONTimestamp? {
        if case .timestamp(let value) = self { value } else { nil }
    }
    /// Whether the value is null.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }
    /// Whether the value is a number of any type.
    public var isNumber: Bool { type.isNumber }

    /// A number of any type as an integer, where it has no fraction and fits; nil elsewhere.
    public var int64: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): Optional(value)
        case .double(let value): Int64(exactly: value)
        case .decimal128(let value):
            Int64(exactly: value)
        default: nil
        }
    }

    /// A number of any type as an `Int`, where it has no fraction and fits; nil elsewhere.
    public var int: Int? { int64.flatMap { Int(exactly: $0) } }

    /// A number of any type as a double, rounded to the nearest; nil for what is no number.
    public var double: Double? {
        switch self {
        case .double(let value): value
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        case .decimal128(let value): value.toDouble()
        default: nil
        }
    }

    /// What MongoDB takes as true: everything but false, null, undefined and the numbers that equal zero.
    package var isTruthy: Bool {
        switch self {
        case .bool(let value): value
        case .null, .undefined: false
        case .int32(let value): value != 0
        case .int64(let value): value != 0
        case .double(let value): value != 0
        case .decimal128(let value): !value.isZero
        default: true
        }
    }
}

extension BSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByStringInterpolation
{
    // Not by nil: `condition ? value : nil` would then be null where it is meant to be no value.

    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An `int32` where the literal fits, an `int64` elsewhere.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: BSONValue...) { self = .array(BSONArray(elements)) }
    /// A document with its fields in the order written.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self = .document(BSONDocument(fields: elements))
    }
}

extension BSONValue: Equatable, Hashable {
    /// Whether type and bytes are the same: `int32(1)` is not `int64(1)`. The order of MongoDB, which compares numbers
    /// by value, is ``compare(_:_:)``.
    public static func == (a: BSONValue, b: BSONValue) -> Bool {
        guard a.type == b.type else { return false }
        return a.withRawValue { x in
            b.withRawValue { y in x.count == y.count && x.bytes.elementsEqual(y.bytes) }
        }
    }

    /// Hashes type and bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        withRawValue { hasher.combine(bytes: $0.bytes) }
    }
}

extension BSONValue: CustomStringConvertible {
    /// The value as relaxed Extended JSON.
    public var description: String { extendedJSON() }
}
