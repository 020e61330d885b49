extension BSONBuffer {
    /// Makes room for `count` bytes, with the memory to write them to.
    ///
    /// Whoever asks for it writes all bytes before the buffer goes to anybody else, and none after; the memory lives as
    /// long as the buffer.
    package static func unfilled(count: Int) -> (buffer: BSONBuffer, memory: UnsafeMutableRawPointer) {
        let count = max(count, 0)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 8)
        return (BSONBuffer(adopting: memory, count: count), memory)
    }

    /// Calls `body` with all bytes, which stay valid only during the call.
    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { extendLifetime(self) }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}

extension BSONDocument {
    /// Checks a part of a buffer and takes it as a document, without a copy.
    /// - Throws: ``BSONError`` where the range is not within the buffer or its bytes are not exactly one document; its
    ///   offset counts from the start of the range.
    package init(
        validating range: Range<Int>, of buffer: BSONBuffer, maximumDepth: Int = BSONValidator.maximumDepth
    ) throws(BSONError) {
        guard range.lowerBound >= 0, range.upperBound <= buffer.count, range.count >= 5 else {
            throw BSONError(.malformed, "a document of \(range.count) bytes does not fit", at: 0)
        }
        let base = buffer.base + range.lowerBound
        try BSONValidator.validate(
            UnsafeRawBufferPointer(start: base, count: range.count), maximumDepth: maximumDepth)
        self.init(RawDocument(base: base, count: range.count), owner: buffer)
    }

    /// Checks a part of a buffer and takes it as a command's reply, as ``BSONValidator/validate(reply:maximumDepth:)``
    /// does.
    package init(reply range: Range<Int>, of buffer: BSONBuffer, maximumDepth: Int) throws(BSONError) {
        guard range.lowerBound >= 0, range.upperBound <= buffer.count, range.count >= 5 else {
            throw BSONError(.malformed, "a document of \(range.count) bytes does not fit", at: 0)
        }
        let base = buffer.base + range.lowerBound
        try BSONValidator.validate(
            reply: UnsafeRawBufferPointer(start: base, count: range.count), maximumDepth: maximumDepth)
        self.init(RawDocument(base: base, count: range.count), owner: buffer)
    }
}
