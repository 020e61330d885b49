/// Addition, subtraction and multiplication of BSON numbers of any types, as MongoDB does them.
///
/// The result has the wider of the two types, in the order int32, int64, double, decimal. An int32 result that does not
/// fit becomes an int64. A double that meets a decimal is taken at 15 significant digits.
package enum BSONArithmetic {
    /// The sum; nil where an operand is no number or an int64 result does not fit.
    package static func add(_ a: BSONValue, _ b: BSONValue) -> BSONValue? {
        combine(a, b, { $0.addingReportingOverflow($1) }, { $0 + $1 }, { $0 + $1 })
    }

    /// The difference; nil where an operand is no number or an int64 result does not fit.
    package static func subtract(_ a: BSONValue, _ b: BSONValue) -> BSONValue? {
        combine(a, b, { $0.subtractingReportingOverflow($1) }, { $0 - $1 }, { $0 - $1 })
    }

    /// The product; nil where an operand is no number or an int64 result does not fit.
    package static func multiply(_ a: BSONValue, _ b: BSONValue) -> BSONValue? {
        combine(a, b, { $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 }, { $0 * $1 })
    }

    /// A number of any type as a decimal, as MongoDB converts it for arithmetic; nil for what is no number.
    package static func decimal(_ value: BSONValue) -> Decimal128? {
        switch value {
        case .int32(let value): Decimal128(Int64(value))
        case .int64(let value): Decimal128(value)
        case .double(let value): Decimal128(value)
        case .decimal128(let value): value
        default: nil
        }
    }

    private static func combine(
        _ a: BSONValue, _ b: BSONValue,
        _ integers: (Int64, Int64) -> (partialValue: Int64, overflow: Bool),
        _ doubles: (Double, Double) -> Double,
        _ decimals: (Decimal128, Decimal128) -> Decimal128
    ) -> BSONValue? {
        switch (a, b) {
        case (.int32(let x), .int32(let y)):
            // Two 32-bit operands cannot overflow 64 bits under any of the three operations.
            let result = integers(Int64(x), Int64(y)).partialValue
            return Int32(exactly: result).map { .int32($0) } ?? .int64(result)
        case (.int32, .int64), (.int64, .int32), (.int64, .int64):
            guard let x = a.int64, let y = b.int64 else { return nil }
            let (result, overflow) = integers(x, y)
            return overflow ? nil : .int64(result)
        case (.decimal128, _), (_, .decimal128):
            guard let x = decimal(a), let y = decimal(b) else { return nil }
            return .decimal128(decimals(x, y))
        default:
            guard let x = a.double, let y = b.double else { return nil }
            return .double(doubles(x, y))
        }
    }
}
