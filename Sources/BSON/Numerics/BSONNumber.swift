/// A BSON number: a value known to have one of the four numeric types, in the order they widen.
package enum BSONNumber: Sendable, Hashable {
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    case decimal(Decimal128)

    /// A number of any type; nil for anything else.
    package init?(_ value: BSONValue?) {
        switch value {
        case .int32(let value): self = .int32(value)
        case .int64(let value): self = .int64(value)
        case .double(let value): self = .double(value)
        case .decimal128(let value): self = .decimal(value)
        default: return nil
        }
    }

    /// The number as the value of a field.
    package var value: BSONValue {
        switch self {
        case .int32(let value): .int32(value)
        case .int64(let value): .int64(value)
        case .double(let value): .double(value)
        case .decimal(let value): .decimal128(value)
        }
    }

    /// The nearest double.
    package var double: Double {
        switch self {
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        case .double(let value): value
        case .decimal(let value): value.toDouble()
        }
    }

    /// As a decimal; a double keeps 15 digits, as in MongoDB.
    package var decimal: Decimal128 {
        switch self {
        case .int32(let value): Decimal128(Int64(value))
        case .int64(let value): Decimal128(value)
        case .double(let value): Decimal128(value)
        case .decimal(let value): value
        }
    }

    /// The integer of the two integer types; nil for the others.
    package var integer: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    /// Whether the number has the decimal type.
    package var isDecimal: Bool {
        if case .decimal = self { true } else { false }
    }

    /// Whether this is NaN of either type that has it.
    package var isNaN: Bool {
        switch self {
        case .double(let value): value.isNaN
        case .decimal(let value): value.isNaN
        default: false
        }
    }

    /// Whether this is a zero of either sign.
    package var isZero: Bool { sign == 0 }

    /// Whether the number is above zero; NaN is not.
    package var isPositive: Bool { sign == 1 }

    /// Whether the number is below zero; NaN and a negative zero are not.
    package var isNegative: Bool { sign == -1 }

    /// -1, 0 or 1; nil for NaN.
    private var sign: Int? {
        switch self {
        case .int32(let value): return Int(value.signum())
        case .int64(let value): return Int(value.signum())
        case .double(let value): return value.isNaN ? nil : value > 0 ? 1 : value < 0 ? -1 : 0
        case .decimal(let value): return value.isNaN ? nil : value.isZero ? 0 : value.isNegative ? -1 : 1
        }
    }
}
