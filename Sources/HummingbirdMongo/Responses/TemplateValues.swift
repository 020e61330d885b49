public import BSON
public import MongoDocuments

extension BSONDocument {
    /// The document as data for a template, in mustache or another language: text, numbers, booleans, lists and
    /// dictionaries, and all else as plain JSON writes it (ids as hexadecimal digits, dates as ISO 8601).
    ///
    /// What is null is left out, so that its section is too. `_id` is there as `id` as well.
    public var templateValues: [String: Any] {
        var values: [String: Any] = [:]
        for (key, value) in self { values[key] = value.templateValue }
        if values["id"] == nil { values["id"] = values["_id"] }
        return values
    }
}

extension Embedded {
    /// The value's fields as data for a template, by the names that they are stored under: see
    /// ``BSON/BSONDocument/templateValues``.
    public var templateValues: [String: Any] { BSONDocument(encoding: self).templateValues }
}

extension BSONValue {
    fileprivate var templateValue: Any? {
        switch self {
        case .null, .undefined: return nil
        case .string(let value): return value
        case .bool(let value): return value
        case .int32(let value): return Int(value)
        case .int64(let value): return value
        case .double(let value): return value
        case .document(let value): return value.templateValues
        case .array(let values): return values.compactMap(\.templateValue)
        default:
            let text = String(decoding: json(.plain), as: UTF8.self)
            // Ids, dates and the like are JSON strings, of letters that need no escapes.
            return text.hasPrefix("\"") && text.hasSuffix("\"") && text.count > 1
                ? String(text.dropFirst().dropLast()) : text
        }
    }
}
