/// A value that is being read; a document, an array or a single value by what is asked for.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    // Small enough for an existential to hold it without memory of its own.
    let state: DecodingState
    private let base: UnsafeRawPointer
    private let count: UInt32
    private let level: UInt16
    private let type: BSONType

    init(state: DecodingState, value: RawValue, depth: Int) {
        self.state = state
        base = value.base
        count = UInt32(truncatingIfNeeded: value.count)
        level = UInt16(truncatingIfNeeded: depth)
        type = value.type
    }

    /// The value in its bytes.
    var value: RawValue { RawValue(type: type, base: base, count: Int(count)) }

    private var depth: Int { Int(level) }

    var codingPath: [any CodingKey] { state.path(base) }

    var userInfo: [CodingUserInfoKey: Any] { state.options.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try state.container(type, value, depth: depth)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try UnkeyedReader(state: state, value: value, depth: depth)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { type == .null || type == .undefined }
    func decode(_ type: Bool.Type) throws -> Bool { try state.bool(value) }
    func decode(_ type: String.Type) throws -> String { try state.string(value) }
    func decode(_ type: Double.Type) throws -> Double { try state.double(value) }
    func decode(_ type: Float.Type) throws -> Float { try state.float(value) }
    func decode(_ type: Int.Type) throws -> Int { try state.integer(value, type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try state.integer(value, type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try state.integer(value, type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try state.integer(value, type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try state.integer(value, type) }
    func decode(_ type: UInt.Type) throws -> UInt { try state.integer(value, type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try state.integer(value, type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try state.integer(value, type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try state.integer(value, type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try state.integer(value, type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try state.integer(value, type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try state.integer(value, type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try state.decode(type, value, depth: depth) }
}
