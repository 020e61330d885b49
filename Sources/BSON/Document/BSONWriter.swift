/// Writes one document front to back and patches lengths in place.
public struct BSONWriter: ~Copyable {
    @usableFromInline private(set) var base: UnsafeMutableRawPointer
    @usableFromInline private(set) var capacity: Int
    /// The bytes written so far.
    @usableFromInline package internal(set) var count: Int
    /// Where the length of the innermost open document stands. Until it is closed, that place holds the one of the
    /// document around it, so that nesting needs no memory of its own.
    var mark = 0
    /// A key or pattern that had zero bytes, which BSON has no room for, as it was written.
    var mendedText: String?
    /// False once a document has taken the memory over.
    var ownsMemory = true

    /// Starts a document.
    /// - Parameter capacity: The bytes to reserve.
    public init(capacity: Int = 128) {
        self.capacity = max(capacity, 16)
        base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 8)
        count = 4
    }

    deinit {
        if ownsMemory { base.deallocate() }
    }

    /// Appends a field. A zero byte in a key, which BSON has no room for, becomes U+FFFD.
    public mutating func append(_ key: String, _ value: BSONValue) {
        key.withUTF8Bytes { field($0, value) }
    }

    /// Appends a value to an array, with its place as the key.
    public mutating func append(index: Int, _ value: BSONValue) {
        withArrayKey(index) { writer, key in writer.field(key, value) }
    }

    /// Appends a field whose value is seen in place.
    package mutating func append(_ key: String, _ value: RawValue) {
        key.withUTF8Bytes { copy(value.bytes, header(value.type, $0, room: value.count)) }
    }

    /// Appends an element of another document as it stands.
    package mutating func append(_ element: RawElement) { raw(element.bytes) }

    /// Appends all elements of another document.
    package mutating func append(elementsOf document: BSONDocument) {
        document.withUnsafeBytes { raw(UnsafeRawBufferPointer(rebasing: $0[4..<($0.count - 1)])) }
    }

    /// Appends an element of another document under another key.
    package mutating func append(key: UnsafeRawBufferPointer, _ value: RawValue) {
        copy(value.bytes, header(value.type, key, room: value.count))
    }

    /// Appends a string of UTF-8 that has been checked.
    mutating func append(key: UnsafeRawBufferPointer, utf8: UnsafeRawBufferPointer) {
        text(utf8, header(.string, key, room: utf8.count &+ 5))
    }

    /// Appends a field.
    mutating func append(key: UnsafeRawBufferPointer, _ value: BSONValue) { field(key, value) }

    /// Opens an embedded document or array, which the matching ``end()`` closes.
    public mutating func begin(_ key: String, _ type: BSONType = .document) {
        key.withUTF8Bytes { begin(key: $0, type) }
    }

    /// Opens a document or array within an array, with its place as the key.
    public mutating func begin(index: Int, _ type: BSONType = .document) {
        withArrayKey(index) { writer, key in writer.begin(key: key, type) }
    }

    mutating func begin(key: UnsafeRawBufferPointer, _ type: BSONType) {
        let outer = mark
        let place = header(type, key, room: 4)
        mark = place - base
        place.storeBytes(of: UInt32(truncatingIfNeeded: outer), as: UInt32.self)
    }

    /// Closes the embedded document that was opened last.
    public mutating func end() {
        guard mark > 0 else { return }
        let outer = Int(base.loadUnaligned(fromByteOffset: mark, as: UInt32.self))
        closeLength(mark)
        mark = outer
    }

    /// Closes what is open and gives the document, without a copy.
    public consuming func finish() -> BSONDocument {
        while mark > 0 { end() }
        return take()
    }
}

// Memory: each field makes room once, for its key and its value together.
extension BSONWriter {
    /// Makes room for some bytes behind those written, and gives their place.
    @inlinable @inline(__always)
    mutating func room(_ more: Int) -> UnsafeMutableRawPointer {
        if capacity &- count < more { grow(more) }
        return base + count
    }

    @usableFromInline @inline(never)
    mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    /// Writes type and key, counts `room` more bytes as written, and gives their place.
    @inline(__always)
    private mutating func header(
        _ type: BSONType, _ key: UnsafeRawBufferPointer, room more: Int
    ) -> UnsafeMutableRawPointer {
        guard let source = key.baseAddress else { return header(type, more) }
        let size = key.count
        let start = room(size &+ 2 &+ more)
        start.storeBytes(of: type.rawValue, as: UInt8.self)
        if ShortBytes.copy(source, size, start + 1) { return header(type, mended: key, room: more) }
        start.storeBytes(of: 0, toByteOffset: size &+ 1, as: UInt8.self)
        count &+= size &+ 2 &+ more
        return start + (size &+ 2)
    }

    /// Writes type and an empty key.
    private mutating func header(_ type: BSONType, _ more: Int) -> UnsafeMutableRawPointer {
        let start = room(2 &+ more)
        start.storeBytes(of: type.rawValue, as: UInt8.self)
        start.storeBytes(of: 0, toByteOffset: 1, as: UInt8.self)
        count &+= 2 &+ more
        return start + 2
    }

    /// Writes type and a key that has zero bytes.
    @inline(never)
    private mutating func header(
        _ type: BSONType, mended key: UnsafeRawBufferPointer, room more: Int
    ) -> UnsafeMutableRawPointer {
        mended(key).withUTF8Bytes { header(type, $0, room: more) }
    }

    /// Text with U+FFFD for each zero byte.
    mutating func mended(_ text: UnsafeRawBufferPointer) -> String {
        let mended = String(
            String(decoding: text, as: UTF8.self).unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) })
        mendedText = mended
        return mended
    }

    @inline(__always)
    func copy(_ bytes: UnsafeRawBufferPointer, _ place: UnsafeMutableRawPointer) {
        if let source = bytes.baseAddress { place.copyMemory(from: source, byteCount: bytes.count) }
    }

    /// Writes a length, text and a terminator.
    @inline(__always)
    func text(_ utf8: UnsafeRawBufferPointer, _ place: UnsafeMutableRawPointer) {
        place.storeBytes(of: Int32(truncatingIfNeeded: utf8.count &+ 1), as: Int32.self)
        if utf8.count < 16, let source = utf8.baseAddress {
            _ = ShortBytes.copy(source, utf8.count, place + 4)
        } else {
            copy(utf8, place + 4)
        }
        place.storeBytes(of: 0, toByteOffset: utf8.count &+ 4, as: UInt8.self)
    }
}

// All hosts that Swift's server platforms run on are little-endian, as BSON is.
extension BSONWriter {
    private mutating func field(_ key: UnsafeRawBufferPointer, _ value: BSONValue) {
        switch value {
        case .double(let value): fixed(.double, key, value.bitPattern)
        case .string(let value):
            value.withUTF8Bytes { text($0, header(.string, key, room: $0.count &+ 5)) }
        case .int32(let value): fixed(.int32, key, value)
        case .int64(let value): fixed(.int64, key, value)
        case .bool(let value): fixed(.bool, key, value ? 1 as UInt8 : 0)
        case .date(let value): fixed(.date, key, value.millisecondsSince1970)
        case .objectID(let value): value.withUnsafeBytes { copy($0, header(.objectID, key, room: 12)) }
        case .document(let value): value.withUnsafeBytes { copy($0, header(.document, key, room: $0.count)) }
        case .array(let value): value.document.withUnsafeBytes { copy($0, header(.array, key, room: $0.count)) }
        case .null: _ = header(.null, key, room: 0)
        case .timestamp(let value): fixed(.timestamp, key, value.rawValue)
        default:
            _ = header(value.type, key, room: 0)
            payload(value)
        }
    }

    /// Appends a field whose values are all of one size.
    @inline(__always)
    mutating func field<T: BitwiseCopyable>(_ type: BSONType, _ key: String, _ value: T) {
        key.withUTF8Bytes { fixed(type, $0, value) }
    }

    /// Appends a string.
    @inline(__always)
    mutating func field(_ key: String, _ value: String) {
        key.withUTF8Bytes { key in value.withUTF8Bytes { text($0, header(.string, key, room: $0.count &+ 5)) } }
    }

    @inline(__always)
    private mutating func fixed<T: BitwiseCopyable>(_ type: BSONType, _ key: UnsafeRawBufferPointer, _ value: T) {
        header(type, key, room: MemoryLayout<T>.size).storeBytes(of: value, as: T.self)
    }

    /// Calls `body` with the digits of an array's place.
    @inline(__always)
    mutating func withArrayKey(_ index: Int, _ body: (inout BSONWriter, UnsafeRawBufferPointer) -> Void) {
        // The digits from right to left, at the end of the memory; 20 of them hold any integer.
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { digits in
            var rest = UInt(bitPattern: index)
            var start = 24
            repeat {
                start &-= 1
                digits.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: rest % 10), toByteOffset: start, as: UInt8.self)
                rest /= 10
            } while rest > 0
            body(&self, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start..<24]))
        }
    }
}
