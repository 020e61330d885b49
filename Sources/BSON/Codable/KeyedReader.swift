/// A document that is being read by the names of its fields.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let state: DecodingState
    private let base: UnsafeRawPointer
    private let count: Int32
    private let depth: Int16
    /// Whether the keys go through the key strategy.
    private let converts: Bool

    init(state: DecodingState, value: RawValue, depth: Int) throws {
        guard value.type == .document else {
            throw state.mismatch([String: any Decodable].self, value, wanted: "an object")
        }
        guard depth <= CodingLimits.depth else { throw state.tooDeep(value) }
        self.state = state
        base = value.base
        count = Int32(truncatingIfNeeded: value.count)
        self.depth = Int16(truncatingIfNeeded: depth)
        converts = !state.hasDefaultKeys && !isDictionaryKey(Key.self)
    }

    var codingPath: [any CodingKey] { state.path(base) }

    var allKeys: [Key] {
        RawDocument(base: base, count: Int(count)).compactMap { element in
            let name = element.keyString
            guard converts else { return Key(stringValue: name) }
            return Key(stringValue: state.codingKey(name)) ?? Key(stringValue: name)
        }
    }

    /// The value of a field, or nil where it is missing.
    @inline(__always)
    private func find(_ key: Key) -> RawValue? {
        state.find(state.name(key.stringValue, converted: converts), base, Int(count), Int(depth))
    }

    /// The value of a field that must be there.
    @inline(__always)
    private func value(_ key: Key) throws -> RawValue {
        if let value = find(key) { return value }
        throw missing(key)
    }

    /// The value of a field that may be missing or null.
    @inline(__always)
    private func presentValue(_ key: Key) -> RawValue? {
        guard let value = find(key), value.type != .null, value.type != .undefined else { return nil }
        return value
    }

    @inline(never)
    private func missing(_ key: Key) -> DecodingError {
        state.missing(key, state.name(key.stringValue, converted: converts), base)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        let value = try value(key)
        return value.type == .null || value.type == .undefined
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try state.bool(value(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try state.string(value(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try state.double(value(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try state.float(value(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try state.integer(value(key), type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try state.integer(value(key), type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try state.integer(value(key), type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try state.integer(value(key), type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try state.integer(value(key), type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try state.integer(value(key), type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try state.integer(value(key), type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try state.integer(value(key), type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try state.integer(value(key), type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try state.integer(value(key), type) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try state.integer(value(key), type) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try state.integer(value(key), type) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if let value = find(key) { return try state.decode(type, value, depth: Int(depth) + 1) }
        return try absent(type, key)
    }

    @inline(never)
    private func absent<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        guard let none = state.none(type) else { throw missing(key) }
        return none
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try KeyedReader<Nested>(state: state, value: value(key), depth: Int(depth) + 1))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try UnkeyedReader(state: state, value: value(key), depth: Int(depth) + 1)
    }

    func superDecoder() throws -> any Decoder {
        let name = PathKey.super.stringValue
        guard let value = state.find(name, base, Int(count), Int(depth)) else {
            throw state.missing(PathKey.super, name, base)
        }
        return ValueDecoder(state: state, value: value, depth: Int(depth) + 1)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        ValueDecoder(state: state, value: try value(key), depth: Int(depth) + 1)
    }
}

/// Properties that may be missing or null: one search instead of the three of the standard library's own versions.
extension KeyedReader {
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try presentValue(key).map { try state.bool($0) }
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try presentValue(key).map { try state.string($0) }
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try presentValue(key).map { try state.double($0) }
    }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try presentValue(key).map { try state.float($0) }
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        try presentValue(key).map { try state.integer($0, type) }
    }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try presentValue(key).map { try state.decode(type, $0, depth: Int(depth) + 1) }
    }
}
