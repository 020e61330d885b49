internal import BSON

/// A document being changed: an ordered tree that opens only what a path leads through.
///
/// What no path touches stays a view of the original's bytes and is copied once, when the result is written. The views
/// are valid only while the original's memory is, so a tree never leaves the call that made it.
enum UpdateTree {
    /// A value of the original, in place.
    case raw(RawValue)
    /// A new value.
    case value(BSONValue)
    /// An opened document.
    case document([Field])
    /// An opened array.
    case array([UpdateTree])

    /// One field of an opened document.
    struct Field {
        var name: Name
        var tree: UpdateTree
    }

    /// The name of a field, in place or new.
    enum Name {
        case raw(UnsafeRawBufferPointer)
        case string(String)

        /// Whether this is that name.
        func isEqual(_ other: String) -> Bool {
            switch self {
            case .raw(let bytes): bytes.elementsEqual(other.utf8)
            case .string(let name): name.utf8.elementsEqual(other.utf8)
            }
        }

        /// The name as text.
        var text: String {
            switch self {
            case .raw(let bytes): String(decoding: bytes, as: UTF8.self)
            case .string(let name): name
            }
        }
    }

    /// The type of the value.
    var type: BSONType {
        switch self {
        case .raw(let value): value.type
        case .value(let value): value.type
        case .document: .document
        case .array: .array
        }
    }

    /// Opens a document or an array one level; any other value stays as it is.
    mutating func open() {
        switch self {
        case .raw(let raw) where raw.type == .document:
            self = .document(raw.document.map { Field(name: .raw($0.key), tree: .raw($0.value)) })
        case .raw(let raw) where raw.type == .array:
            self = .array(raw.document.map { .raw($0.value) })
        case .value(.document(let document)):
            self = .document(document.map { Field(name: .string($0.key), tree: .value($0.value)) })
        case .value(.array(let array)):
            self = .array(array.map { .value($0) })
        default: break
        }
    }

    /// The value, for what has to outlive the tree or to be calculated with.
    var materialized: BSONValue {
        switch self {
        case .raw(let raw): return BSONValue(copying: raw)
        case .value(let value): return value
        case .document, .array:
            var writer = BSONWriter()
            write(as: .string(""), to: &writer)
            return writer.finish()[""] ?? .null
        }
    }

    /// Calls `body` with the value's bytes.
    func withRaw<R>(_ body: (RawValue) throws -> R) rethrows -> R {
        switch self {
        case .raw(let raw): try body(raw)
        default: try materialized.withRawValue(body)
        }
    }

    /// Whether the value is exactly this one, its type included.
    func isIdentical(to other: BSONValue) -> Bool {
        guard type == other.type else { return false }
        return withRaw { x in
            other.withRawValue { y in x.count == y.count && x.bytes.elementsEqual(y.bytes) }
        }
    }

    /// The field of an opened or closed document, or the element of an array that a path's part names.
    func child(_ name: String) -> UpdateTree? {
        switch self {
        case .raw(let raw):
            switch raw.type {
            case .document: return raw.document[name].map { .raw($0) }
            case .array: return UpdatePath.index(name) == nil ? nil : raw.document[name].map { .raw($0) }
            default: return nil
            }
        case .value(let value):
            switch value {
            case .document(let document): return document[name].map { .value($0) }
            case .array(let array): return UpdatePath.index(name).flatMap { array[$0] }.map { .value($0) }
            default: return nil
            }
        case .document(let fields): return fields.first { $0.name.isEqual(name) }?.tree
        case .array(let elements):
            guard let index = UpdatePath.index(name), index < elements.count else { return nil }
            return elements[index]
        }
    }

    /// Takes the field away that the names lead to through documents.
    /// - Returns: Whether it was there.
    mutating func remove(_ names: ArraySlice<String>) -> Bool {
        guard let name = names.first else { return false }
        open()
        guard case .document(var fields) = self, let index = fields.firstIndex(where: { $0.name.isEqual(name) }) else {
            return false
        }
        self = .value(.null)
        var removed = true
        if names.count == 1 {
            fields.remove(at: index)
        } else {
            removed = fields[index].tree.remove(names.dropFirst())
        }
        self = .document(fields)
        return removed
    }

    /// Appends the value to a document that is being written.
    func write(as name: Name, to writer: inout BSONWriter) {
        switch self {
        case .raw(let raw):
            switch name {
            case .raw(let key): writer.append(key: key, raw)
            case .string(let key): writer.append(key, raw)
            }
        case .value(let value): writer.append(name.text, value)
        case .document(let fields):
            writer.begin(name.text, .document)
            for field in fields { field.tree.write(as: field.name, to: &writer) }
            writer.end()
        case .array(let elements):
            writer.begin(name.text, .array)
            for (index, element) in elements.enumerated() { element.write(as: .string(String(index)), to: &writer) }
            writer.end()
        }
    }

    /// How many levels of documents and arrays the new parts make, the deepest counted; bytes of the original count as
    /// none, as they were checked when they came and stay at their place.
    var depth: Int {
        switch self {
        case .raw: 0
        case .value(let value): value.nestingDepth
        case .document(let fields): 1 + (fields.lazy.map(\.tree.depth).max() ?? 0)
        case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
        }
    }
}

extension BSONValue {
    /// How many levels of documents and arrays the value has; 0 for any other type.
    var nestingDepth: Int {
        switch self {
        case .document(let document): 1 + (document.lazy.map(\.value.nestingDepth).max() ?? 0)
        case .array(let array): 1 + (array.lazy.map(\.nestingDepth).max() ?? 0)
        default: 0
        }
    }
}
