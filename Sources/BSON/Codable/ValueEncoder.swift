/// The place of one value: it becomes a document, an array or a single value by what is asked for first.
struct ValueEncoder: Encoder, SingleValueEncodingContainer {
    let state: EncodingState
    let serial: Int

    var codingPath: [any CodingKey] { state.path(serial) }

    var userInfo: [CodingUserInfoKey: Any] { state.options.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let opened = state.open(serial, as: .keyed)
        if !opened { state.fail(state.refusal(.keyed, serial), serial) }
        return state.container(type, opened ? serial : EncodingState.noSerial)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let opened = state.open(serial, as: .unkeyed)
        if !opened { state.fail(state.refusal(.unkeyed, serial), serial) }
        return UnkeyedWriter(state: state, serial: opened ? serial : EncodingState.noSerial)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    private func encode(integer value: some FixedWidthInteger) throws {
        if let value = Int32(exactly: value) {
            try encode(value)
        } else if let value = Int64(exactly: value) {
            try encode(value)
        } else {
            throw state.unfit(value, serial, nil)
        }
    }

    private func encode(fixed value: some BitwiseCopyable, _ type: BSONType) throws {
        try state.decide(type, serial)
        state.writer.fixed(value)
    }

    func encodeNil() throws { try state.decide(.null, serial) }
    func encode(_ value: Bool) throws { try encode(fixed: value ? 1 as UInt8 : 0, .bool) }
    func encode(_ value: String) throws {
        try state.decide(.string, serial)
        state.writer.string(value)
    }
    func encode(_ value: Double) throws { try encode(fixed: value, .double) }
    func encode(_ value: Float) throws { try encode(fixed: Double(value), .double) }
    func encode(_ value: Int32) throws { try encode(fixed: value, .int32) }
    func encode(_ value: Int64) throws { try encode(fixed: value, .int64) }
    func encode(_ value: Int) throws { try encode(integer: value) }
    func encode(_ value: Int8) throws { try encode(integer: value) }
    func encode(_ value: Int16) throws { try encode(integer: value) }
    func encode(_ value: UInt) throws { try encode(integer: value) }
    func encode(_ value: UInt8) throws { try encode(integer: value) }
    func encode(_ value: UInt16) throws { try encode(integer: value) }
    func encode(_ value: UInt32) throws { try encode(integer: value) }
    func encode(_ value: UInt64) throws { try encode(integer: value) }
    func encode(_ value: Int128) throws { try encode(integer: value) }
    func encode(_ value: UInt128) throws { try encode(integer: value) }

    func encode<T: Encodable>(_ value: T) throws { try state.encodeInPlace(value, serial) }

    /// Writes a value of the BSON types.
    func encode(native value: BSONValue) throws { try state.encodeInPlace(value, serial) }
}
