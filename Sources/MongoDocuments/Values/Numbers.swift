public import BSON

/// Whole numbers are read from every numeric type that holds them exactly. They are written as `int32` where all values
/// of the Swift type fit one, as `int64` else; an unsigned number beyond that becomes a `decimal128`, which compares by
/// value with the others.
extension FieldValue where Self: FixedWidthInteger {
    /// Reads any number that fits exactly.
    @inlinable @inline(__always)
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Self? {
        if let value = reader.take(start, .int64, as: Int64.self) { return Self(exactly: value) }
        if let value = reader.take(start, .int32, as: Int32.self) { return Self(exactly: value) }
        return _readFraction(start, &reader)
    }

    /// What the longer takes.
    @inlinable public static var _room: Int { 8 }
    /// Takes an integer.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        if let value = reader.take(within: start, .int64, as: Int64.self) { return Self(exactly: value) }
        return reader.take(within: start, .int32, as: Int32.self).flatMap { Self(exactly: $0) }
    }

    /// Reads numbers that are seldom whole.
    @inlinable @inline(never)
    static func _readFraction(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        guard let raw = reader.take(start) else { return nil }
        switch raw.type {
        case .double: return Self(exactly: raw.double)
        case .decimal128: return raw.decimal128.exactInteger.flatMap { Self(exactly: $0) }
        default: return nil
        }
    }

    /// Writes the number.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        if Int32(exactly: Self.max) != nil {
            writer._fixed(Int32(truncatingIfNeeded: self))
            return .int32
        }
        if let value = Int64(exactly: self) {
            writer._fixed(value)
            return .int64
        }
        return Decimal128(unsigned: UInt64(truncatingIfNeeded: self))._write(into: &writer)
    }
}

extension Int: NumericFieldValue {}
extension Int8: NumericFieldValue {}
extension Int16: NumericFieldValue {}
extension Int32: NumericFieldValue {}
extension Int64: NumericFieldValue {}
extension UInt: NumericFieldValue {}
extension UInt8: NumericFieldValue {}
extension UInt16: NumericFieldValue {}
extension UInt32: NumericFieldValue {}
extension UInt64: NumericFieldValue {}

extension Double: NumericFieldValue {
    /// Reads a double or an integer; a decimal is rounded.
    @inlinable @inline(__always)
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Double? {
        if let bits = reader.take(start, .double, as: UInt64.self) { return Double(bitPattern: bits) }
        return _readOther(start, &reader)
    }

    /// What each takes.
    @inlinable public static var _room: Int { 8 }
    /// Takes a double.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.take(within: start, .double, as: UInt64.self).map { Double(bitPattern: $0) }
    }

    /// Reads numbers of other types.
    @usableFromInline @inline(never)
    static func _readOther(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Double? {
        guard let raw = reader.take(start) else { return nil }
        switch raw.type {
        case .int32: return Double(raw.int32)
        case .int64: return Double(raw.int64)
        case .decimal128: return raw.decimal128.nearestDouble
        default: return nil
        }
    }

    /// Writes a double.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(bitPattern)
        return .double
    }
}

extension Float: NumericFieldValue {
    /// Reads as `Double` does, and rounds.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Float? {
        Double._read(start, &reader, &context).map { Float($0) }
    }

    /// Writes a double.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType { Double(self)._write(into: &writer) }
}

extension Decimal128: NumericFieldValue {
    /// Reads a decimal or an integer.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Decimal128? {
        guard let raw = reader.take(start) else { return nil }
        switch raw.type {
        case .decimal128: return raw.decimal128
        case .int32: return Decimal128(Int64(raw.int32))
        case .int64: return Decimal128(raw.int64)
        default: return nil
        }
    }

    /// Writes a decimal.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(low)
        writer._fixed(high)
        return .decimal128
    }

    @usableFromInline
    init(unsigned value: UInt64) {
        // The coefficient of an integer stands in the low bits, with an exponent of zero.
        self.init(high: Decimal128.zero.high, low: value)
    }

    /// The value as an integer of 128 bits, nil for fractions and for what is larger.
    @usableFromInline var exactInteger: Int128? {
        if let value = BSONValue.decimal128(self).int64 { return Int128(value) }
        // What `init(unsigned:)` writes, above Int64's range.
        guard high == Decimal128.zero.high else { return nil }
        return Int128(low)
    }

    @usableFromInline var nearestDouble: Double? { BSONValue.decimal128(self).double }
}

extension Bool: FieldValue {
    /// What each takes.
    @inlinable public static var _room: Int { 1 }
    /// Takes a boolean.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.take(within: start, .bool, as: UInt8.self).flatMap { $0 <= 1 ? $0 == 1 : nil }
    }

    /// Writes a boolean.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(self ? 1 as UInt8 : 0)
        return .bool
    }
}
