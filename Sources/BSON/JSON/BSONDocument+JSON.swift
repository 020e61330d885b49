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
        self = try withReader(json, .plain, maximumDepth, maximumSize) { reader throws(BSONError) in
            try reader.document()
        }
    }

    /// Reads a document from Extended JSON v2, canonical or relaxed.
    ///
    /// Use it for text of trusted origin: it makes values of every type. The outermost object is always a document.
    /// - Parameters:
    ///   - text: One object.
    ///   - maximumDepth: How many documents and arrays may be nested, the outermost counted.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(
        extendedJSON text: String, maximumDepth: Int = BSONValidator.maximumDepth
    ) throws(BSONError) {
        self = try withReader(text.utf8, .extended, maximumDepth) { reader throws(BSONError) in try reader.document() }
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
        self = try withReader(json, .plain, maximumDepth, maximumSize) { reader throws(BSONError) in
            try reader.onlyValue()
        }
    }

    /// Reads a value of any type from Extended JSON v2, as ``BSONDocument/init(extendedJSON:)`` reads a document.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public init(extendedJSON text: String) throws(BSONError) {
        self = try withReader(text.utf8, .extended) { reader throws(BSONError) in try reader.onlyValue() }
    }
}

/// Calls `body` with a reader of a collection's bytes, which are copied only where they are not in one piece.
private func withReader<R>(
    _ json: some Collection<UInt8>, _ dialect: JSONReader.Dialect, _ maximumDepth: Int = BSONValidator.maximumDepth,
    _ maximumSize: Int = BSONValidator.maximumDocumentSize, _ body: (inout JSONReader) throws(BSONError) -> R
) throws(BSONError) -> R {
    func attempt(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<R, BSONError> {
        var reader = JSONReader(bytes, dialect, maximumDepth: maximumDepth, maximumSize: maximumSize)
        do { return .success(try body(&reader)) } catch { return .failure(error) }
    }
    let result =
        json.withContiguousStorageIfAvailable { attempt($0) } ?? [UInt8](json).withUnsafeBufferPointer { attempt($0) }
    return try result.get()
}
