internal import BSON

/// A number inside an expression, in the widest of the types that came into it.
///
/// Expressions widen as they need to: int32 to int64, int64 to double where it overflows, and a decimal takes all.
/// (Updates differ: there an overflow is an error.)
enum ExpressionNumber: Sendable {
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    case decimal(Decimal128)

    /// A number of any type; nil for anything else.
    init?(_ value: BSONValue?) {
        switch value {
        case .int32(let value): self = .int32(value)
        case .int64(let value): self = .int64(value)
        case .double(let value): self = .double(value)
        case .decimal128(let value): self = .decimal(value)
        default: return nil
        }
    }

    /// A number seen in place; nil for anything else.
    init?(raw value: RawValue) {
        switch value.type {
        case .int32: self = .int32(value.int32)
        case .int64: self = .int64(value.int64)
        case .double: self = .double(value.double)
        case .decimal128: self = .decimal(value.decimal128)
        default: return nil
        }
    }

    var value: BSONValue {
        switch self {
        case .int32(let value): .int32(value)
        case .int64(let value): .int64(value)
        case .double(let value): .double(value)
        case .decimal(let value): .decimal128(value)
        }
    }

    var double: Double {
        switch self {
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        case .double(let value): value
        case .decimal(let value): value.toDouble()
        }
    }

    /// As a decimal; a double keeps 15 digits, as in MongoDB.
    var decimal: Decimal128 {
        switch self {
        case .int32(let value): Decimal128(Int64(value))
        case .int64(let value): Decimal128(value)
        case .double(let value): Decimal128(value)
        case .decimal(let value): value
        }
    }

    /// The integer of the two integer types; nil for the others.
    var integer: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    var isNaN: Bool {
        switch self {
        case .double(let value): value.isNaN
        case .decimal(let value): value.isNaN
        default: false
        }
    }

    var isZero: Bool {
        switch self {
        case .int32(let value): value == 0
        case .int64(let value): value == 0
        case .double(let value): value == 0
        case .decimal(let value): value.isZero
        }
    }

    private var rank: Int {
        switch self {
        case .int32: 0
        case .int64: 1
        case .double: 2
        case .decimal: 3
        }
    }

    /// An integer in the narrowest type that holds it and is not below the two operands'.
    private static func integer(_ value: Int64, _ a: ExpressionNumber, _ b: ExpressionNumber) -> ExpressionNumber {
        if a.rank == 0, b.rank == 0, let small = Int32(exactly: value) { return .int32(small) }
        return .int64(value)
    }

    private typealias Checked = (partialValue: Int64, overflow: Bool)

    private static func combine(
        _ a: ExpressionNumber, _ b: ExpressionNumber, _ integers: (Int64, Int64) -> Checked,
        _ doubles: (Double, Double) -> Double, _ decimals: (Decimal128, Decimal128) -> Decimal128
    ) -> ExpressionNumber {
        if let x = a.integer, let y = b.integer {
            let result = integers(x, y)
            return result.overflow ? .double(doubles(Double(x), Double(y))) : integer(result.partialValue, a, b)
        }
        if a.rank == 3 || b.rank == 3 { return .decimal(decimals(a.decimal, b.decimal)) }
        return .double(doubles(a.double, b.double))
    }

    static func + (a: ExpressionNumber, b: ExpressionNumber) -> ExpressionNumber {
        combine(a, b, { $0.addingReportingOverflow($1) }, +, +)
    }
    static func - (a: ExpressionNumber, b: ExpressionNumber) -> ExpressionNumber {
        combine(a, b, { $0.subtractingReportingOverflow($1) }, -, -)
    }
    static func * (a: ExpressionNumber, b: ExpressionNumber) -> ExpressionNumber {
        combine(a, b, { $0.multipliedReportingOverflow(by: $1) }, *, *)
    }
    /// The quotient: always a double, or a decimal.
    static func / (a: ExpressionNumber, b: ExpressionNumber) -> ExpressionNumber {
        if a.rank == 3 || b.rank == 3 { return .decimal(a.decimal / b.decimal) }
        return .double(a.double / b.double)
    }
    /// The remainder with the dividend's sign. The divisor is not zero.
    static func % (a: ExpressionNumber, b: ExpressionNumber) -> ExpressionNumber {
        // The least integer by -1 would overflow; the remainder of any integer by -1 is zero.
        combine(
            a, b, { $1 == -1 || $1 == 0 ? (0, false) : ($0 % $1, false) }, { $0.truncatingRemainder(dividingBy: $1) },
            { $0.truncatingRemainder(dividingBy: $1) })
    }
}
