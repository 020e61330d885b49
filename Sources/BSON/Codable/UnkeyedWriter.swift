/// An array that is being written. It holds no state but the serial number of its frame.
struct UnkeyedWriter: UnkeyedEncodingContainer {
    let state: EncodingState
    let serial: Int

    var codingPath: [any CodingKey] { state.path(serial) }
    var count: Int { (try? state.enter(serial))?.index ?? 0 }

    func encodeNil() throws { try state.encodeNull(serial, nil) }
    func encode(_ value: Bool) throws { try state.encode(value ? 1 as UInt8 : 0, .bool, serial, nil) }
    func encode(_ value: String) throws { try state.encode(value, serial, nil) }
    func encode(_ value: Double) throws { try state.encode(value, .double, serial, nil) }
    func encode(_ value: Float) throws { try state.encode(Double(value), .double, serial, nil) }
    func encode(_ value: Int32) throws { try state.encode(value, .int32, serial, nil) }
    func encode(_ value: Int64) throws { try state.encode(value, .int64, serial, nil) }
    func encode(_ value: Int) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: Int8) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: Int16) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt8) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt16) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt32) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt64) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: Int128) throws { try state.encode(integer: value, serial, nil) }
    func encode(_ value: UInt128) throws { try state.encode(integer: value, serial, nil) }
    func encode<T: Encodable>(_ value: T) throws { try state.encode(value, serial, nil) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        state.container(type, state.nested(.keyed, serial, nil))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedWriter(state: state, serial: state.nested(.unkeyed, serial, nil))
    }

    func superEncoder() -> any Encoder {
        ValueEncoder(state: state, serial: state.nested(.undecided, serial, nil))
    }
}
