/// Which document a keyed container reads.
struct KeyedPlace {
    /// The bytes and how far they have been read. Whoever owns the container keeps the state as well.
    var state: Unmanaged<DecodingState>
    let base: UnsafeRawPointer
    let count: Int
    let depth: Int
    /// Whether the keys go through the key strategy.
    let converts: Bool
}

/// The place of a keyed container: apart from the container, so that the container can read another document later.
final class KeyedReaderScope {
    let place: UnsafeMutablePointer<KeyedPlace> = .allocate(capacity: 1)

    init(_ place: KeyedPlace) { self.place.initialize(to: place) }

    deinit { place.deallocate() }
}

/// A document that is being read by the names of its fields.
///
/// The standard library copies a container for each call. This one is a pointer, so that no references are counted: that would
/// take a third of the time of a decoding. ``DecodingState`` owns what it points to for as long as anybody holds the container.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let place: UnsafePointer<KeyedPlace>

    @inline(__always)
    private func state<Result>(_ body: (DecodingState) throws -> Result) rethrows -> Result {
        try place.pointee.state._withUnsafeGuaranteedRef { try body($0) }
    }

    private var base: UnsafeRawPointer { place.pointee.base }

    var codingPath: [any CodingKey] { state { $0.path(base) } }

    var allKeys: [Key] {
        RawDocument(base: base, count: place.pointee.count).compactMap { element in
            let name = element.keyString
            guard place.pointee.converts else { return Key(stringValue: name) }
            return Key(stringValue: state { $0.codingKey(name) }) ?? Key(stringValue: name)
        }
    }

    /// The value of a field, or nil where it is missing.
    @inline(__always)
    private func find(_ key: Key) -> RawValue? {
        let place = place.pointee
        return state { state in
            state.find(state.name(key.stringValue, converted: place.converts), place.base, place.count, place.depth)
        }
    }

    /// The value of a field that must be there.
    @inline(__always)
    private func value(_ key: Key) throws -> RawValue {
        if let value = find(key) { return value }
        throw missing(key)
    }

    /// Reads a field that may be missing or null.
    @inline(__always)
    private func present<T>(_ key: Key, _ read: (DecodingState, RawValue) throws -> T) rethrows -> T? {
        guard let value = find(key), value.type != .null, value.type != .undefined else { return nil }
        return try state { try read($0, value) }
    }

    @inline(__always)
    private func integer<T: FixedWidthInteger>(_ type: T.Type, _ key: Key) throws -> T {
        let value = try value(key)
        return try state { try $0.integer(value, type) }
    }

    @inline(never)
    private func missing(_ key: Key) -> DecodingError {
        state { $0.missing(key, $0.name(key.stringValue, converted: place.pointee.converts), base) }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        let value = try value(key)
        return value.type == .null || value.type == .undefined
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        let value = try value(key)
        return try state { try $0.bool(value) }
    }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        let value = try value(key)
        return try state { try $0.string(value) }
    }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        let value = try value(key)
        return try state { try $0.double(value) }
    }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        let value = try value(key)
        return try state { try $0.float(value) }
    }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(type, key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(type, key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(type, key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(type, key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(type, key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(type, key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(type, key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(type, key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(type, key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(type, key) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try integer(type, key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try integer(type, key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if let value = find(key) {
            return try state { try $0.decode(type, value, depth: place.pointee.depth + 1) }
        }
        return try absent(type, key)
    }

    @inline(never)
    private func absent<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        guard let none = state({ $0.none(type) }) else { throw missing(key) }
        return none
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        let value = try value(key)
        return try state { try $0.container(type, value, depth: place.pointee.depth + 1) }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        let value = try value(key)
        return try state { try UnkeyedReader(state: $0, value: value, depth: place.pointee.depth + 1) }
    }

    func superDecoder() throws -> any Decoder {
        let (place, name) = (place.pointee, PathKey.super.stringValue)
        return try state { state in
            guard let value = state.find(name, place.base, place.count, place.depth) else {
                throw state.missing(PathKey.super, name, place.base)
            }
            return ValueDecoder(state: state, value: value, depth: place.depth + 1)
        }
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        let value = try value(key)
        return state { ValueDecoder(state: $0, value: value, depth: place.pointee.depth + 1) }
    }
}

/// Properties that may be missing or null: one search instead of the three of the standard library's own versions.
extension KeyedReader {
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try present(key) { try $0.bool($1) }
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key) { try $0.string($1) }
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try present(key) { try $0.double($1) }
    }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try present(key) { try $0.float($1) }
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        try present(key) { try $0.integer($1, type) }
    }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try present(key) { try $0.decode(type, $1, depth: place.pointee.depth + 1) }
    }
}
