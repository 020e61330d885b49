/// Bytes whose `memcmp` order is MongoDB's order of the values they stand for.
///
/// Values that compare equal (`1`, `1.0`, `NumberLong(1)`) get equal bytes, so the same encoding serves as the key of an
/// index, of a group and of a set. Each encoding ends by itself: keys of several values are their concatenation, and a
/// descending part is the same bytes inverted.
package enum KeyEncoding {
    /// Appends the key of one value.
    package static func append(_ value: RawValue, to key: inout [UInt8], descending: Bool = false) {
        let start = key.count
        key.append(value.type.canonicalOrder)
        appendBody(value, to: &key)
        if descending { invert(&key, from: start) }
    }

    /// Appends the key of one value.
    package static func append(_ value: BSONValue, to key: inout [UInt8], descending: Bool = false) {
        value.withRawValue { append($0, to: &key, descending: descending) }
    }

    /// The key of one value.
    package static func key(of value: BSONValue) -> [UInt8] {
        var key: [UInt8] = []
        append(value, to: &key)
        return key
    }

    /// The first byte of all keys of a type, which a type-bracketed range starts with.
    package static func prefix(of type: BSONType) -> UInt8 { type.canonicalOrder }

    /// Inverts the bytes from `start`, which turns their order round.
    package static func invert(_ key: inout [UInt8], from start: Int) {
        for index in start..<key.count { key[index] = ~key[index] }
    }

    private static func appendBody(_ value: RawValue, to key: inout [UInt8]) {
        switch value.type {
        case .undefined, .null, .minKey, .maxKey: break
        case .int32: append(double: Double(value.int32), to: &key)
        case .double: append(double: value.double, to: &key)
        case .int64: append(integer: value.int64, to: &key)
        case .decimal128: append(decimal: value.decimal128, to: &key)
        case .string, .symbol, .javascript: append(text: value.stringBytes, to: &key)
        case .document: append(value.document, names: true, to: &key)
        case .array: append(value.document, names: false, to: &key)
        case .binary:
            append(bigEndian: UInt32(truncatingIfNeeded: max(value.count - 5, 0)), to: &key)
            key.append(contentsOf: value.stored)
        case .objectID: key.append(contentsOf: value.bytes)
        case .bool: key.append(value.bool ? 1 : 0)
        case .date: append(bigEndian: UInt64(bitPattern: value.int64) ^ (1 << 63), to: &key)
        case .timestamp: append(bigEndian: UInt64(bitPattern: value.int64), to: &key)
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            append(text: pattern, to: &key)
            append(text: options, to: &key)
        case .dbPointer:
            append(bigEndian: UInt32(truncatingIfNeeded: value.count), to: &key)
            key.append(contentsOf: value.bytes)
        case .javascriptWithScope:
            let (code, scope) = value.javascriptWithScope
            append(text: code.stringBytes, to: &key)
            append(scope, names: true, to: &key)
        }
    }

    /// A document's fields, each as type, name and value; a zero, below every type, ends them.
    private static func append(_ document: RawDocument, names: Bool, to key: inout [UInt8]) {
        for element in document {
            key.append(element.value.type.canonicalOrder)
            if names { append(text: element.key, to: &key) }
            appendBody(element.value, to: &key)
        }
        key.append(0)
    }

    /// Text with zeros escaped, ended by two zeros: a prefix sorts before what it begins.
    private static func append(text: UnsafeRawBufferPointer, to key: inout [UInt8]) {
        if text.contains(0) {
            for byte in text {
                key.append(byte)
                if byte == 0 { key.append(0xFF) }
            }
        } else {
            key.append(contentsOf: text)
        }
        key.append(0)
        key.append(0)
    }

    /// A number is the largest double not above it, then what tells it from that double: a zero where nothing does,
    /// else its exact decimal digits. So all types interleave by value, and plain numbers take nine bytes.
    private static func append(double value: Double, to key: inout [UInt8]) {
        append(ordered: value, to: &key)
        key.append(0)
    }

    private static func append(ordered value: Double, to key: inout [UInt8]) {
        guard !value.isNaN else {
            append(bigEndian: 0 as UInt64, to: &key)
            return
        }
        // Adding zero makes -0 equal to 0; flipping makes the bits of negative numbers ascend.
        let bits = (value + 0.0).bitPattern
        append(bigEndian: bits >> 63 == 1 ? ~bits : bits | 1 << 63, to: &key)
    }

    private static func append(integer value: Int64, to key: inout [UInt8]) {
        let near = Double(value)
        if RawValue.compareDouble(near, value) == 0 {
            append(double: near, to: &key)
        } else {
            append(
                between: near > Double(sign: .plus, exponent: 62, significand: 2) ? near.nextDown : near,
                Decimal128(value), isAbove: { RawValue.compareDouble($0, value) > 0 }, to: &key)
        }
    }

    private static func append(decimal value: Decimal128, to key: inout [UInt8]) {
        if value.isNaN { return append(double: .nan, to: &key) }
        if value.isZero { return append(double: 0, to: &key) }
        if value.isInfinite { return append(double: value.isNegative ? -.infinity : .infinity, to: &key) }
        let near = value.toDouble()
        if near.isFinite, Decimal128.compare(value, near) == 0 { return append(double: near, to: &key) }
        append(between: near, value, isAbove: { Decimal128.compare(value, $0) < 0 }, to: &key)
    }

    private static func append(
        between near: Double, _ value: Decimal128, isAbove: (Double) -> Bool, to key: inout [UInt8]
    ) {
        var floor = near
        while floor > -.infinity, isAbove(floor) { floor = floor.nextDown }
        append(ordered: floor, to: &key)
        key.append(1)
        guard let (negative, coefficient, exponent) = value.normalized else { return }
        // Larger magnitudes have larger exponents of their first digit, then larger digits.
        let start = key.count
        let digits = String(coefficient).utf8.map { $0 - UInt8(ascii: "0") + 1 }
        append(bigEndian: UInt16(truncatingIfNeeded: exponent + digits.count + 0x4000), to: &key)
        key.append(contentsOf: digits)
        key.append(0)
        if negative { invert(&key, from: start) }
    }

    private static func append<T: FixedWidthInteger>(bigEndian value: T, to key: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { key.append(contentsOf: $0) }
    }
}
