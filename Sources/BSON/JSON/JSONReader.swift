/// Reads JSON text (RFC 8259, strictly) and writes BSON while it goes, so that no tree stands between the two.
struct JSONReader: ~Copyable {
    /// What the keys that begin with `$` mean.
    enum Dialect {
        /// Nothing: they are keys like all others, as befits text from strangers.
        case plain
        /// The types of Extended JSON v2.
        case extended
    }

    /// The name of a value: a field's, or its place in an array.
    enum Key {
        case name(UnsafeRawBufferPointer)
        case index(Int)
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let dialect: Dialect
    let maximumDepth: Int
    let maximumSize: Int
    /// How deep objects may be nested in the text: those that stand for values of Extended JSON are no documents. Each
    /// level of code with a scope takes two, and up to three stand in each other at the end (`$dbPointer`).
    private let maximumTextDepth: Int
    /// How many objects are open whose fields are gathered on the side: their text may be longer than the value they are.
    private var gathered = 0
    /// How deep they are.
    private var deepest = 0
    /// The offset of the next byte.
    var position = 0
    /// The strings that have escapes, without them: they are shorter than what they came from, so that as much room as
    /// there is text suffices for all. Strings without escapes stay where they are.
    private var unescaped: UnsafeMutableRawPointer?
    var unescapedCount = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: Dialect, maximumDepth: Int, maximumSize: Int) {
        self.bytes = bytes
        self.dialect = dialect
        self.maximumDepth = maximumDepth
        maximumTextDepth = dialect == .extended ? 2 * maximumDepth + 3 : maximumDepth
        self.maximumSize = maximumSize
    }

    deinit { unescaped?.deallocate() }

    /// The place of the next unescaped byte.
    mutating func room() -> UnsafeMutableRawPointer {
        let start = unescaped ?? UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 8, alignment: 8)
        unescaped = start
        return start + unescapedCount
    }

    /// Reads text that is one object.
    mutating func document() throws(BSONError) -> BSONDocument {
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw fault("a document was expected") }
        // The outermost object is a document, whatever its keys are.
        let value = try onlyValue { reader, key, writer throws(BSONError) in
            try reader.open(1)
            writer.begin(key, .document)
            try reader.fields(into: &writer, depth: 1)
            writer.end()
        }
        return value.document ?? BSONDocument()
    }

    /// Reads text that is one value of any type.
    mutating func onlyValue() throws(BSONError) -> BSONValue {
        try onlyValue { reader, key, writer throws(BSONError) in try reader.value(key, into: &writer, depth: 1) }
    }

    private mutating func onlyValue(
        _ read: (inout JSONReader, Key, inout BSONWriter) throws(BSONError) -> Void
    ) throws(BSONError) -> BSONValue {
        var writer = BSONWriter(capacity: bytes.count + 16)
        skipSpace()
        try read(&self, .name(UnsafeRawBufferPointer(start: nil, count: 0)), &writer)
        try checkSize(writer)
        skipSpace()
        guard position == bytes.count else { throw fault("nothing was expected behind the value") }
        let value = writer.finish()[""] ?? .null
        if deepest > maximumDepth { try checkDepth(of: value) }
        return value
    }

    /// Counts again, in BSON, what is nested deeper in the text than documents may be.
    private func checkDepth(of value: BSONValue) throws(BSONError) {
        try value.withRawValue { raw throws(BSONError) in
            if raw.type == .document || raw.type == .array {
                try BSONValidator.validate(raw.bytes, maximumDepth: maximumDepth)
            }
        }
    }

    /// Reads a value and writes it as a field.
    private mutating func value(_ key: Key, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        switch peek {
        case UInt8(ascii: "{"): try object(key, into: &writer, depth: depth)
        case UInt8(ascii: "["): try array(key, into: &writer, depth: depth)
        case UInt8(ascii: "\""): writer.append(key, utf8: try string())
        case UInt8(ascii: "t"): writer.append(key, try word("true", .bool(true)))
        case UInt8(ascii: "f"): writer.append(key, try word("false", .bool(false)))
        case UInt8(ascii: "n"): writer.append(key, try word("null", .null))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): writer.append(key, try number())
        default: throw fault("a value was expected")
        }
        if gathered == 0 { try checkSize(writer) }
    }

    @inline(__always)
    private func checkSize(_ writer: borrowing BSONWriter) throws(BSONError) {
        // The value stands behind its writer's length, a type byte and an empty key.
        guard writer.count - 6 <= maximumSize else {
            throw BSONError(.tooLarge, "the document is larger than \(maximumSize) bytes", at: position)
        }
    }

    private mutating func array(_ key: Key, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        try open(depth)
        writer.begin(key, .array)
        if !take("]") {
            var index = 0
            repeat {
                skipSpace()
                try value(.index(index), into: &writer, depth: depth + 1)
                skipSpace()
                index += 1
            } while take(",")
            guard take("]") else { throw fault("a comma or the end of the array was expected") }
        }
        writer.end()
    }

    private mutating func object(_ key: Key, into writer: inout BSONWriter, depth: Int) throws(BSONError) {
        let start = position
        try open(depth)
        // All keys of a value of Extended JSON begin with "$", which may be written as an escape.
        guard dialect == .extended, position + 1 < bytes.count, peek == UInt8(ascii: "\""),
            bytes[position + 1] == UInt8(ascii: "$") || bytes[position + 1] == UInt8(ascii: "\\")
        else {
            writer.begin(key, .document)
            try fields(into: &writer, depth: depth, refusesTypes: dialect == .extended)
            writer.end()
            return
        }
        if let value = try wrappedText(mayNest: true) { return writer.append(key, value) }
        // It is gathered on the side, because which type it is may show only at its last key.
        var inner = BSONWriter()
        gathered += 1
        let isLiteralNumber = try fields(into: &inner, depth: depth)
        gathered -= 1
        let document = inner.finish()
        let special = try ExtendedJSONType.value(of: document, startsWithNumber: isLiteralNumber, at: start)
        writer.append(key, special ?? .document(document))
    }

    /// Reads `"$oid":"…"}` and the other common types that are one text in an object, and dates in milliseconds, without a
    /// document in between; nil, and nothing read, where the text goes on in any other way.
    private mutating func wrappedText(mayNest: Bool) throws(BSONError) -> BSONValue? {
        let start = (position, unescapedCount)
        let key = try string()
        skipSpace()
        if take(":") {
            skipSpace()
            var value: BSONValue?
            if peek == UInt8(ascii: "\"") {
                value = ExtendedJSONType.value(of: try string(), under: key)
            } else if peek == UInt8(ascii: "{"), mayNest, key.elementsEqual("$date".utf8) {
                position += 1
                skipSpace()
                if peek == UInt8(ascii: "\""), case .int64(let time) = try wrappedText(mayNest: false) {
                    value = .date(BSONDate(millisecondsSince1970: time))
                }
            }
            skipSpace()
            if let value, take("}") { return value }
        }
        (position, unescapedCount) = start
        return nil
    }

    /// Reads the fields of an object and its end, and says whether the first value is a number written as such.
    /// - Parameter refusesTypes: Whether the keys that tell a type of Extended JSON are errors, as they are beside others.
    @discardableResult
    private mutating func fields(
        into writer: inout BSONWriter, depth: Int, refusesTypes: Bool = false
    ) throws(BSONError) -> Bool {
        if take("}") { return false }
        var seen = JSONKeySet()
        var startsWithNumber: Bool?
        repeat {
            skipSpace()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw fault("a key was expected") }
            let key = try string()
            guard !key.contains(0) else { throw BSONError(.invalidJSON, "a key has a zero byte", at: start) }
            if dialect == .plain, !seen.insert(key) {
                let name = String(decoding: key, as: UTF8.self)
                throw BSONError(.invalidJSON, "the key '\(name)' appears twice", at: start)
            }
            if refusesTypes, key.first == UInt8(ascii: "$") { try ExtendedJSONType.checkIsNone(key, at: start) }
            skipSpace()
            guard take(":") else { throw fault("a colon was expected") }
            skipSpace()
            if startsWithNumber == nil { startsWithNumber = peek != UInt8(ascii: "{") && peek != UInt8(ascii: "\"") }
            try value(.name(key), into: &writer, depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw fault("a comma or the end of the object was expected") }
        return startsWithNumber ?? false
    }

    /// Steps into an object or array.
    private mutating func open(_ depth: Int) throws(BSONError) {
        guard depth <= maximumTextDepth else {
            throw BSONError(.tooDeep, "values are nested deeper than \(maximumDepth) levels", at: position)
        }
        deepest = max(deepest, depth)
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
    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(truncatingIfNeeded: character.value) else {
            return false
        }
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

extension BSONWriter {
    fileprivate mutating func append(_ key: JSONReader.Key, _ value: BSONValue) {
        switch key {
        case .name(let name): append(key: name, value)
        case .index(let index): append(index: index, value)
        }
    }

    fileprivate mutating func append(_ key: JSONReader.Key, utf8: UnsafeRawBufferPointer) {
        switch key {
        case .name(let name): append(key: name, utf8: utf8)
        case .index(let index): withArrayKey(index) { writer, key in writer.append(key: key, utf8: utf8) }
        }
    }

    fileprivate mutating func begin(_ key: JSONReader.Key, _ type: BSONType) {
        switch key {
        case .name(let name): begin(key: name, type)
        case .index(let index): begin(index: index, type)
        }
    }
}
