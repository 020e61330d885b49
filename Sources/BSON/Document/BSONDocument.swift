/// A BSON document: an ordered list of named values, kept as its bytes and read lazily.
///
/// A document is a range of one immutable buffer, so copying one, or taking one out of another, copies no bytes.
/// Changing one writes it anew. Bytes follow https://bsonspec.org/spec.html. Looking a key up walks the fields.
public struct BSONDocument: Sendable {
    package let buffer: BSONBuffer
    // 32 bits each, which BSON's own lengths have: a document, and so a value, takes 16 bytes.
    private let place: UInt32
    private let size: UInt32

    var start: Int { Int(place) }
    var count: Int { Int(size) }

    /// A document without fields.
    public init() {
        self.init(adopting: .emptyDocument)
    }

    private init(buffer: BSONBuffer, start: Int, count: Int) {
        self.buffer = buffer
        place = UInt32(clamping: start)
        size = UInt32(clamping: count)
    }

    /// The document that a whole buffer holds.
    package init(adopting buffer: BSONBuffer) {
        self.init(buffer: buffer, start: 0, count: buffer.count)
    }

    /// A slice of `owner`, or a copy where there is none.
    package init(_ raw: RawDocument, owner: BSONBuffer?) {
        guard raw.count >= 5 else {
            self.init()
            return
        }
        if let owner, raw.base >= owner.base, raw.base + raw.count <= owner.base + owner.count,
            raw.base - owner.base <= UInt32.max
        {
            self.init(buffer: owner, start: raw.base - owner.base, count: raw.count)
        } else {
            self.init(adopting: BSONBuffer(copying: raw.bytes))
        }
    }

    /// Reads a document from bytes of any origin.
    /// - Throws: ``BSONError`` where the bytes are not exactly one valid document.
    public init(bytes: some Collection<UInt8>) throws(BSONError) {
        let buffer =
            bytes.withContiguousStorageIfAvailable { BSONBuffer(copying: UnsafeRawBufferPointer($0)) }
            ?? [UInt8](bytes).withUnsafeBytes { BSONBuffer(copying: $0) }
        try self.init(validating: buffer)
    }

    /// Checks a buffer and takes it as a document.
    package init(validating buffer: BSONBuffer, maximumDepth: Int = BSONValidator.maximumDepth) throws(BSONError) {
        try BSONValidator.validate(
            UnsafeRawBufferPointer(start: buffer.base, count: buffer.count), maximumDepth: maximumDepth)
        self.init(adopting: buffer)
    }

    /// Makes a document of fields in their order. A zero byte in a key, which BSON has no room for, becomes U+FFFD.
    public init(fields: some Sequence<(String, BSONValue)>) {
        var writer = BSONWriter()
        // In place where it can be: taking a field out of its array would count its references up and down.
        let isDone: Void? = fields.withContiguousStorageIfAvailable { fields in
            for index in fields.indices { writer.append(fields[index].0, fields[index].1) }
        }
        if isDone == nil { for (key, value) in fields { writer.append(key, value) } }
        self = writer.finish()
    }

    /// The size of the document, in bytes.
    public var byteCount: Int { count }

    /// The bytes of the document.
    public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Whether the document has no fields.
    public var isEmpty: Bool { count <= 5 }

    /// Calls `body` with the document's bytes, which stay valid only during the call.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { extendLifetime(buffer) }
        return try body(UnsafeRawBufferPointer(start: buffer.base + start, count: count))
    }

    /// Calls `body` with a view of the fields in place, valid only during the call: nothing is copied or counted.
    public func withRaw<R, E: Error>(_ body: (RawDocument) throws(E) -> R) throws(E) -> R {
        defer { extendLifetime(buffer) }
        return try body(RawDocument(base: buffer.base + start, count: count))
    }

    /// The value of the first field with this name. Setting a new name appends it, setting nil removes it, and each
    /// setting writes the document anew: use ``BSONWriter`` for many.
    public subscript(key: String) -> BSONValue? {
        get { withRaw { raw in raw[key].map { BSONValue.read($0, owner: buffer) } } }
        set {
            var writer = BSONWriter(capacity: count + 64)
            var found = false
            withRaw { raw in
                var name = key
                name.withUTF8 { name in
                    for element in raw {
                        if !found, element.hasKey(UnsafeRawBufferPointer(name)) {
                            found = true
                            if let newValue { writer.append(key, newValue) }
                        } else {
                            writer.append(element)
                        }
                    }
                }
            }
            if !found, let newValue { writer.append(key, newValue) }
            self = writer.finish()
        }
    }

    /// The value at a dotted path; a number names an array's element.
    public subscript(path path: String) -> BSONValue? {
        var current = BSONValue.document(self)
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let inner: BSONDocument
            switch current {
            case .document(let document): inner = document
            case .array(let array): inner = array.document
            default: return nil
            }
            guard let next = inner[String(part)] else { return nil }
            current = next
        }
        return current
    }

    /// The names of the fields, in order.
    public var keys: [String] { withRaw { raw in raw.map(\.keyString) } }

    /// The values of the fields, in order.
    public var values: [BSONValue] { map(\.value) }

    /// This document with a field set, as ``subscript(key:)`` does.
    package func setting(_ key: String, _ value: BSONValue?) -> BSONDocument {
        var copy = self
        copy[key] = value
        return copy
    }
}

extension BSONDocument: Sequence {
    /// Walks the fields in order.
    public struct Iterator: IteratorProtocol {
        let buffer: BSONBuffer
        var raw: RawDocument.Iterator

        /// The next field.
        public mutating func next() -> (key: String, value: BSONValue)? {
            guard let element = raw.advance() else { return nil }
            return (element.keyString, BSONValue.read(element.value, owner: buffer))
        }
    }

    /// Walks the fields in order.
    public func makeIterator() -> Iterator {
        Iterator(buffer: buffer, raw: RawDocument(base: buffer.base + start, count: count).makeIterator())
    }

    /// At least zero fields; counting them needs a walk.
    public var underestimatedCount: Int { 0 }
}

extension BSONDocument: ExpressibleByDictionaryLiteral, Equatable, Hashable, CustomStringConvertible {
    /// Makes a document of fields in the order written.
    public init(dictionaryLiteral elements: (String, BSONValue)...) { self.init(fields: elements) }

    /// Whether the bytes are the same, the order of the fields included.
    public static func == (a: BSONDocument, b: BSONDocument) -> Bool {
        a.withUnsafeBytes { x in b.withUnsafeBytes { y in RawValue.compareBytes(x, y) == 0 } }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The document as relaxed Extended JSON.
    public var description: String { extendedJSON() }
}
