public import BSON

extension String: TextFieldValue {
    /// What the shortest takes.
    @inlinable public static var _room: Int { 5 }
    /// Takes a string.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.takeString(within: start)
    }

    /// Writes a string.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._string(self)
        return .string
    }
}

extension ObjectID: OrderedFieldValue {
    /// What each takes.
    @inlinable public static var _room: Int { 12 }
    /// Takes an ObjectID.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.takeObjectID(within: start)
    }

    /// Writes an ObjectID.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        _write(to: &writer)
        return .objectID
    }
}

extension BSONDate: OrderedFieldValue {
    /// What each takes.
    @inlinable public static var _room: Int { 8 }
    /// Takes a date.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.take(within: start, .date, as: Int64.self).map { BSONDate(millisecondsSince1970: $0) }
    }

    /// Writes a date.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(millisecondsSince1970)
        return .date
    }
}

extension BSONTimestamp: OrderedFieldValue {
    /// What each takes.
    @inlinable public static var _room: Int { 8 }
    /// Takes a timestamp.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        reader.take(within: start, .timestamp, as: UInt64.self).map { BSONTimestamp(rawValue: $0) }
    }

    /// Writes a timestamp.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(rawValue)
        return .timestamp
    }
}

extension BSONBinary: FieldValue {
    /// Reads binary data of any subtype.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> BSONBinary? {
        guard let raw = reader.take(start), raw.type == .binary, case let (subtype, bytes) = raw.binary else {
            return nil
        }
        return BSONBinary(subtype: Subtype(rawValue: subtype), bytes: [UInt8](bytes))
    }

    /// Writes binary data.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.binary(self)) }
}

extension BSONRegularExpression: FieldValue {
    /// Reads a regular expression.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> BSONRegularExpression? {
        guard case .regularExpression(let value)? = BSONValue._read(start, &reader, &context) else { return nil }
        return value
    }

    /// Writes a regular expression.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.regularExpression(self)) }
}

extension BSONDocument: FieldValue {
    /// Reads a document as it stands.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> BSONDocument? {
        reader.take(start, container: .document).map { context.slice($0) }
    }

    /// Writes a document as it stands.
    public func _write(into writer: inout BSONWriter) -> BSONType {
        withUnsafeBytes { writer._bytes($0) }
        return .document
    }
}

extension BSONArray: FieldValue {
    /// Reads an array as it stands.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> BSONArray? {
        reader.take(start, container: .array).map { BSONArray(context.slice($0)) }
    }

    /// Writes an array as it stands.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.array(self)) }
}

extension BSONValue: OrderedFieldValue {
    /// Reads any value.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> BSONValue? {
        reader.take(start).map { context.value($0) }
    }

    /// Writes the value.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(self) }
}

/// Enums (and whatever else has a raw value) are stored as that value.
extension FieldValue where Self: RawRepresentable, RawValue: FieldValue {
    /// Reads the raw value; nil where no case has it.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Self? {
        RawValue._read(start, &reader, &context).flatMap { Self(rawValue: $0) }
    }

    /// What the shortest takes.
    @inlinable public static var _room: Int { RawValue._room }
    /// Takes the raw value.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        RawValue._take(start, &reader).flatMap { Self(rawValue: $0) }
    }

    /// Writes the raw value.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType { rawValue._write(into: &writer) }
}
