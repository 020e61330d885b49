/// An array that is being read from its first element on.
struct UnkeyedReader: UnkeyedDecodingContainer {
    private let state: DecodingState
    private let array: RawDocument
    private let depth: Int
    private var elements: RawDocument.Iterator
    /// The element that comes next.
    private var next: RawElement?
    private(set) var currentIndex = 0

    init(state: DecodingState, value: RawValue, depth: Int) throws {
        guard value.type == .array else { throw state.mismatch([any Decodable].self, value, wanted: "an array") }
        guard depth <= CodingLimits.depth else { throw state.tooDeep(value) }
        self.state = state
        self.depth = depth
        array = value.document
        elements = array.makeIterator()
        next = elements.next()
    }

    var codingPath: [any CodingKey] { state.path(array.base) }
    var count: Int? { array.reduce(0) { count, _ in count + 1 } }
    var isAtEnd: Bool { next == nil }

    /// Reads the next element, and goes on behind it where that succeeds.
    @inline(__always)
    private mutating func take<T>(_ type: T.Type, _ read: (RawValue) throws -> T) throws -> T {
        guard let element = next else { throw state.exhausted(type, array.base, currentIndex) }
        let value = try read(element.value)
        next = elements.next()
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard let element = next else { throw state.exhausted(Never?.self, array.base, currentIndex) }
        guard element.value.type == .null || element.value.type == .undefined else { return false }
        return try take(Bool.self) { _ in true }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool {
        let state = state
        return try take(type) { try state.bool($0) }
    }
    mutating func decode(_ type: String.Type) throws -> String {
        let state = state
        return try take(type) { try state.string($0) }
    }
    mutating func decode(_ type: Double.Type) throws -> Double {
        let state = state
        return try take(type) { try state.double($0) }
    }
    mutating func decode(_ type: Float.Type) throws -> Float {
        let state = state
        return try take(type) { try state.float($0) }
    }
    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        let state = state
        return try take(type) { try state.integer($0, type) }
    }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (state, depth) = (state, depth)
        return try take(type) { try state.decode(type, $0, depth: depth + 1) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let (state, depth) = (state, depth)
        return try take(KeyedDecodingContainer<Nested>.self) {
            try state.container(type, $0, depth: depth + 1)
        }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let (state, depth) = (state, depth)
        return try take(UnkeyedReader.self) { try UnkeyedReader(state: state, value: $0, depth: depth + 1) }
    }

    mutating func superDecoder() throws -> any Decoder {
        let (state, depth) = (state, depth)
        return try take(ValueDecoder.self) { ValueDecoder(state: state, value: $0, depth: depth + 1) }
    }
}
