/// The bytes that an encoder has written, and which containers are open in them.
///
/// Every value has a frame while it is written. Its type byte stands before its key, and is put in when the value says what it
/// is. Containers are written front to back at the end of the bytes, and their lengths are patched when they end; the paths of
/// errors are read back from the keys in the bytes, so that nothing is kept for them.
///
/// An encoder and its containers are values that know their frame by its serial number. The frame at the top may be written to
/// at once; what happens with others is in `EncodingState+Late`. No two frames ever have the same number, so that what a type
/// has kept of an earlier encoding finds none.
final class EncodingState {
    /// What a value has turned out to be.
    enum Kind: UInt8 {
        /// Nothing yet.
        case undecided
        /// A document.
        case keyed
        /// An array.
        case unkeyed
        /// Any other value, complete.
        case single

        var type: BSONType { self == .unkeyed ? .array : .document }
    }

    /// A value that is being written.
    struct Frame {
        /// Where the type byte stands; negative for the outermost document, which has none.
        var header: Int
        /// Where the length of a container stands.
        var start = 0
        /// Where a container that was closed ends.
        var end = 0
        /// The number that containers know the frame by.
        var serial: Int
        /// How many values a container has.
        var index = 0
        var kind = Kind.undecided
        /// Whether a call of `encode(to:)` writes the value, so that its end is known.
        var isValue: Bool
    }

    /// Where the next element of a container goes.
    struct Place {
        /// Which of the closed containers it belongs to; negative for the frame at the top.
        var closed = -1
        /// The index of the element in its container.
        var index: Int
    }

    @exclusivity(unchecked) private(set) var options = BSONEncoder()
    @exclusivity(unchecked) private(set) var hasDefaultKeys = true
    // Every field that is written changes these. That no two changes overlap shows in the code; to check it again while it runs
    // would take as long as the writing.
    @exclusivity(unchecked) var writer = BSONWriter(capacity: 1024)
    @exclusivity(unchecked) var frames = FrameStack()
    /// Containers of the values at work that are closed, and may yet be written to.
    @exclusivity(unchecked) var closed: [Frame] = []
    /// The serial number of no frame: that of a container which could not be opened.
    static let noSerial = -2
    private static let noOptions = BSONEncoder()
    /// The serial number of the frame at the top; -1 when the encoder has ended.
    @exclusivity(unchecked) var topSerial = 0
    @exclusivity(unchecked) private var lastSerial = 0
    /// The serial number of this encoding's first frame.
    private var firstSerial = 0
    @exclusivity(unchecked) private var containers = KeyedContainerCache<KeyedScope>()
    /// What went wrong where nothing could be thrown.
    @exclusivity(unchecked) var failure: EncodingError?
    private var fieldNames: [String: String] = [:]

    private static let pool: SparePool<EncodingState> = SparePool { pool.add($0) }

    /// Calls `body` with a state that nobody else uses.
    static func with<Result>(_ options: BSONEncoder, _ body: (EncodingState) throws -> Result) rethrows -> Result {
        let state = pool.take { EncodingState() }
        state.begin(options)
        defer {
            state.end()
            pool.giveBack(state)
        }
        return try body(state)
    }

    /// Begins an encoding.
    private func begin(_ options: BSONEncoder) {
        self.options = options
        hasDefaultKeys = options.keyEncodingStrategy.isDefault
    }

    /// Ends an encoding, and forgets all that belongs to it.
    private func end() {
        writer.restart()
        frames.removeLast(frames.count)
        topSerial = -1
        firstSerial = lastSerial + 1
        if !closed.isEmpty { closed = [] }
        failure = nil
        if !hasDefaultKeys { fieldNames = [:] }
        options = Self.noOptions
        _ = containers.takeHeld()
    }

    /// Writes the outermost document.
    func document<T: Encodable>(of value: T) throws -> BSONDocument {
        let serial = push(header: -1, isValue: true)
        try value.encode(to: ValueEncoder(state: self, serial: serial))
        pop(to: 0)
        try checkEnd()
        return writer.take()
    }

    /// Throws what went wrong where nothing could be thrown.
    private func checkEnd() throws {
        if let failure { throw failure }
        if let text = writer.mendedText {
            let description = "a key or a regular expression has a zero byte, which BSON has no room for: \"\(text)\""
            throw EncodingError.invalidValue(text, .init(codingPath: [], debugDescription: description))
        }
    }

    /// Writes a value of any kind.
    func value<T: Encodable>(of value: T) throws -> BSONValue {
        let header = writer.count
        writer.header(0, "")
        let serial = push(header: header, isValue: true)
        try encodeInPlace(value, serial)
        pop(to: 0)
        try checkEnd()
        return writer.take()[""] ?? .null
    }

    // MARK: Frames

    /// A container that writes to a frame by keys.
    func container<Key: CodingKey>(_ type: Key.Type, _ serial: Int) -> KeyedEncodingContainer<Key> {
        let keys = ObjectIdentifier(type)
        if let (box, scope) = containers.free(keys) {
            scope.bind(type, self, serial)
            return unsafeBitCast(box, to: KeyedEncodingContainer<Key>.self)
        }
        let scope = KeyedScope(type, self, serial)
        let container = KeyedEncodingContainer(KeyedWriter<Key>(state: self, scope: scope))
        _ = containers.add(container, keys, scope)
        return container
    }

    /// Opens a frame for a value whose header has been written.
    func push(header: Int, isValue: Bool) -> Int {
        lastSerial += 1
        topSerial = lastSerial
        frames.append(Frame(header: header, serial: lastSerial, isValue: isValue))
        return lastSerial
    }

    /// Ends all frames but the lowest `depth`.
    func pop(to depth: Int) {
        while frames.count > depth, let frame = frames.popLast() { _ = end(frame) }
        topSerial = frames.last?.serial ?? -1
    }

    /// Ends a frame; one that nothing was written to becomes an empty document.
    func end(_ frame: Frame) -> Frame {
        var frame = frame
        switch frame.kind {
        case .undecided:
            open(&frame, .keyed)
            frame.kind = .undecided
            fallthrough
        case .keyed, .unkeyed: if frame.header >= 0 { writer.closeLength(frame.start) }
        case .single: break
        }
        frame.end = writer.count
        return frame
    }

    private func open(_ frame: inout Frame, _ kind: Kind) {
        frame.kind = kind
        if frame.header >= 0 {
            writer.setType(kind.type, at: frame.header)
            frame.start = writer.openLength()
        }
    }

    /// Makes the value of a frame a container, or finds that it is one.
    func open(_ serial: Int, as kind: Kind) -> Bool {
        guard serial == topSerial || raise(serial) else {
            return openLate(serial, as: kind)
        }
        let top = frames.count - 1
        guard top >= 0 else { return false }
        if frames[top].kind == kind { return true }
        guard frames[top].kind == .undecided, kind == .keyed || frames[top].header >= 0 else { return false }
        open(&frames[top], kind)
        return true
    }

    /// Finds where the next element of a container goes.
    @inline(__always)
    func enter(_ serial: Int) throws -> Place {
        if serial == topSerial { return Place(index: frames[frames.count - 1].index) }
        return try enterLate(serial)
    }

    /// Counts an element that was written, and puts it where it belongs.
    @inline(__always)
    func complete(_ place: Place, from mark: Int) {
        if place.closed < 0 { frames[frames.count - 1].index += 1 } else { completeLate(place, from: mark) }
    }

    // MARK: Elements

    /// The name of the field for a coding key.
    @inline(__always)
    func name(_ key: String, converted: Bool) -> String {
        converted ? convertedName(key) : key
    }

    private func convertedName(_ key: String) -> String {
        if let name = fieldNames[key] { return name }
        let name = options.keyEncodingStrategy.fieldName(key)
        fieldNames[key] = name
        return name
    }

    /// Writes an element's type byte and key; an element without a name has its index.
    @inline(__always)
    func header(_ type: UInt8, _ name: String?, _ place: Place) {
        if let name { writer.header(type, name) } else { writer.header(type, index: place.index) }
    }

    /// Writes an element of a fixed size.
    @inline(__always)
    func encode<T: BitwiseCopyable>(_ value: T, _ type: BSONType, _ serial: Int, _ name: String?) throws {
        let place = try enter(serial)
        let mark = writer.count
        if let name {
            writer.field(type, name, value)
        } else {
            writer.header(type.rawValue, index: place.index)
            writer.fixed(value)
        }
        complete(place, from: mark)
    }

    /// Writes a string.
    @inline(__always)
    func encode(_ value: String, _ serial: Int, _ name: String?) throws {
        let place = try enter(serial)
        let mark = writer.count
        if let name {
            writer.field(name, value)
        } else {
            writer.header(BSONType.string.rawValue, index: place.index)
            writer.string(value)
        }
        complete(place, from: mark)
    }

    /// Writes an integer in 32 bits where it fits, in 64 elsewhere.
    @inline(__always)
    func encode<T: FixedWidthInteger>(integer value: T, _ serial: Int, _ name: String?) throws {
        if let value = Int32(exactly: value) {
            try encode(value, .int32, serial, name)
        } else if let value = Int64(exactly: value) {
            try encode(value, .int64, serial, name)
        } else {
            throw unfit(value, serial, name)
        }
    }

    /// Writes null.
    func encodeNull(_ serial: Int, _ name: String?) throws {
        let place = try enter(serial)
        let mark = writer.count
        header(BSONType.null.rawValue, name, place)
        complete(place, from: mark)
    }

    /// Writes a value of any type.
    func encode<T: Encodable>(_ value: T, _ serial: Int, _ name: String?) throws {
        if try encodeFixed(value, serial, name) { return }
        let place = try enter(serial)
        let mark = writer.count
        let depth = frames.count
        header(0, name, place)
        let inner = push(header: mark, isValue: true)
        let known = closed.count
        do {
            try encodeInPlace(value, inner)
            pop(to: depth + 1)
        } catch {
            // What was written may have moved; the frame knows where it is.
            if frames.count > depth { writer.truncate(to: frames[depth].header) }
            frames.removeLast(frames.count - depth)
            closed.removeLast(max(closed.count - known, 0))
            topSerial = frames.last?.serial ?? -1
            throw error
        }
        let start = frames[depth].header
        pop(to: depth)
        if closed.count > known { closed.removeLast(closed.count - known) }
        complete(place, from: start)
    }

    /// Writes the value of the frame at the top.
    func encodeInPlace<T: Encodable>(_ value: T, _ serial: Int) throws {
        if try encodeNative(value, serial) { return }
        guard frames.count <= CodingLimits.depth else {
            throw unfit(value, serial, nil, "values are nested deeper than \(CodingLimits.depth) levels")
        }
        try value.encode(to: ValueEncoder(state: self, serial: serial))
    }

    // MARK: Single values

    /// Says what the value of a frame is, which must be at the top and undecided; its bytes follow.
    @inline(__always)
    func decide(_ type: BSONType, _ serial: Int) throws {
        guard serial == topSerial || raise(serial) else { throw misuse(serial) }
        let top = frames.count - 1
        guard frames[top].kind == .undecided else { throw misuse(serial) }
        guard frames[top].header >= 0 else { throw needsDocument(type) }
        frames[top].kind = .single
        writer.setType(type, at: frames[top].header)
    }

    /// Writes a value of the BSON types in place of the frame at the top.
    func encodeInPlace(_ value: BSONValue, _ serial: Int) throws {
        if case .document(let document) = value, serial == topSerial, frames.last?.header == -1,
            frames.last?.kind == .undecided
        {
            frames[frames.count - 1].kind = .keyed
            writer.append(elementsOf: document)
            return
        }
        try decide(value.type, serial)
        writer.payload(value)
    }

    // MARK: Errors

    /// The coding path of a frame: the keys of all elements that are open above it.
    func path(_ serial: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var container = Kind.keyed
        for frame in Array(frames) + closed.filter({ $0.serial == serial }) {
            if frame.header >= 0 {
                let key = writer.cString(at: frame.header + 1)
                let index = container == .unkeyed ? Int(key) : nil
                // A value without a container around it has an empty key.
                if frame.header > 4 || !key.isEmpty {
                    path.append(index.map { PathKey(intValue: $0) } ?? PathKey(stringValue: key))
                }
            }
            container = frame.kind
            if frame.serial == serial { break }
        }
        return path
    }

    /// The error for a value that BSON has no form for.
    /// - Parameters:
    ///   - serial: The frame of the value, or of the container that it is an element of.
    ///   - name: The name of an element; the elements of arrays have none.
    func unfit<T>(_ value: T, _ serial: Int, _ name: String?, _ reason: String? = nil) -> EncodingError {
        var path = path(serial)
        if let name {
            path.append(PathKey(stringValue: name))
        } else if let frame = frames.last, frame.serial == serial, frame.kind == .unkeyed {
            path.append(PathKey(intValue: frame.index))
        }
        let text = path.pathPrefix + (reason ?? "\(value) does not fit into 64 bits")
        return .invalidValue(value, .init(codingPath: path, debugDescription: text))
    }

    /// The error for a value that is to be a container where it cannot be one.
    func refusal(_ kind: Kind, _ serial: Int) -> EncodingError {
        let isWhole = frames.last?.serial == serial && frames.last?.header == -1 && frames.last?.kind == .undecided
        guard isWhole else { return misuse(serial) }
        return needsDocument(kind.type)
    }

    /// The error for another value than a document in place of a whole one.
    private func needsDocument(_ type: BSONType) -> EncodingError {
        let text = "a document must be written, not a value of the type \(type.alias)"
        return .invalidValue(type, .init(codingPath: [], debugDescription: text))
    }

    /// The error for a value that encodes twice, or after its time.
    func misuse(_ serial: Int) -> EncodingError {
        if let failure { return failure }
        let path = path(serial)
        let text = path.pathPrefix + "the value has been written already"
        return .invalidValue(PathKey(stringValue: ""), .init(codingPath: path, debugDescription: text))
    }

    /// Keeps an error at a frame of this encoding that cannot be thrown now.
    func fail(_ error: EncodingError, _ serial: Int) {
        if failure == nil, serial >= firstSerial { failure = error }
    }
}
