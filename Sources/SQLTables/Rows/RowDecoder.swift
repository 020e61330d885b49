internal import Foundation

/// Reads a row as a `Decodable` type: its properties are the columns.
struct RowDecoder: Decoder {
    let row: SQLRow
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer<Key>(row: row))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SQLError(.decoding, "A row is no list: decode a type with named properties")
    }

    /// A row of one column is that column's value.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard let value = row.values.first, row.values.count == 1 else {
            throw SQLError(.decoding, "A row of \(row.values.count) columns is no single value")
        }
        return ValueDecoder(value: value, name: row.names.first ?? "")
    }
}

private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: SQLRow
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { row.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { find(key)?.isNull ?? true }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        guard let value = find(key) else {
            throw SQLError(
                .decoding, "The row has no column '\(key.stringValue)': it has \(row.names.joined(separator: ", "))")
        }
        return try ValueDecoder(value: value, name: key.stringValue).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw SQLError(.decoding, "'\(key.stringValue)' cannot be read part by part")
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SQLError(.decoding, "'\(key.stringValue)' cannot be read part by part")
    }
    func superDecoder() throws -> any Decoder { RowDecoder(row: row) }
    func superDecoder(forKey key: Key) throws -> any Decoder { RowDecoder(row: row) }

    private func find(_ key: Key) -> SQLValue? {
        row[key.stringValue] ?? row[ColumnKey.snakeCase(key.stringValue)]
    }
}

/// Reads one value.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: SQLValue
    let name: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decodeNil() -> Bool { value.isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let convertible = T.self as? any SQLConvertible.Type {
            guard let read = convertible.init(sqlValue: value) as? T else {
                throw SQLError(.decoding, "The column '\(name)' holds no \(T.self)")
            }
            return read
        }
        do {
            return try T(from: self)
        } catch let error as NotOneValue {
            guard let json = String(sqlValue: value) else {
                throw SQLError(
                    .decoding, "The column '\(name)' holds no \(T.self): \(error.what) is read from JSON text")
            }
            do {
                return try JSONDecoder().decode(T.self, from: Data(json.utf8))
            } catch {
                throw SQLError(.decoding, "The column '\(name)' holds no JSON of \(T.self)")
            }
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw NotOneValue(what: "an object")
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NotOneValue(what: "a list") }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// The type is made of several values: it is to be found as JSON text.
    struct NotOneValue: Error { let what: String }
}
