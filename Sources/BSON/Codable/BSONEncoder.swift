#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Writes `Encodable` values as BSON, straight to the bytes.
///
/// Integers of type `Int` and the small and unsigned ones become `int32` where they fit and `int64` elsewhere, as all of
/// MongoDB's drivers write them; `Int32` and `Int64` keep their size. `Decimal` becomes `decimal128` and `URL` a string. The
/// types of this module become what they are.
///
/// ```swift
/// struct Book: Codable { var title: String; var published: Date }
/// let document = try BSONEncoder().encode(Book(title: "R.U.R.", published: .now))
/// ```
public struct BSONEncoder: Sendable {
    /// How a `Date` is written.
    public enum DateEncodingStrategy: Sendable {
        /// As a BSON date, which keeps milliseconds.
        case date
        /// As an `int64` of milliseconds since 1970.
        case millisecondsSince1970
        /// As a double of seconds since 1970.
        case secondsSince1970
        /// As a string, `2012-12-24T12:15:30.501Z`.
        case iso8601
        /// By a function.
        case custom(@Sendable (Date, any Encoder) throws -> Void)
    }

    /// How `Data` is written.
    public enum DataEncodingStrategy: Sendable {
        /// As binary data of the generic subtype.
        case binary
        /// As a string in base64.
        case base64
        /// By a function.
        case custom(@Sendable (Data, any Encoder) throws -> Void)
    }

    /// How a `UUID` is written.
    public enum UUIDEncodingStrategy: Sendable {
        /// As binary data; ``UUIDRepresentation/standard`` unless old data demand another representation.
        case binary(UUIDRepresentation)
        /// As a string of 36 characters.
        case string
    }

    /// How a property without a value is written.
    public enum NilEncodingStrategy: Sendable {
        /// Not at all.
        case omit
        /// As null.
        case null
    }

    /// How dates are written; as BSON dates by default.
    public var dateEncodingStrategy: DateEncodingStrategy = .date
    /// How data are written; as binary data by default.
    public var dataEncodingStrategy: DataEncodingStrategy = .binary
    /// How UUIDs are written; as binary data of subtype 4 by default.
    public var uuidEncodingStrategy: UUIDEncodingStrategy = .binary(.standard)
    /// How optional properties without a value are written; not at all by default.
    public var nilEncodingStrategy: NilEncodingStrategy = .omit
    /// How coding keys become names of fields; as they are by default.
    public var keyEncodingStrategy: BSONKeyStrategy = .useDefaultKeys
    /// What the types' own `encode(to:)` may ask for.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Makes an encoder with the default strategies.
    public init() {}

    /// Writes a value as a document.
    /// - Throws: `EncodingError` where the value, or one in it, has no form in BSON, or is no document but another value.
    public func encode<T: Encodable>(_ value: T) throws -> BSONDocument {
        if T.self == BSONDocument.self { return unsafeBitCast(value, to: BSONDocument.self) }
        return try EncodingState.with(self) { try $0.document(of: value) }
    }

    /// Writes a value of any kind: a string, a date, an array.
    /// - Throws: `EncodingError` where the value, or one in it, has no form in BSON.
    public func encodeValue<T: Encodable>(_ value: T) throws -> BSONValue {
        try EncodingState.with(self) { try $0.value(of: value) }
    }
}
