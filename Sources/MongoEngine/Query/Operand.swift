internal import BSON

/// A value whose bytes stay in place, so that comparing with it writes nothing.
final class Operand: Sendable {
    private let document: BSONDocument
    /// The value's type.
    let type: BSONType
    /// The place of its type in the order of types.
    let order: UInt8
    /// Whether it is NaN, which equals itself and is neither above nor below anything.
    let isNaN: Bool

    init(_ value: BSONValue) {
        document = ["": value]
        type = value.type
        order = value.type.canonicalOrder
        isNaN = value.withRawValue { $0.isNaN }
    }

    /// Calls `body` with the value in place.
    func withRaw<R>(_ body: (RawValue) throws -> R) rethrows -> R {
        // One byte of type and the empty key's terminator stand behind the length.
        try document.withRaw { raw in try body(RawValue(type: type, base: raw.base + 6, count: raw.count - 7)) }
    }
}

/// How two values are to stand to each other.
enum Relation: Sendable {
    case equal, less, lessOrEqual, greater, greaterOrEqual

    var acceptsEqual: Bool { self != .less && self != .greater }

    func accepts(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }

    /// Whether a value stands so to the operand; nil is a path that leads nowhere.
    ///
    /// Only values of one place in the order of types compare, but null is equal to missing and undefined, and
    /// everything lies above MinKey and below MaxKey.
    func holds(_ value: RawValue?, _ operand: Operand) -> Bool {
        guard let value, value.type.canonicalOrder == operand.order else {
            switch operand.type {
            case .null: return acceptsEqual && (value == nil || value?.type == .undefined)
            case .minKey: return self == .greater || self == .greaterOrEqual
            case .maxKey: return self == .less || self == .lessOrEqual
            default: return false
            }
        }
        if operand.isNaN || value.isNaN { return acceptsEqual && operand.isNaN && value.isNaN }
        return operand.withRaw { accepts(RawValue.compare(value, $0)) }
    }
}

extension RawValue {
    /// Whether it is a number that is none.
    var isNaN: Bool {
        switch type {
        case .double: double.isNaN
        case .decimal128: decimal128.isNaN
        default: false
        }
    }

    /// A number without its fraction, where it fits; nil for what is none.
    var truncatedInteger: Int64? {
        switch type {
        case .int32: Int64(int32)
        case .int64: int64
        case .double: Int64(exactly: double.rounded(.towardZero))
        case .decimal128: decimal128.isFinite ? decimal128.toInt64() : nil
        default: nil
        }
    }

    /// The integer whose bits a number has: doubles must have no fraction, decimals lose it, as in MongoDB.
    var integerOfBits: Int64? {
        switch type {
        case .int32: Int64(int32)
        case .int64: int64
        case .double: Int64(exactly: double)
        case .decimal128: decimal128.toInt64() ?? 0
        default: nil
        }
    }
}
