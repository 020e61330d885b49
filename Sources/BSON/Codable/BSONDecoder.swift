#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Reads `Decodable` values from BSON, straight from the bytes.
///
/// Numbers of all types are read into any number that holds them: an `int64` or a double into an `Int` where nothing is
/// lost, and it is an error elsewhere. Null and a missing field are both nil. Fields that the type does not know are skipped.
///
/// Every error names the path, the type wanted, the type found and its place:
/// `publisher.city: expected a string, found an int at byte 57`. Paths have the names of the document's fields.
public struct BSONDecoder: Sendable {
    /// How a `Date` is read.
    public enum DateDecodingStrategy: Sendable {
        /// From a BSON date.
        case date
        /// From a number of milliseconds since 1970.
        case millisecondsSince1970
        /// From a number of seconds since 1970.
        case secondsSince1970
        /// From a string in ISO 8601, as ``BSONDate/init(iso8601:)`` reads it.
        case iso8601
        /// By a function.
        case custom(@Sendable (any Decoder) throws -> Date)
    }

    /// How `Data` is read.
    public enum DataDecodingStrategy: Sendable {
        /// From binary data of any subtype.
        case binary
        /// From a string in base64.
        case base64
        /// By a function.
        case custom(@Sendable (any Decoder) throws -> Data)
    }

    /// How a `UUID` is read.
    public enum UUIDDecodingStrategy: Sendable {
        /// From binary data, as ``BSONBinary/uuid(_:)`` reads it.
        case binary(UUIDRepresentation)
        /// From a string of 36 characters.
        case string
    }

    /// How dates are read; from BSON dates by default.
    public var dateDecodingStrategy: DateDecodingStrategy = .date
    /// How data are read; from binary data by default.
    public var dataDecodingStrategy: DataDecodingStrategy = .binary
    /// How UUIDs are read; from binary data of subtype 4 by default.
    public var uuidDecodingStrategy: UUIDDecodingStrategy = .binary(.standard)
    /// How coding keys become names of fields; as they are by default.
    public var keyDecodingStrategy: BSONKeyStrategy = .useDefaultKeys
    /// What the types' own `init(from:)` may ask for.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Makes a decoder with the default strategies.
    public init() {}

    /// Reads a value from a document.
    /// - Throws: `DecodingError` where the document is not what the type wants.
    public func decode<T: Decodable>(_ type: T.Type = T.self, from document: BSONDocument) throws -> T {
        let value = document.withRaw { $0.value(.document) }
        return try DecodingState.with(self, value, document.buffer) { try $0.decode(type) }
    }

    /// Reads a value from a value of any kind.
    /// - Throws: `DecodingError` where the value is not what the type wants.
    public func decodeValue<T: Decodable>(_ type: T.Type = T.self, from value: BSONValue) throws -> T {
        if case .document(let document) = value { return try decode(type, from: document) }
        let document: BSONDocument = ["": value]
        let inner = document.withRaw { $0.firstValue }
        guard let inner else { return try decode(type, from: document) }
        return try DecodingState.with(self, inner, document.buffer) { try $0.decode(type) }
    }

    /// Reads a value from the bytes of a document, which are checked first.
    /// - Throws: ``BSONError`` where the bytes are not exactly one document, `DecodingError` where it is not what the type
    ///   wants.
    public func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: some Collection<UInt8>) throws -> T {
        try decode(type, from: BSONDocument(bytes: bytes))
    }
}

extension RawDocument {
    /// The value of the first element.
    fileprivate var firstValue: RawValue? {
        var elements = makeIterator()
        return elements.next()?.value
    }
}
