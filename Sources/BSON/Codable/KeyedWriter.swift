/// A document that is being written. It holds no state but the serial number of its frame.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let state: EncodingState
    let scope: KeyedScope

    private var serial: Int { @inline(__always) get { scope.serial } }

    var codingPath: [any CodingKey] { state.path(serial) }

    @inline(__always)
    private func name(_ key: Key) -> String { state.name(key.stringValue, converted: scope.converts) }

    @inline(__always)
    private func encodeNone(_ key: Key) throws {
        if case .null = state.options.nilEncodingStrategy { try state.encodeNull(serial, name(key)) }
    }

    func encodeNil(forKey key: Key) throws { try state.encodeNull(serial, name(key)) }

    func encode(_ value: Bool, forKey key: Key) throws {
        try state.encode(value ? 1 as UInt8 : 0, .bool, serial, name(key))
    }
    func encode(_ value: String, forKey key: Key) throws { try state.encode(value, serial, name(key)) }
    func encode(_ value: Double, forKey key: Key) throws { try state.encode(value, .double, serial, name(key)) }
    func encode(_ value: Float, forKey key: Key) throws { try state.encode(Double(value), .double, serial, name(key)) }
    func encode(_ value: Int32, forKey key: Key) throws { try state.encode(value, .int32, serial, name(key)) }
    func encode(_ value: Int64, forKey key: Key) throws { try state.encode(value, .int64, serial, name(key)) }
    func encode(_ value: Int, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: Int8, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: Int16, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt8, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt16, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt32, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt64, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: Int128, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode(_ value: UInt128, forKey key: Key) throws { try state.encode(integer: value, serial, name(key)) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try state.encode(value, serial, name(key)) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        state.container(type, state.nested(.keyed, serial, name(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        UnkeyedWriter(state: state, serial: state.nested(.unkeyed, serial, name(key)))
    }

    func superEncoder() -> any Encoder {
        ValueEncoder(state: state, serial: state.nested(.undecided, serial, PathKey.super.stringValue))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        ValueEncoder(state: state, serial: state.nested(.undecided, serial, name(key)))
    }
}

/// Properties that may have no value. The standard library's own versions leave them out always.
extension KeyedWriter {
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: Int128?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNone(key) }
    }
}

/// Whether keys are those of a dictionary, which are data and no names.
func isDictionaryKey(_ type: any CodingKey.Type) -> Bool {
    // The standard library's type for the keys of all dictionaries is not public.
    String(describing: type) == "_DictionaryCodingKey"
}

/// Which document a keyed container writes: apart from the container, so that the container can write another one later.
final class KeyedScope {
    /// The serial number of the document's frame.
    @exclusivity(unchecked) private(set) var serial: Int
    /// Whether the keys go through the key strategy.
    @exclusivity(unchecked) private(set) var converts = false

    init<Key: CodingKey>(_ type: Key.Type, _ state: EncodingState, _ serial: Int) {
        self.serial = serial
        bind(type, state, serial)
    }

    /// Turns to another document.
    @inline(__always)
    func bind<Key: CodingKey>(_ type: Key.Type, _ state: EncodingState, _ serial: Int) {
        self.serial = serial
        converts = !state.hasDefaultKeys && !isDictionaryKey(type)
    }
}
