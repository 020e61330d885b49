/// The parts that a document is written of, for writers that keep track of what is open by themselves.
extension BSONWriter {
    /// Appends a value's bytes, behind its header.
    mutating func payload(_ value: BSONValue) {
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
            let mark = openLength()
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

    /// Makes room for some bytes more, for whoever knows how much is to come.
    package mutating func reserve(_ more: Int) { _ = room(max(more, 0)) }

    /// Leaves room for the length of a document and gives its place.
    @inlinable @inline(__always)
    mutating func openLength() -> Int {
        fixed(0 as Int32)
        return count - 4
    }

    /// Ends the document whose length stands at `mark`.
    @inlinable @inline(__always)
    mutating func closeLength(_ mark: Int) {
        fixed(0 as UInt8)
        patch(mark)
    }

    @inlinable @inline(__always)
    mutating func patch(_ mark: Int) {
        base.storeBytes(of: Int32(truncatingIfNeeded: count - mark).littleEndian, toByteOffset: mark, as: Int32.self)
    }

    /// Appends bytes.
    @inline(__always)
    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        copy(bytes, room(bytes.count))
        count &+= bytes.count
    }

    /// Appends the bytes of a number.
    @inlinable @inline(__always)
    mutating func fixed<T: BitwiseCopyable>(_ value: T) {
        // All hosts that Swift's server platforms run on are little-endian, as BSON is.
        room(MemoryLayout<T>.size).storeBytes(of: value, as: T.self)
        count &+= MemoryLayout<T>.size
    }

    /// Appends a string's length, its bytes and its terminator.
    @inline(__always)
    mutating func string(_ value: String) {
        value.withUTF8Bytes { utf8 in
            text(utf8, room(utf8.count &+ 5))
            count &+= utf8.count &+ 5
        }
    }

    @inline(__always)
    private mutating func cString(_ value: String) {
        value.withUTF8Bytes { utf8 in
            guard let source = utf8.baseAddress else { return }
            if ShortBytes.copy(source, utf8.count, room(utf8.count)) {
                mended(utf8).withUTF8Bytes { raw($0) }
            } else {
                count &+= utf8.count
            }
        }
        fixed(0 as UInt8)
    }

    /// Appends a type byte and a key.
    @inline(__always)
    mutating func header(_ type: UInt8, _ key: String) {
        fixed(type)
        cString(key)
    }

    /// Appends a type byte and an array's index as a key.
    mutating func header(_ type: UInt8, index: Int) {
        fixed(type)
        withArrayKey(index) { writer, key in writer.raw(key) }
        fixed(0 as UInt8)
    }

    /// Changes the type byte at `mark`, where a value's type was not known when its key was written.
    @inline(__always)
    mutating func setType(_ type: BSONType, at mark: Int) {
        base.storeBytes(of: type.rawValue, toByteOffset: mark, as: UInt8.self)
    }

    /// The length of the document that was ended and begins at `mark`.
    func length(at mark: Int) -> Int { Int(base.loadUnaligned(fromByteOffset: mark, as: Int32.self)) }

    /// Changes the length of a document that was ended, by as much as came into it since.
    mutating func growLength(at mark: Int, by more: Int) {
        base.storeBytes(of: Int32(truncatingIfNeeded: length(at: mark) + more), toByteOffset: mark, as: Int32.self)
    }

    /// Takes back what was written from `mark` on.
    mutating func truncate(to mark: Int) { count = min(max(mark, 0), count) }

    /// Moves what was written from `mark` on to an earlier place, and what stood there behind it.
    mutating func move(from mark: Int, to place: Int) {
        guard (0...mark).contains(place), mark <= count else { return }
        let moved = [UInt8](UnsafeRawBufferPointer(start: base + mark, count: count - mark))
        (base + place + moved.count).copyMemory(from: base + place, byteCount: mark - place)
        moved.withUnsafeBytes { copy($0, base + place) }
    }

    /// The bytes of a key or other text that ends with a zero, from `mark` on.
    func cString(at mark: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: base + mark, count: max(count - mark, 0))
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Ends the outermost document and gives it, without a copy where it fills its memory. Nothing may be written afterwards
    /// but by ``restart()``.
    mutating func take() -> BSONDocument {
        guard ownsMemory else { return BSONDocument() }
        closeLength(0)
        if capacity >= 1024, count <= max(capacity / 2, 2048) {
            // Documents live long: most of the memory would lie idle.
            return BSONDocument(adopting: BSONBuffer(copying: UnsafeRawBufferPointer(start: base, count: count)))
        }
        let document = BSONDocument(adopting: BSONBuffer(adopting: base, count: count))
        ownsMemory = false
        return document
    }

    /// Begins another document, in the same memory where no document has it and it is of a usual size.
    mutating func restart() {
        if ownsMemory, capacity <= 1 << 16 {
            count = 4
            mark = 0
            mendedText = nil
        } else {
            self = BSONWriter(capacity: 1024)
        }
    }
}
