public import BSON

extension String: TextFieldValue {
    /// Reads a string.
    @inlinable
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> String? {
        raw.type == .string ? String(decoding: raw.stringBytes, as: UTF8.self) : nil
    }

    /// Writes a string.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._string(self)
        return .string
    }
}

extension ObjectID: OrderedFieldValue {
    /// Reads an ObjectID.
    @inlinable
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> ObjectID? {
        raw.type == .objectID ? ObjectID(_raw: raw) : nil
    }

    /// Writes an ObjectID.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        _write(to: &writer)
        return .objectID
    }
}

extension BSONDate: OrderedFieldValue {
    /// Reads a date.
    @inlinable
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONDate? {
        raw.type == .date ? BSONDate(millisecondsSince1970: raw.int64) : nil
    }

    /// Writes a date.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(millisecondsSince1970)
        return .date
    }
}

extension BSONTimestamp: OrderedFieldValue {
    /// Reads a timestamp.
    @inlinable
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONTimestamp? {
        raw.type == .timestamp ? BSONTimestamp(rawValue: UInt64(bitPattern: raw.int64)) : nil
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
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONBinary? {
        guard raw.type == .binary, case let (subtype, bytes) = raw.binary else { return nil }
        return BSONBinary(subtype: Subtype(rawValue: subtype), bytes: [UInt8](bytes))
    }

    /// Writes binary data.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.binary(self)) }
}

extension BSONRegularExpression: FieldValue {
    /// Reads a regular expression.
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONRegularExpression? {
        guard case .regularExpression(let value) = BSONValue(raw, context) else { return nil }
        return value
    }

    /// Writes a regular expression.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.regularExpression(self)) }
}

extension BSONDocument: FieldValue {
    /// Reads a document as it stands.
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONDocument? {
        raw.type == .document ? context.document.slice(raw) : nil
    }

    /// Writes a document as it stands.
    public func _write(into writer: inout BSONWriter) -> BSONType {
        withUnsafeBytes { writer._bytes($0) }
        return .document
    }
}

extension BSONArray: FieldValue {
    /// Reads an array as it stands.
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONArray? {
        raw.type == .array ? BSONArray(context.document.slice(raw)) : nil
    }

    /// Writes an array as it stands.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(.array(self)) }
}

extension BSONValue: OrderedFieldValue {
    /// Reads any value.
    public static func _read(_ raw: RawValue, _ context: inout _ReadContext) -> BSONValue? {
        BSONValue(raw, context)
    }

    /// Writes the value.
    public func _write(into writer: inout BSONWriter) -> BSONType { writer._value(self) }

    /// The value where it stands in the context's document.
    init(_ raw: RawValue, _ context: borrowing _ReadContext) {
        self.init(raw, owner: context.document.buffer)
    }
}

/// Enums (and whatever else has a raw value) are stored as that value.
extension FieldValue where Self: RawRepresentable, RawValue: FieldValue {
    /// Reads the raw value; nil where no case has it.
    @inlinable
    public static func _read(_ raw: BSON.RawValue, _ context: inout _ReadContext) -> Self? {
        RawValue._read(raw, &context).flatMap { Self(rawValue: $0) }
    }

    /// Writes the raw value.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType { rawValue._write(into: &writer) }
}
