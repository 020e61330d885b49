internal import Foundation
internal import HummingbirdMongo
internal import NIOCore

/// JSON as the tutorial's framework reads it.
enum LegacyJSON {
    /// A body's value; a byte order mark and UTF-16 are taken too. Nil for what is no JSON, and for what no record can hold.
    static func value(_ bytes: ByteBufferView) -> BSONValue? {
        var data = Data(bytes)
        if data.starts(with: [0xEF, 0xBB, 0xBF]) {
            data = data.dropFirst(3)
        } else if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) {
            guard let text = String(data: data, encoding: .utf16) else { return nil }
            data = Data(text.utf8)
        }
        let bytes = [UInt8](data)
        guard LegacyScan.isRecordable(bytes) else { return nil }
        if let value = try? BSONValue(json: bytes) { return value }
        var reader = LenientReader(bytes: bytes)
        return reader.onlyValue()
    }

    /// Whether a body counts as none.
    static func isFalse(_ value: BSONValue) -> Bool {
        switch value {
        case .null, .bool(false): true
        case .string(let text): text.isEmpty
        case .document(let document): document.isEmpty
        case .array(let array): array.isEmpty
        default: value.double == 0
        }
    }

    /// A value as a column of text keeps it: numbers and truth values become text.
    static func text(_ value: BSONValue?) throws -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return try fitting(text)
        case .bool(let value): return value ? "1" : "0"
        case .double(let number) where number.isFinite: return LegacyNumber.text(number)
        case .some(let value) where value.int64 != nil: return value.int64.map { String($0) }
        default: throw LegacyError(message: "The value is no text.")
        }
    }

    /// Spaces beyond the column's end are cut, other characters are too much.
    private static func fitting(_ text: String) throws -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > 255 else { return text }
        guard scalars.dropFirst(255).allSatisfy({ $0 == " " }) else {
            throw LegacyError(message: "The text has more than 255 characters.")
        }
        return String(scalars.prefix(255))
    }
}
