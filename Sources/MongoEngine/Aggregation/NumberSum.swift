internal import BSON

/// A sum that loses little: integers are added exactly, doubles with a correction term, decimals apart.
struct NumberSum: Sendable {
    private var integers: Int64 = 0
    private var hasInt64 = false
    private var hasDouble = false
    private var high = 0.0
    private var low = 0.0
    private var decimal: Decimal128?

    /// Adds one number.
    mutating func add(_ number: BSONNumber) {
        switch number {
        case .int32(let value): add(integer: Int64(value))
        case .int64(let value):
            hasInt64 = true
            add(integer: value)
        case .double(let value):
            hasDouble = true
            add(double: value)
        case .decimal(let value): decimal = (decimal ?? .zero) + value
        }
    }

    /// Adds another sum, as the parts of a spilled group need it.
    mutating func add(_ other: NumberSum) {
        add(integer: other.integers)
        add(double: other.high)
        add(double: other.low)
        hasInt64 = hasInt64 || other.hasInt64
        hasDouble = hasDouble || other.hasDouble
        if let value = other.decimal { decimal = (decimal ?? .zero) + value }
    }

    private mutating func add(integer value: Int64) {
        let (sum, overflow) = integers.addingReportingOverflow(value)
        if overflow {
            // Past 64 bits the sum is a double's anyway.
            split(integers)
            split(value)
            integers = 0
        } else {
            integers = sum
        }
    }

    /// Adds an integer in two parts, each exact as a double.
    private mutating func split(_ value: Int64) {
        let top = (value >> 32) << 32
        add(double: Double(top))
        add(double: Double(value &- top))
    }

    // Neumaier's variant of Kahan's summation.
    private mutating func add(double value: Double) {
        let sum = high + value
        guard sum.isFinite else {
            high = sum
            low = 0
            return
        }
        low += abs(high) >= abs(value) ? (high - sum) + value : (value - sum) + high
        high = sum
    }

    /// The sum in the widest of the types that came in: int32, int64, double, decimal.
    var total: BSONNumber {
        if let decimal {
            var total = decimal + Decimal128(integers)
            if hasDouble || high != 0 { total = total + Decimal128(high + low) }
            return .decimal(total)
        }
        if hasDouble || high != 0 || low != 0 {
            var copy = self
            copy.split(integers)
            let sum = copy.high + copy.low
            if !hasDouble, let exact = Int64(exactly: sum) { return .int64(exact) }
            return .double(sum)
        }
        if !hasInt64, let small = Int32(exactly: integers) { return .int32(small) }
        return .int64(integers)
    }

    /// The sum by `count`: a decimal where one came in, a double elsewhere; null for none.
    func average(count: Int64) -> BSONValue {
        BSONArithmetic.divide(total, .int64(count))?.value ?? .null
    }

    /// The sum so far as a value, for a group that is spilled.
    var partial: BSONValue {
        [
            .int64(integers), .bool(hasInt64), .bool(hasDouble), .double(high), .double(low),
            decimal.map { .decimal128($0) } ?? .null,
        ]
    }

    /// Reads what ``partial`` wrote.
    init(partial: BSONValue) {
        let parts = partial.array.map { Array($0) } ?? []
        guard parts.count == 6 else { return }
        integers = parts[0].int64 ?? 0
        hasInt64 = parts[1].bool ?? false
        hasDouble = parts[2].bool ?? false
        high = parts[3].double ?? 0
        low = parts[4].double ?? 0
        if case .decimal128(let value) = parts[5] { decimal = value }
    }

    init() {}
}
