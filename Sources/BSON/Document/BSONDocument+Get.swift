extension BSONDocument {
    /// The value at a dotted path as a type; a number names an array's element.
    ///
    /// ```swift
    /// let city = try document.get("publisher.city", as: String.self)
    /// let year: Int? = try document.get("year")      // nil where the field is missing or null
    /// ```
    ///
    /// The errors say which key, which type and which byte: `publisher.city: expected a string, found an int at byte 57`.
    /// - Parameters:
    ///   - path: The names of the fields, with dots between them.
    ///   - type: The type wanted, any that is `Decodable`.
    ///   - decoder: What decides how dates, data, UUIDs and keys are read.
    /// - Throws: `DecodingError` where the field is missing and the type is not optional, or the value is not of the type.
    public func get<T: Decodable>(
        _ path: String, as type: T.Type = T.self, decoder: BSONDecoder = BSONDecoder()
    ) throws -> T {
        let root = withRaw { $0.value(.document) }
        return try DecodingState.with(decoder, root, buffer) { try $0.decode(type, at: path) }
    }
}

extension DecodingState {
    /// Reads the value at a dotted path.
    fileprivate func decode<T: Decodable>(_ type: T.Type, at path: String) throws -> T {
        var value = root
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let name = String(part)
            let isContainer = value.type == .document || value.type == .array
            guard isContainer, let inner = value.document[name] else {
                if let none = none(type) { return none }
                guard isContainer else { throw mismatch(BSONDocument.self, value, wanted: "an object with \(name)") }
                throw missing(PathKey(stringValue: name), name, value.base)
            }
            value = inner
        }
        return try decode(type, value, depth: 0)
    }
}
