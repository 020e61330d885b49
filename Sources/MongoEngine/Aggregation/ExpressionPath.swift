internal import BSON
internal import MongoProtocol

/// A dotted path as expressions follow it: into documents, and through arrays into the documents they hold.
///
/// Unlike a filter's path a number names a field here, never a place in an array.
struct ExpressionPath: Sendable, Hashable {
    /// The names along the path; at least one.
    let parts: [String]
    /// The whole path, dotted.
    var text: String { parts.joined(separator: ".") }

    /// Checks and splits a path.
    init(_ text: String) throws {
        if text.utf8.last == UInt8(ascii: ".") {
            throw MongoError(.init(40353), "FieldPath must not end with a '.'.")
        }
        parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 200 else {
            throw MongoError(.overflow, "FieldPath is too long")
        }
        for part in parts { try Self.checkFieldName(part) }
    }

    /// Checks one name along a path.
    static func checkFieldName(_ name: String) throws {
        if name.isEmpty { throw MongoError(.init(15998), "FieldPath field names may not be empty strings.") }
        if name.utf8.first == UInt8(ascii: "$") {
            throw MongoError(
                .init(16410),
                "FieldPath field names may not start with '$'. Consider using $getField or $setField.")
        }
        if name.utf8.contains(0) {
            throw MongoError(.init(16411), "FieldPath field names may not contain '\\0'.")
        }
    }

    /// The value at the path; nil where it is missing.
    func value(in document: BSONDocument) -> BSONValue? {
        document.withRaw { value(in: $0, at: 0, owner: document.buffer) }
    }

    /// The value at the path below any value, as `$$variable.path` reads it.
    func value(in value: BSONValue) -> BSONValue? {
        switch value {
        case .document(let document): self.value(in: document)
        case .array(let array): array.document.withRaw { elements(of: $0, at: 0, owner: array.document.buffer) }
        default: nil
        }
    }

    /// The value in place, where no array stands on the way; `isArray` where one does.
    func rawValue(in document: RawDocument) -> (value: RawValue?, crossesArray: Bool) {
        var current = document
        for index in parts.indices {
            guard let next = current[parts[index]] else { return (nil, false) }
            if index == parts.count - 1 { return (next, false) }
            switch next.type {
            case .document: current = next.document
            case .array: return (nil, true)
            default: return (nil, false)
            }
        }
        return (nil, false)
    }

    private func value(in document: RawDocument, at index: Int, owner: BSONBuffer) -> BSONValue? {
        guard let next = document[parts[index]] else { return nil }
        if index == parts.count - 1 { return BSONValue(next, owner: owner) }
        switch next.type {
        case .document: return value(in: next.document, at: index + 1, owner: owner)
        case .array: return elements(of: next.document, at: index + 1, owner: owner)
        default: return nil
        }
    }

    private func elements(of array: RawDocument, at index: Int, owner: BSONBuffer) -> BSONValue? {
        var found: [BSONValue] = []
        for element in array where element.value.type == .document {
            if let value = value(in: element.value.document, at: index, owner: owner) { found.append(value) }
        }
        return .array(BSONArray(found))
    }
}
