public import BSON

/// An index that a type declares.
public struct DocumentIndex: Sendable, Hashable {
    /// The fields, 1 for ascending and -1 for descending.
    public var keys: BSONDocument
    /// Whether no two documents may have the same values.
    public var unique: Bool
    /// Whether documents without the fields are left out.
    public var sparse: Bool

    /// Declares an index.
    public init(_ keys: BSONDocument, unique: Bool = false, sparse: Bool = false) {
        self.keys = keys
        self.unique = unique
        self.sparse = sparse
    }

    /// The name, made of the fields as MongoDB's drivers do: `title_1`.
    public var name: String {
        keys.map { key, kind in "\(key)_\(kind.int.map(String.init) ?? kind.string ?? "")" }.joined(separator: "_")
    }

    /// What `createIndexes` takes.
    var specification: BSONDocument {
        var fields: [(String, BSONValue)] = [("key", .document(keys)), ("name", .string(name))]
        if unique { fields.append(("unique", true)) }
        if sparse { fields.append(("sparse", true)) }
        return BSONDocument(fields: fields)
    }
}

/// Gathers the indexes of a type and of what it embeds.
public struct _IndexList {
    private(set) var indexes: [DocumentIndex] = []
    private var prefix = ""
    private var types: [ObjectIdentifier] = []

    init() {}

    /// Adds a field's index.
    public mutating func add(_ name: String, unique: Bool) {
        indexes.append(DocumentIndex([prefix + name: 1], unique: unique))
    }

    /// Adds the indexes of what a field embeds.
    public mutating func nested<Value: FieldValue>(_ name: String, _ type: Value.Type) { Value._indexes(name, &self) }

    /// A type that embeds itself declares its indexes on the first level alone.
    mutating func within(_ name: String, _ type: any Any.Type, _ body: (inout _IndexList) -> Void) {
        let identifier = ObjectIdentifier(type)
        guard !types.contains(identifier) else { return }
        let outer = prefix
        types.append(identifier)
        prefix += name + "."
        body(&self)
        prefix = outer
        types.removeLast()
    }
}
