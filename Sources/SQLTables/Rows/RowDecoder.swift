/// Reads a row as a `Decodable` type: its properties are the columns.
struct RowDecoder: Decoder {
    let state: RowState
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Reads all rows of a result.
    static func decode<T: Decodable>(_ rows: [SQLRow], as type: T.Type) throws(SQLError) -> [T] {
        guard let first = rows.first else { return [] }
        var state = RowState(first)
        var decoded: [T] = []
        decoded.reserveCapacity(rows.count)
        do {
            for row in rows {
                // A container that was kept reads its own row for ever.
                if isKnownUniquelyReferenced(&state) { state.start(row) } else { state = RowState(row) }
                decoded.append(try T(from: RowDecoder(state: state)))
            }
        } catch let error as SQLError {
            throw error
        } catch {
            throw SQLError(.decoding, "The row is no \(T.self): \(error)")
        }
        return decoded
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer<Key>(state: state))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SQLError(.decoding, "A row is no list: decode a type with named properties")
    }

    /// A row of one column is that column's value.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard let value = state.values.first, state.values.count == 1 else {
            throw SQLError(.decoding, "A row of \(state.values.count) columns is no single value")
        }
        return ValueDecoder(value: value, name: state.columns.names.first ?? "")
    }
}

/// The columns by their keys. The basic types are read without asking what type it is.
struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let state: RowState
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { state.columns.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { state.value(key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { state.value(key.stringValue)?.isNull ?? true }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let name = key.stringValue
        guard let value = state.value(name) else { throw state.columns.missing(name) }
        return try ValueDecoder(value: value, name: name).decode(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let name = key.stringValue
        guard let value = state.value(name) else { return nil }
        return try ValueDecoder(value: value, name: name).decodeIfPresent(type)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try state.read(key.stringValue) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try state.read(key.stringValue) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try state.read(key.stringValue) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try state.read(key.stringValue) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try state.read(key.stringValue) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try state.read(key.stringValue) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try state.read(key.stringValue) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try state.read(key.stringValue) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try state.read(key.stringValue) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try state.read(key.stringValue) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try state.read(key.stringValue) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try state.read(key.stringValue) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try state.read(key.stringValue) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try state.read(key.stringValue) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try state.readIfPresent(key.stringValue)
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try state.readIfPresent(key.stringValue)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try state.readIfPresent(key.stringValue)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try state.readIfPresent(key.stringValue)
    }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        try state.readIfPresent(key.stringValue)
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try state.readIfPresent(key.stringValue)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw SQLError(.decoding, "'\(key.stringValue)' cannot be read part by part")
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SQLError(.decoding, "'\(key.stringValue)' cannot be read part by part")
    }
    func superDecoder() throws -> any Decoder { RowDecoder(state: state) }
    func superDecoder(forKey key: Key) throws -> any Decoder { RowDecoder(state: state) }
}
