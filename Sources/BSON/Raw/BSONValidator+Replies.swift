extension BSONValidator {
    /// Checks the reply of a command, but for what is in the documents of a cursor's batch: of those it sees that they
    /// fit. Whoever reads one checks it then, in the same pass where it reads the fields of a type.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    package static func validate(
        reply bytes: UnsafeRawBufferPointer, maximumDepth: Int = Self.maximumDepth
    ) throws(BSONError) {
        guard let base = bytes.baseAddress, bytes.count >= 5 else {
            throw BSONError(.malformed, "a document has at least 5 bytes, these are \(bytes.count)", at: 0)
        }
        let pass = Pass(origin: base, maximumDepth: maximumDepth)
        try pass.fields(base, count: bytes.count) { (element: RawElement) throws(BSONError) in
            if element.value.type == .document, element.hasKey("cursor") {
                try pass.cursor(element.value)
            } else {
                try pass.check(element.value, depth: 1)
            }
        }
    }
}

extension BSONValidator.Pass {
    fileprivate func cursor(_ value: RawValue) throws(BSONError) {
        try fields(value.base, count: value.count) { (element: RawElement) throws(BSONError) in
            if element.value.type == .array, element.hasKey("firstBatch") || element.hasKey("nextBatch") {
                try batch(element.value)
            } else {
                try check(element.value, depth: 2)
            }
        }
    }

    private func batch(_ value: RawValue) throws(BSONError) {
        try fields(value.base, count: value.count) { (element: RawElement) throws(BSONError) in
            let value = element.value
            guard value.type == .document else { return try check(value, depth: 3) }
            let end = value.base + (value.count - 1)
            guard end.load(as: UInt8.self) == 0 else {
                throw fault("the document does not end with a zero byte", at: end)
            }
        }
    }

    /// Walks a document's fields as `document` does, and leaves their values to `body`.
    @inline(__always)
    fileprivate func fields(
        _ base: UnsafeRawPointer, count: Int, _ body: (RawElement) throws(BSONError) -> Void
    ) throws(BSONError) {
        let length = Int(Int32(littleEndian: base.loadUnaligned(as: Int32.self)))
        guard length == count else { throw fault("the document says \(length) bytes and has \(count)", at: base) }
        let end = base + (count - 1)
        guard end.load(as: UInt8.self) == 0 else { throw fault("the document does not end with a zero byte", at: end) }
        var cursor = base + 4
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            let start = try key(cursor + 1, limit: end - cursor - 1)
            guard let value = RawValue.read(byte, start, limit: end - start) else {
                throw unreadable(byte, at: cursor, start)
            }
            try body(RawElement(start: cursor, keyCount: start - cursor - 2, value: value))
            cursor = start + value.count
        }
    }
}
