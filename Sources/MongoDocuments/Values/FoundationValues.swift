public import BSON

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UUID: FieldValue {
    /// Reads binary data of subtype 4.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> UUID? {
        guard let raw = reader.take(start), raw.type == .binary, case let (subtype, bytes) = raw.binary, subtype == 4,
            bytes.count == 16
        else { return nil }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    /// Writes binary data of subtype 4, in RFC 4122's byte order.
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(16 as Int32)
        writer._fixed(4 as UInt8)
        withUnsafeBytes(of: uuid) { writer._bytes($0) }
        return .binary
    }
}

extension Data: FieldValue {
    /// Reads binary data of any subtype.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Data? {
        guard let raw = reader.take(start), raw.type == .binary, case let bytes = raw.binary.bytes else { return nil }
        return Data(bytes)
    }

    /// Writes binary data of subtype 0.
    public func _write(into writer: inout BSONWriter) -> BSONType {
        writer._fixed(Int32(truncatingIfNeeded: count))
        writer._fixed(0 as UInt8)
        withUnsafeBytes { writer._bytes($0) }
        return .binary
    }
}

/// Dates are stored in milliseconds; what is finer is rounded away.
extension Date: OrderedFieldValue {
    /// Reads a date.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Date? {
        reader.take(start, .date, as: Int64.self).map { Date(timeIntervalSince1970: Double($0) / 1000) }
    }

    /// Writes a date; one beyond what BSON can hold becomes the nearest that it can.
    public func _write(into writer: inout BSONWriter) -> BSONType {
        let milliseconds = (timeIntervalSince1970 * 1000).rounded()
        writer._fixed(Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max))
        return .date
    }
}

/// URLs are stored as strings.
extension URL: TextFieldValue {
    /// Reads a string that is a URL.
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> URL? {
        String._read(start, &reader, &context).flatMap { URL(string: $0) }
    }

    /// Writes a string.
    public func _write(into writer: inout BSONWriter) -> BSONType { absoluteString._write(into: &writer) }
}
