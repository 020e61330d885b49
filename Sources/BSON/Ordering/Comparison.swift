#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension BSONValue {
    /// Orders two values as MongoDB does ("Comparison/Sort Order" in the manual): by type first, numbers of all types by
    /// value, NaN below every number.
    /// - Returns: Below zero, zero or above zero, as `a` stands before, beside or behind `b`.
    public static func compare(_ a: BSONValue, _ b: BSONValue) -> Int {
        a.withRawValue { x in b.withRawValue { y in RawValue.compare(x, y) } }
    }
}

extension RawValue {
    /// Orders two values as MongoDB does; see ``BSONValue/compare(_:_:)``.
    package static func compare(_ a: RawValue, _ b: RawValue) -> Int {
        let order = Int(a.type.canonicalOrder) - Int(b.type.canonicalOrder)
        return order != 0 ? order : compareWithinOrder(a, b)
    }

    /// Orders two values of one place in the order of types.
    static func compareWithinOrder(_ a: RawValue, _ b: RawValue) -> Int {
        switch a.type {
        case .double, .int32, .int64, .decimal128: return compareNumbers(a, b)
        case .string, .symbol, .javascript: return compareBytes(a.stringBytes, b.stringBytes)
        case .document: return RawDocument.compare(a.document, b.document, names: true)
        case .array: return RawDocument.compare(a.document, b.document, names: false)
        case .binary:
            // By size, subtype and bytes, the inner length of subtype 2 among them, as they are stored.
            if a.count != b.count { return a.count - b.count }
            return compareBytes(a.stored, b.stored)
        case .objectID: return compareBytes(a.bytes, b.bytes)
        case .bool: return (a.bool ? 1 : 0) - (b.bool ? 1 : 0)
        case .date: return sign(a.int64, b.int64)
        case .timestamp: return sign(UInt64(bitPattern: a.int64), UInt64(bitPattern: b.int64))
        case .regularExpression:
            let x = a.regularExpression
            let y = b.regularExpression
            let order = compareBytes(x.pattern, y.pattern)
            return order != 0 ? order : compareBytes(x.options, y.options)
        case .dbPointer:
            if a.count != b.count { return a.count - b.count }
            return compareBytes(a.bytes, b.bytes)
        case .javascriptWithScope:
            let x = a.javascriptWithScope
            let y = b.javascriptWithScope
            let order = compareBytes(x.code.stringBytes, y.code.stringBytes)
            return order != 0 ? order : RawDocument.compare(x.scope, y.scope, names: true)
        case .undefined, .null, .minKey, .maxKey: return 0
        }
    }

    private static func compareNumbers(_ a: RawValue, _ b: RawValue) -> Int {
        switch (a.type, b.type) {
        case (.int32, .int32): return sign(a.int32, b.int32)
        case (.double, .double): return compareDoubles(a.double, b.double)
        case (.decimal128, .decimal128): return Decimal128.compare(a.decimal128, b.decimal128)
        case (.decimal128, .double): return Decimal128.compare(a.decimal128, b.double)
        case (.double, .decimal128): return -Decimal128.compare(b.decimal128, a.double)
        case (.decimal128, _): return Decimal128.compare(a.decimal128, b.integer)
        case (_, .decimal128): return -Decimal128.compare(b.decimal128, a.integer)
        case (.double, _): return compareDouble(a.double, b.integer)
        case (_, .double): return -compareDouble(b.double, a.integer)
        default: return sign(a.integer, b.integer)
        }
    }

    private var integer: Int64 { type == .int32 ? Int64(int32) : int64 }

    static func compareDoubles(_ a: Double, _ b: Double) -> Int {
        if a < b { return -1 }
        if a > b { return 1 }
        if a == b { return 0 }
        return (a.isNaN ? 0 : 1) - (b.isNaN ? 0 : 1)
    }

    static func compareDouble(_ a: Double, _ b: Int64) -> Int {
        if a.isNaN { return -1 }
        if a >= 0x1p63 { return 1 }
        if a < -0x1p63 { return -1 }
        let whole = Int64(a)
        if whole != b { return whole < b ? -1 : 1 }
        let fraction = a - Double(whole)
        return fraction > 0 ? 1 : fraction < 0 ? -1 : 0
    }

    static func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }

    static func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        if let x = a.baseAddress, let y = b.baseAddress {
            let order = Int(memcmp(x, y, min(a.count, b.count)))
            if order != 0 { return order }
        }
        return a.count - b.count
    }
}

extension RawDocument {
    /// Orders two documents field by field: type, then name (not for arrays), then value; the shorter one first.
    package static func compare(_ a: RawDocument, _ b: RawDocument, names: Bool) -> Int {
        var left = a.makeIterator()
        var right = b.makeIterator()
        while true {
            switch (left.next(), right.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let x?, let y?):
                let types = Int(x.value.type.canonicalOrder) - Int(y.value.type.canonicalOrder)
                if types != 0 { return types }
                if names {
                    let order = RawValue.compareBytes(x.key, y.key)
                    if order != 0 { return order }
                }
                let order = RawValue.compareWithinOrder(x.value, y.value)
                if order != 0 { return order }
            }
        }
    }
}
