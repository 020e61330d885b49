/// Writes JSON text straight from BSON bytes, front to back.
enum JSONOutput {
    /// Appends a document.
    static func append(_ document: RawDocument, to text: inout [UInt8], _ format: JSONFormat) {
        text.append(UInt8(ascii: "{"))
        var isFirst = true
        for element in document {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            append(string: element.key, to: &text)
            text.append(UInt8(ascii: ":"))
            append(element.value, to: &text, format)
        }
        text.append(UInt8(ascii: "}"))
    }

    /// Appends a value.
    static func append(_ value: RawValue, to text: inout [UInt8], _ format: JSONFormat) {
        switch value.type {
        case .double, .int32, .int64, .decimal128: append(number: value, to: &text, format)
        case .string: append(string: value.stringBytes, to: &text)
        case .document: append(value.document, to: &text, format)
        case .array: append(array: value.document, to: &text, format)
        case .bool: append(value.bool ? "true" : "false", to: &text)
        case .null: append("null", to: &text)
        case .date: append(date: value.int64, to: &text, format)
        default:
            if format == .plain { appendPlain(value, to: &text) } else { appendWrapped(value, to: &text, format) }
        }
    }

    private static func append(array: RawDocument, to text: inout [UInt8], _ format: JSONFormat) {
        text.append(UInt8(ascii: "["))
        var isFirst = true
        for element in array {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            append(element.value, to: &text, format)
        }
        text.append(UInt8(ascii: "]"))
    }

    private static func append(number value: RawValue, to text: inout [UInt8], _ format: JSONFormat) {
        switch value.type {
        case .double: append(double: value.double, to: &text, format)
        case .decimal128:
            let digits = value.decimal128.description
            append(format == .plain ? "\"\(digits)\"" : #"{"$numberDecimal":"\#(digits)"}"#, to: &text)
        case .int32:
            let digits = String(value.int32)
            append(format == .canonical ? #"{"$numberInt":"\#(digits)"}"# : digits, to: &text)
        default:
            let digits = String(value.int64)
            append(format == .canonical ? #"{"$numberLong":"\#(digits)"}"# : digits, to: &text)
        }
    }

    private static func append(double value: Double, to text: inout [UInt8], _ format: JSONFormat) {
        // Swift's description is the shortest text that reads back as the same double, and a JSON number where finite.
        let digits = value.isFinite ? value.description : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
        if format == .canonical || (format == .relaxed && !value.isFinite) {
            append(#"{"$numberDouble":"\#(digits)"}"#, to: &text)
        } else {
            append(value.isFinite ? digits : "null", to: &text)
        }
    }

    private static func append(date milliseconds: Int64, to text: inout [UInt8], _ format: JSONFormat) {
        if format == .plain {
            text.append(UInt8(ascii: "\""))
            ISO8601.append(milliseconds, to: &text)
            text.append(UInt8(ascii: "\""))
        } else if format == .relaxed, (0...ISO8601.lastFourDigitMillisecond).contains(milliseconds) {
            append(#"{"$date":""#, to: &text)
            ISO8601.append(milliseconds, to: &text, fraction: .whereNeeded)
            append(#""}"#, to: &text)
        } else {
            append(#"{"$date":{"$numberLong":"\#(milliseconds)"}}"#, to: &text)
        }
    }

    /// Types that JSON has no word for, as a browser wants them.
    private static func appendPlain(_ value: RawValue, to text: inout [UInt8]) {
        switch value.type {
        case .objectID:
            append("\"", to: &text)
            append(hexadecimal: value.bytes, to: &text)
            append("\"", to: &text)
        case .binary:
            append("\"", to: &text)
            Base64.append(value.binary.bytes, to: &text)
            append("\"", to: &text)
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            append("\"/", to: &text)
            append(escaped: pattern, to: &text)
            append("/", to: &text)
            append(escaped: options, to: &text)
            append("\"", to: &text)
        case .timestamp: append(timestamp: value, to: &text)
        case .javascript, .symbol: append(string: value.stringBytes, to: &text)
        case .javascriptWithScope:
            append(#"{"code":"#, to: &text)
            append(string: value.javascriptWithScope.code.stringBytes, to: &text)
            append(#","scope":"#, to: &text)
            append(value.javascriptWithScope.scope, to: &text, .plain)
            append("}", to: &text)
        case .dbPointer:
            let (namespace, id) = value.dbPointer
            append(#"{"ref":"#, to: &text)
            append(string: namespace, to: &text)
            append(#","id":""#, to: &text)
            append(hexadecimal: id, to: &text)
            append(#""}"#, to: &text)
        case .minKey: append(#""MinKey""#, to: &text)
        case .maxKey: append(#""MaxKey""#, to: &text)
        default: append("null", to: &text)
        }
    }

    /// Types that JSON has no word for, as objects of Extended JSON.
    private static func appendWrapped(_ value: RawValue, to text: inout [UInt8], _ format: JSONFormat) {
        switch value.type {
        case .objectID: append(objectID: value.bytes, to: &text)
        case .binary:
            let (subtype, bytes) = value.binary
            append(#"{"$binary":{"base64":""#, to: &text)
            Base64.append(bytes, to: &text)
            append(#"","subType":""#, to: &text)
            withUnsafeBytes(of: subtype) { append(hexadecimal: $0, to: &text) }
            append(#""}}"#, to: &text)
        case .regularExpression:
            let (pattern, options) = value.regularExpression
            append(#"{"$regularExpression":{"pattern":"#, to: &text)
            append(string: pattern, to: &text)
            append(#","options":"#, to: &text)
            // Bytes of other makers may have the options in another order than BSON's.
            options.sorted().withUnsafeBytes { append(string: $0, to: &text) }
            append("}}", to: &text)
        case .timestamp:
            append(#"{"$timestamp":"#, to: &text)
            append(timestamp: value, to: &text)
            append("}", to: &text)
        case .javascript:
            append(#"{"$code":"#, to: &text)
            append(string: value.stringBytes, to: &text)
            append("}", to: &text)
        case .javascriptWithScope:
            append(#"{"$code":"#, to: &text)
            append(string: value.javascriptWithScope.code.stringBytes, to: &text)
            append(#","$scope":"#, to: &text)
            append(value.javascriptWithScope.scope, to: &text, format)
            append("}", to: &text)
        case .symbol:
            append(#"{"$symbol":"#, to: &text)
            append(string: value.stringBytes, to: &text)
            append("}", to: &text)
        case .dbPointer:
            let (namespace, id) = value.dbPointer
            append(#"{"$dbPointer":{"$ref":"#, to: &text)
            append(string: namespace, to: &text)
            append(#","$id":"#, to: &text)
            append(objectID: id, to: &text)
            append("}}", to: &text)
        case .undefined: append(#"{"$undefined":true}"#, to: &text)
        case .minKey: append(#"{"$minKey":1}"#, to: &text)
        case .maxKey: append(#"{"$maxKey":1}"#, to: &text)
        default: append("null", to: &text)
        }
    }

    private static func append(timestamp value: RawValue, to text: inout [UInt8]) {
        let timestamp = BSONTimestamp(rawValue: UInt64(bitPattern: value.int64))
        append(#"{"t":\#(timestamp.seconds),"i":\#(timestamp.increment)}"#, to: &text)
    }

    private static func append(objectID bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        append(#"{"$oid":""#, to: &text)
        append(hexadecimal: bytes, to: &text)
        append(#""}"#, to: &text)
    }

    private static func append(_ literal: String, to text: inout [UInt8]) {
        text.append(contentsOf: literal.utf8)
    }

    private static func append(hexadecimal bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        for byte in bytes {
            text.append(hexadecimalDigit(byte >> 4))
            text.append(hexadecimalDigit(byte & 15))
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }

    /// Appends a string with its quotes.
    private static func append(string: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        append(escaped: string, to: &text)
        text.append(UInt8(ascii: "\""))
    }

    /// Appends the inside of a string; runs of bytes that need no escape are copied as one.
    private static func append(escaped string: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        var start = 0
        for index in 0..<string.count {
            let byte = string[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            text.append(contentsOf: string[start..<index])
            start = index + 1
            text.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: text.append(UInt8(ascii: "b"))
            case 0x09: text.append(UInt8(ascii: "t"))
            case 0x0A: text.append(UInt8(ascii: "n"))
            case 0x0C: text.append(UInt8(ascii: "f"))
            case 0x0D: text.append(UInt8(ascii: "r"))
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
            default:
                append("u00", to: &text)
                text.append(hexadecimalDigit(byte >> 4))
                text.append(hexadecimalDigit(byte & 15))
            }
        }
        text.append(contentsOf: string[start...])
    }
}

extension RawValue {
    /// The namespace and the id's bytes of a pointer.
    fileprivate var dbPointer: (namespace: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        let name = RawValue(type: .string, base: base, count: max(count - 12, 0))
        return (name.stringBytes, UnsafeRawBufferPointer(start: base + name.count, count: count - name.count))
    }
}
