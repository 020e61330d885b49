extension BSONDocument {
    /// Reads a document from JSON text of any origin.
    ///
    /// Integers become `int32` where they fit, else `int64`, and all other numbers doubles. Keys that begin with `$` are keys
    /// like all others: text from strangers is never taken as Extended JSON.
    /// - Parameters:
    ///   - json: One JSON object (RFC 8259) in UTF-8. No key may appear twice in an object or have a zero byte.
    ///   - maximumDepth: How many objects and arrays may be nested, the outermost counted.
    ///   - maximumSize: The largest document to make, in bytes of BSON.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(
        json: some Collection<UInt8>, maximumDepth: Int = BSONValidator.maximumDepth,
        maximumSize: Int = BSONValidator.maximumDocumentSize
    ) throws(BSONError) {
        self = try withJSONBytes(json) { bytes throws(BSONError) in
            var reader = JSONReader(bytes, .plain, maximumDepth: maximumDepth, maximumSize: maximumSize)
            return try reader.document()
        }
    }

    /// Reads a document from Extended JSON v2, canonical or relaxed.
    ///
    /// Use it for text of trusted origin: it makes values of every type.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(extendedJSON text: String) throws(BSONError) {
        self = try withJSONBytes(text.utf8) { bytes throws(BSONError) in
            var reader = JSONReader(
                bytes, .extended, maximumDepth: BSONValidator.maximumDepth,
                maximumSize: BSONValidator.maximumDocumentSize)
            return try reader.document()
        }
    }
}

extension BSONValue {
    /// Reads a value of any type from JSON text of any origin, as ``BSONDocument/init(json:maximumDepth:maximumSize:)``
    /// reads a document.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(
        json: some Collection<UInt8>, maximumDepth: Int = BSONValidator.maximumDepth,
        maximumSize: Int = BSONValidator.maximumDocumentSize
    ) throws(BSONError) {
        self = try withJSONBytes(json) { bytes throws(BSONError) in
            var reader = JSONReader(bytes, .plain, maximumDepth: maximumDepth, maximumSize: maximumSize)
            return try reader.onlyValue()
        }
    }

    /// Reads a value of any type from Extended JSON v2, as ``BSONDocument/init(extendedJSON:)`` reads a document.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(extendedJSON text: String) throws(BSONError) {
        self = try withJSONBytes(text.utf8) { bytes throws(BSONError) in
            var reader = JSONReader(
                bytes, .extended, maximumDepth: BSONValidator.maximumDepth,
                maximumSize: BSONValidator.maximumDocumentSize)
            return try reader.onlyValue()
        }
    }
}

/// Calls `body` with the bytes of a collection in one piece, copied only where they are not.
private func withJSONBytes<R>(
    _ json: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws(BSONError) -> R
) throws(BSONError) -> R {
    func attempt(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<R, BSONError> {
        do { return .success(try body(bytes)) } catch { return .failure(error) }
    }
    let result =
        json.withContiguousStorageIfAvailable { attempt($0) } ?? [UInt8](json).withUnsafeBufferPointer { attempt($0) }
    return try result.get()
}
