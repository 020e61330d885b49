/// Reads JSON text (RFC 8259, strictly) and writes BSON while it goes, so that no tree stands between the two.
struct JSONReader: ~Copyable {
    /// What the keys that begin with `$` mean.
    enum Dialect {
        /// Nothing: they are keys like all others, as befits text from strangers.
        case plain
        /// The types of Extended JSON v2.
        case extended
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let dialect: Dialect
    let maximumDepth: Int
    let maximumSize: Int
    /// The offset of the next byte.
    var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: Dialect, maximumDepth: Int, maximumSize: Int) {
        self.bytes = bytes
        self.dialect = dialect
        self.maximumDepth = maximumDepth
        self.maximumSize = maximumSize
    }

    /// Reads text that is one object.
    mutating func document() throws(BSONError) -> BSONDocument {
        skipSpace()
        let start = position
        guard case .document(let document) = try onlyValue() else {
            throw BSONError(.invalidJSON, "a document was expected", at: start)
        }
        return document
    }

    /// Reads text that is one value of any type.
    mutating func onlyValue() throws(BSONError) -> BSONValue {
        var writer = BSONWriter(capacity: bytes.count + 16)
        skipSpace()
        try value("", into: &writer, depth: 1)
        skipSpace()
        guard position == bytes.count else { throw fault("nothing was expected behind the value") }
        return writer.finish()[""] ?? .null
    }

    /// Reads a value and writes it as a field.
    private mutating func value(_ key: String, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        switch peek {
        case UInt8(ascii: "{"): try object(key, into: &writer, depth: depth)
        case UInt8(ascii: "["): try array(key, into: &writer, depth: depth)
        case UInt8(ascii: "\""): writer.append(key, .string(try string()))
        case UInt8(ascii: "t"): writer.append(key, try word("true", .bool(true)))
        case UInt8(ascii: "f"): writer.append(key, try word("false", .bool(false)))
        case UInt8(ascii: "n"): writer.append(key, try word("null", .null))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): writer.append(key, try number())
        default: throw fault("a value was expected")
        }
        // The value stands behind its writer's length, a type byte and an empty key.
        guard writer.count - 6 <= maximumSize else {
            throw BSONError(.tooLarge, "the document is larger than \(maximumSize) bytes", at: position)
        }
    }

    private mutating func array(_ key: String, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        try open(depth)
        writer.begin(key, .array)
        if !take("]") {
            var index = 0
            repeat {
                skipSpace()
                try value(String(index), into: &writer, depth: depth + 1)
                skipSpace()
                index += 1
            } while take(",")
            guard take("]") else { throw fault("a comma or the end of the array was expected") }
        }
        writer.end()
    }

    private mutating func object(_ key: String, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        let start = position
        try open(depth)
        // Only an object whose first key begins with "$" can be a value of Extended JSON. It is gathered on the side,
        // because which type it is may show only at its last key.
        if dialect == .extended, position + 1 < bytes.count, peek == UInt8(ascii: "\""),
            bytes[position + 1] == UInt8(ascii: "$")
        {
            var inner = BSONWriter()
            let isLiteralNumber = try fields(into: &inner, depth: depth)
            let document = inner.finish()
            let special = try ExtendedJSONType.value(of: document, startsWithNumber: isLiteralNumber, at: start)
            writer.append(key, special ?? .document(document))
        } else {
            writer.begin(key)
            try fields(into: &writer, depth: depth)
            writer.end()
        }
    }

    /// Reads the fields of an object and its end, and says whether the first value is a number written as such.
    @discardableResult
    private mutating func fields(into writer: inout BSONWriter, depth: Int) throws(BSONError) -> Bool {
        if take("}") { return false }
        var seen: Set<[UInt8]> = []
        var startsWithNumber: Bool?
        repeat {
            skipSpace()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw fault("a key was expected") }
            let key = try string()
            guard !key.utf8.contains(0) else { throw BSONError(.invalidJSON, "a key has a zero byte", at: start) }
            // Bytes, not strings: Swift takes composed and decomposed letters as one, MongoDB does not.
            if dialect == .plain, !seen.insert([UInt8](key.utf8)).inserted {
                throw BSONError(.invalidJSON, "the key '\(key)' appears twice", at: start)
            }
            skipSpace()
            guard take(":") else { throw fault("a colon was expected") }
            skipSpace()
            if startsWithNumber == nil { startsWithNumber = peek != UInt8(ascii: "{") && peek != UInt8(ascii: "\"") }
            try value(key, into: &writer, depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw fault("a comma or the end of the object was expected") }
        return startsWithNumber ?? false
    }

    /// Steps into an object or array.
    private mutating func open(_ depth: Int) throws(BSONError) {
        guard depth <= maximumDepth else {
            throw BSONError(.tooDeep, "values are nested deeper than \(maximumDepth) levels", at: position)
        }
        position += 1
        skipSpace()
    }

    private mutating func word(_ word: StaticString, _ value: BSONValue) throws(BSONError) -> BSONValue {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length,
            bytes[position..<(position + length)].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: length))
        else { throw fault("a value was expected") }
        position += length
        return value
    }
}

extension JSONReader {
    /// The next byte; zero, which JSON has no use for, at the end.
    var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// Steps over the next byte where it is this one.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// An error at the next byte.
    func fault(_ message: String) -> BSONError {
        BSONError(.invalidJSON, position < bytes.count ? message : message + ", not the end of the text", at: position)
    }
}
