internal import Foundation

/// Writes an `Encodable` type as columns and values.
enum RowEncoder {
    /// The fields under the names of the table's columns.
    static func fields(of row: some Encodable, table: Table) throws(SQLError) -> [(String, SQLExpression)] {
        let encoder = FieldsEncoder()
        do {
            try row.encode(to: encoder)
        } catch let error as SQLError {
            throw error
        } catch {
            throw SQLError(.usage, "\(type(of: row)) cannot be written as a row: \(error)")
        }
        guard encoder.fields.isKeyed else { throw SQLError(.usage, "\(type(of: row)) has no named properties") }
        return named(encoder.fields.list, table)
    }

    /// The columns of a type that writes them by itself.
    static func fields(of row: some SQLRowConvertible, table: Table) throws(SQLError) -> [(String, SQLExpression)] {
        var writer = SQLRowWriter()
        try row._writeColumns(into: &writer)
        return named(writer.fields, table)
    }

    private static func named(_ fields: [(String, SQLValue)], _ table: Table) -> [(String, SQLExpression)] {
        fields.map { name, value in
            let known = table.columns.contains { $0.name == name }
            return (known ? name : ColumnKey.snakeCase(name), SQLExpression(.value(value)))
        }
    }

    /// A value as a column holds it: by itself, by its raw value, or as JSON text.
    static func value(of value: some Encodable) throws -> SQLValue {
        if let value = value as? any SQLConvertible { return value.sqlValue }
        if let value = value as? any RawRepresentable, let raw = value.rawValue as? any SQLConvertible {
            return raw.sqlValue
        }
        return .text(String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    }
}

/// Where the fields gather.
private final class Fields {
    var list: [(String, SQLValue)] = []
    var isKeyed = false
}

private struct FieldsEncoder: Encoder {
    let fields = Fields()
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        fields.isKeyed = true
        return KeyedEncodingContainer(FieldsContainer<Key>(encoder: self))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { Refusal<PlainKey>(what: "a list") }
    func singleValueContainer() -> any SingleValueEncodingContainer { Refusal<PlainKey>(what: "a single value") }
}

private struct FieldsContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: FieldsEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) { encoder.fields.list.append((key.stringValue, .null)) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        encoder.fields.list.append((key.stringValue, try RowEncoder.value(of: value)))
    }

    // The commonest types, without asking what type it is.
    mutating func encode(_ value: Bool, forKey key: Key) { encodeOrNil(value, key) }
    mutating func encode(_ value: String, forKey key: Key) { encodeOrNil(value, key) }
    mutating func encode(_ value: Double, forKey key: Key) { encodeOrNil(value, key) }
    mutating func encode(_ value: Int, forKey key: Key) { encodeOrNil(value, key) }
    mutating func encode(_ value: Int64, forKey key: Key) { encodeOrNil(value, key) }

    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    // Without these, which take precedence for the basic types, a nil would leave its column out.
    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { encodeOrNil(value, key) }
    mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { encodeOrNil(value, key) }

    private func encodeOrNil(_ value: (some SQLConvertible)?, _ key: Key) {
        encoder.fields.list.append((key.stringValue, value?.sqlValue ?? .null))
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(Refusal<Nested>(what: "a part of a value")) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        Refusal<PlainKey>(what: "a part of a value")
    }
    mutating func superEncoder() -> any Encoder { encoder }
    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder }
}

/// Takes what is no row and throws.
private struct Refusal<Key: CodingKey>: KeyedEncodingContainerProtocol, UnkeyedEncodingContainer,
    SingleValueEncodingContainer
{
    let what: String
    var codingPath: [any CodingKey] { [] }
    var count: Int { 0 }

    private var error: SQLError { SQLError(.usage, "\(what) cannot be written as a row") }

    mutating func encodeNil(forKey key: Key) throws { throw error }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { throw error }
    mutating func encodeNil() throws { throw error }
    mutating func encode<T: Encodable>(_ value: T) throws { throw error }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(Refusal<Nested>(what: what)) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { self }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(Refusal<Nested>(what: what)) }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
    mutating func superEncoder() -> any Encoder { FieldsEncoder() }
    mutating func superEncoder(forKey key: Key) -> any Encoder { FieldsEncoder() }
}
