/// How BSON's types appear in JSON text.
public enum JSONFormat: Sendable {
    /// What a browser wants: ids, dates and decimals as strings, all other numbers as numbers, NaN and the infinities as
    /// null, binary data as base64. Types do not survive.
    case plain
    /// Extended JSON v2, relaxed: numbers and dates are readable, and a 64-bit integer may come back with another type.
    case relaxed
    /// Extended JSON v2, canonical: every type survives.
    case canonical
}

extension BSONDocument {
    /// The document as JSON text in UTF-8.
    public func json(_ format: JSONFormat = .plain) -> [UInt8] { withJSON(format) { [UInt8]($0) } }

    /// Calls `body` with the document's JSON text, which is there only meanwhile.
    package func withJSON<R>(_ format: JSONFormat, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        var text = TextBuffer(capacity: byteCount + byteCount / 2)
        withRaw { JSONOutput.append($0, to: &text, format) }
        return body(text.bytes)
    }

    /// Appends the document's JSON text, in UTF-8, to a buffer.
    public func appendJSON(to text: inout [UInt8], _ format: JSONFormat = .plain) {
        var buffer = TextBuffer(capacity: byteCount + byteCount / 2)
        withRaw { JSONOutput.append($0, to: &buffer, format) }
        text.append(contentsOf: buffer.bytes)
    }

    /// The document as Extended JSON (https://github.com/mongodb/specifications, "Extended JSON").
    public func extendedJSON(_ format: JSONFormat = .relaxed) -> String {
        var text = TextBuffer(capacity: byteCount + byteCount / 2)
        withRaw { JSONOutput.append($0, to: &text, format) }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}

extension BSONArray {
    /// The array as JSON text in UTF-8.
    public func json(_ format: JSONFormat = .plain) -> [UInt8] { BSONValue.array(self).json(format) }
}

extension BSONValue {
    /// The value as JSON text in UTF-8.
    public func json(_ format: JSONFormat = .plain) -> [UInt8] {
        var text: [UInt8] = []
        appendJSON(to: &text, format)
        return text
    }

    /// Appends the value's JSON text, in UTF-8, to a buffer.
    public func appendJSON(to text: inout [UInt8], _ format: JSONFormat = .plain) {
        withRawValue { value in
            var buffer = TextBuffer(capacity: value.count + value.count / 2)
            JSONOutput.append(value, to: &buffer, format)
            text.append(contentsOf: buffer.bytes)
        }
    }

    /// The value as Extended JSON (https://github.com/mongodb/specifications, "Extended JSON").
    public func extendedJSON(_ format: JSONFormat = .relaxed) -> String {
        String(decoding: json(format), as: UTF8.self)
    }
}
