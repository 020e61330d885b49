/// Writes JSON text straight from BSON bytes, front to back.
enum JSONOutput {
    /// Appends a document.
    static func append(_ document: RawDocument, to text: inout TextBuffer, _ format: JSONFormat) {
        text.append(UInt8(ascii: "{"))
        var isFirst = true
        for element in document {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text.append(quoted: element.key)
            text.append(UInt8(ascii: ":"))
            append(element.value, to: &text, format)
        }
        text.append(UInt8(ascii: "}"))
    }

    /// Appends a value.
    static func append(_ value: RawValue, to text: inout TextBuffer, _ format: JSONFormat) {
        switch value.type {
        case .double, .int32, .int64, .decimal128: append(number: value, to: &text, format)
        case .string: text.append(quoted: value.stringBytes)
        case .document: append(value.document, to: &text, format)
        case .array: append(array: value.document, to: &text, format)
        case .bool: if value.bool { text.append("true") } else { text.append("false") }
        case .null: text.append("null")
        case .date: append(date: value.int64, to: &text, format)
        default:
            if format == .plain { appendPlain(value, to: &text) } else { appendWrapped(value, to: &text, format) }
        }
    }

    private static func append(array: RawDocument, to text: inout TextBuffer, _ format: JSONFormat) {
        text.append(UInt8(ascii: "["))
        var isFirst = true
        for element in array {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            append(element.value, to: &text, format)
        }
        text.append(UInt8(ascii: "]"))
    }

    private static func append(number value: RawValue, to text: inout TextBuffer, _ format: JSONFormat) {
        switch value.type {
        case .double: append(double: value.double, to: &text, format)
        case .decimal128:
            if format == .plain {
                text.append("\"")
                text.append(text: value.decimal128.description)
                text.append("\"")
            } else {
                text.append(#"{"$numberDecimal":""#)
                text.append(text: value.decimal128.description)
                text.append(#""}"#)
            }
        case .int32:
            if format == .canonical { text.append(#"{"$numberInt":""#) }
            text.append(decimal: Int64(value.int32))
            if format == .canonical { text.append(#""}"#) }
        default:
            if format == .canonical { text.append(#"{"$numberLong":""#) }
            text.append(decimal: value.int64)
            if format == .canonical { text.append(#""}"#) }
        }
    }

    private static func append(double value: Double, to text: inout TextBuffer, _ format: JSONFormat) {
        let isWrapped = format == .canonical || (format == .relaxed && !value.isFinite)
        if isWrapped { text.append(#"{"$numberDouble":""#) }
        if value.isFinite {
            // Extended JSON's own examples have a capital E.
            text.append(double: value, exponent: UInt8(ascii: format == .plain ? "e" : "E"))
        } else if !isWrapped {
            text.append("null")
        } else {
            text.append(text: value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
        if isWrapped { text.append(#""}"#) }
    }

    private static func append(date milliseconds: Int64, to text: inout TextBuffer, _ format: JSONFormat) {
        if format == .plain {
            text.append(UInt8(ascii: "\""))
            ISO8601.append(milliseconds, to: &text)
            text.append(UInt8(ascii: "\""))
        } else if format == .relaxed, (0...ISO8601.lastFourDigitMillisecond).contains(milliseconds) {
            text.append(#"{"$date":""#)
            ISO8601.append(milliseconds, to: &text, fraction: .whereNeeded)
            text.append(#""}"#)
        } else {
            text.append(#"{"$date":{"$numberLong":""#)
            text.append(decimal: milliseconds)
            text.append(#""}}"#)
        }
    }

    /// Types that JSON has no word for, as a browser wants them.
    private static func appendPlain(_ value: RawValue, to text: inout TextBuffer) {
        switch value.type {
        case .objectID:
            text.append("\"")
            text.append(hexadecimal: value.bytes)
            text.append("\"")
        case .binary:
            text.append("\"")
            Base64.append(value.binary.bytes, to: &text)
            text.append("\"")
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            text.append("\"/")
            text.append(escaped: pattern)
            text.append("/")
            text.append(escaped: options)
            text.append("\"")
        case .timestamp: append(timestamp: value, to: &text)
        case .javascript, .symbol: text.append(quoted: value.stringBytes)
        case .javascriptWithScope:
            text.append(#"{"code":"#)
            text.append(quoted: value.javascriptWithScope.code.stringBytes)
            text.append(#","scope":"#)
            append(value.javascriptWithScope.scope, to: &text, .plain)
            text.append("}")
        case .dbPointer:
            let (namespace, id) = value.dbPointer
            text.append(#"{"ref":"#)
            text.append(quoted: namespace)
            text.append(#","id":""#)
            text.append(hexadecimal: id)
            text.append(#""}"#)
        case .minKey: text.append(#""MinKey""#)
        case .maxKey: text.append(#""MaxKey""#)
        default: text.append("null")
        }
    }

    /// Types that JSON has no word for, as objects of Extended JSON.
    private static func appendWrapped(_ value: RawValue, to text: inout TextBuffer, _ format: JSONFormat) {
        switch value.type {
        case .objectID: append(objectID: value.bytes, to: &text)
        case .binary:
            let (subtype, bytes) = value.binary
            text.append(#"{"$binary":{"base64":""#)
            Base64.append(bytes, to: &text)
            text.append(#"","subType":""#)
            withUnsafeBytes(of: subtype) { text.append(hexadecimal: $0) }
            text.append(#""}}"#)
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            text.append(#"{"$regularExpression":{"pattern":"#)
            text.append(quoted: pattern)
            text.append(#","options":"#)
            // Bytes of other makers may have the options in another order than BSON's.
            BSONRegularExpression.sorted(_ShortText.string(options)).withUTF8Bytes { text.append(quoted: $0) }
            text.append("}}")
        case .timestamp:
            text.append(#"{"$timestamp":"#)
            append(timestamp: value, to: &text)
            text.append("}")
        case .javascript:
            text.append(#"{"$code":"#)
            text.append(quoted: value.stringBytes)
            text.append("}")
        case .javascriptWithScope:
            text.append(#"{"$code":"#)
            text.append(quoted: value.javascriptWithScope.code.stringBytes)
            text.append(#","$scope":"#)
            append(value.javascriptWithScope.scope, to: &text, format)
            text.append("}")
        case .symbol:
            text.append(#"{"$symbol":"#)
            text.append(quoted: value.stringBytes)
            text.append("}")
        case .dbPointer:
            let (namespace, id) = value.dbPointer
            text.append(#"{"$dbPointer":{"$ref":"#)
            text.append(quoted: namespace)
            text.append(#","$id":"#)
            append(objectID: id, to: &text)
            text.append("}}")
        case .undefined: text.append(#"{"$undefined":true}"#)
        case .minKey: text.append(#"{"$minKey":1}"#)
        case .maxKey: text.append(#"{"$maxKey":1}"#)
        default: text.append("null")
        }
    }

    private static func append(timestamp value: RawValue, to text: inout TextBuffer) {
        let timestamp = BSONTimestamp(rawValue: UInt64(bitPattern: value.int64))
        text.append(#"{"t":"#)
        text.append(decimal: Int64(timestamp.seconds))
        text.append(#","i":"#)
        text.append(decimal: Int64(timestamp.increment))
        text.append("}")
    }

    private static func append(objectID bytes: UnsafeRawBufferPointer, to text: inout TextBuffer) {
        text.append(#"{"$oid":""#)
        text.append(hexadecimal: bytes)
        text.append(#""}"#)
    }
}

extension RawValue {
    /// The namespace and the id's bytes of a pointer.
    fileprivate var dbPointer: (namespace: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        let name = RawValue(type: .string, base: base, count: max(count - 12, 0))
        return (name.stringBytes, UnsafeRawBufferPointer(start: base + name.count, count: count - name.count))
    }
}
