/// Writes one document front to back and patches lengths in place.
public struct BSONWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// The bytes written so far.
    package private(set) var count: Int
    private var open: [Int] = []
    private var ownsMemory = true

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

    /// Appends a field.
    public mutating func append(_ key: String, _ value: BSONValue) {
        header(value.type, key)
        switch value {
        case .double(let value): fixed(value.bitPattern)
        case .string(let value), .javascript(let value), .symbol(let value): string(value)
        case .document(let value): value.withUnsafeBytes { raw($0) }
        case .array(let value): value.document.withUnsafeBytes { raw($0) }
        case .binary(let value):
            let old = value.subtype == .binaryOld
            fixed(Int32(truncatingIfNeeded: value.bytes.count + (old ? 4 : 0)))
            fixed(value.subtype.rawValue)
            if old { fixed(Int32(truncatingIfNeeded: value.bytes.count)) }
            value.bytes.withUnsafeBytes { raw($0) }
        case .undefined, .null, .minKey, .maxKey: break
        case .objectID(let value): value.withUnsafeBytes { raw($0) }
        case .bool(let value): fixed(value ? 1 as UInt8 : 0)
        case .date(let value): fixed(value.millisecondsSince1970)
        case .regularExpression(let value):
            cString(value.pattern)
            cString(value.options)
        case .dbPointer(let value):
            string(value.namespace)
            value.id.withUnsafeBytes { raw($0) }
        case .javascriptWithScope(let code, let scope):
            let mark = count
            fixed(0 as Int32)
            string(code)
            scope.withUnsafeBytes { raw($0) }
            patch(mark)
        case .int32(let value): fixed(value)
        case .timestamp(let value): fixed(value.rawValue)
        case .int64(let value): fixed(value)
        case .decimal128(let value):
            fixed(value.low)
            fixed(value.high)
        }
    }

    /// Appends a field whose value is seen in place.
    package mutating func append(_ key: String, _ value: RawValue) {
        header(value.type, key)
        raw(value.bytes)
    }

    /// Appends an element of another document as it stands.
    package mutating func append(_ element: RawElement) { raw(element.bytes) }

    /// Appends all elements of another document.
    package mutating func append(elementsOf document: BSONDocument) {
        document.withUnsafeBytes { raw(UnsafeRawBufferPointer(rebasing: $0[4..<($0.count - 1)])) }
    }

    /// Appends an element of another document under another key.
    package mutating func append(key: UnsafeRawBufferPointer, _ value: RawValue) {
        fixed(value.type.rawValue)
        raw(key)
        fixed(0 as UInt8)
        raw(value.bytes)
    }

    /// Opens an embedded document or array, which the matching ``end()`` closes.
    package mutating func begin(_ key: String, _ type: BSONType = .document) {
        header(type, key)
        open.append(count)
        fixed(0 as Int32)
    }

    /// Closes the embedded document that was opened last.
    package mutating func end() {
        guard let mark = open.popLast() else { return }
        fixed(0 as UInt8)
        patch(mark)
    }

    /// Closes what is open and gives the document, without a copy.
    public consuming func finish() -> BSONDocument {
        while !open.isEmpty { end() }
        fixed(0 as UInt8)
        patch(0)
        let buffer = BSONBuffer(adopting: base, count: count)
        ownsMemory = false
        return BSONDocument(adopting: buffer)
    }

    private mutating func patch(_ mark: Int) {
        base.storeBytes(of: Int32(truncatingIfNeeded: count - mark).littleEndian, toByteOffset: mark, as: Int32.self)
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    private mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        if let source = bytes.baseAddress { (base + count).copyMemory(from: source, byteCount: bytes.count) }
        count += bytes.count
    }

    private mutating func fixed<T: BitwiseCopyable>(_ value: T) {
        // All hosts that Swift's server platforms run on are little-endian, as BSON is.
        reserve(MemoryLayout<T>.size)
        base.storeBytes(of: value, toByteOffset: count, as: T.self)
        count += MemoryLayout<T>.size
    }

    private mutating func header(_ type: BSONType, _ key: String) {
        fixed(type.rawValue)
        cString(key)
    }

    private mutating func cString(_ text: String) {
        var text = text
        let hasZero = text.withUTF8 { $0.contains(0) }
        if hasZero { text = String(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) }) }
        text.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
        fixed(0 as UInt8)
    }

    private mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            fixed(Int32(truncatingIfNeeded: utf8.count + 1))
            raw(UnsafeRawBufferPointer(utf8))
            fixed(0 as UInt8)
        }
    }
}
