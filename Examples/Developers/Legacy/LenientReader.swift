internal import HummingbirdMongo

/// Reads what the tutorial's framework takes beside JSON: NaN, the infinities, and a key twice in an object, of which the
/// last one counts. Texts and numbers themselves are read by the strict reader.
struct LenientReader {
    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func onlyValue() -> BSONValue? {
        guard let value = value() else { return nil }
        skipSpace()
        return position == bytes.count ? value : nil
    }

    private mutating func value() -> BSONValue? {
        skipSpace()
        guard position < bytes.count, depth < 100 else { return nil }
        depth += 1
        defer { depth -= 1 }
        switch bytes[position] {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return list()
        case UInt8(ascii: "\""): return text().map { .string($0) }
        default: return word()
        }
    }

    private mutating func object() -> BSONValue? {
        position += 1
        var fields: [(String, BSONValue)] = []
        if take("}") { return .document([:]) }
        repeat {
            skipSpace()
            guard let key = text(), take(":"), let value = value() else { return nil }
            if let index = fields.firstIndex(where: { $0.0 == key }) {
                fields[index].1 = value
            } else {
                fields.append((key, value))
            }
        } while take(",")
        return take("}") ? .document(BSONDocument(fields: fields)) : nil
    }

    private mutating func list() -> BSONValue? {
        position += 1
        var values: [BSONValue] = []
        if take("]") { return .array([]) }
        repeat {
            guard let value = value() else { return nil }
            values.append(value)
        } while take(",")
        return take("]") ? .array(BSONArray(values)) : nil
    }

    /// A text, read by the strict reader from its quote to its quote.
    private mutating func text() -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < bytes.count else { return nil }
        defer { position = end + 1 }
        return (try? BSONValue(json: Array(bytes[position...end])))?.string
    }

    private mutating func word() -> BSONValue? {
        let ends: [UInt8] = Array(",]} \t\r\n".utf8)
        let end = bytes[position...].firstIndex { ends.contains($0) } ?? bytes.count
        let word = Array(bytes[position..<end])
        position = end
        switch String(decoding: word, as: UTF8.self) {
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default: return try? BSONValue(json: word)
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(truncatingIfNeeded: character.value) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }
}
