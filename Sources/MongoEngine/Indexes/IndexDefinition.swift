internal import BSON

/// An index as it was asked for and where it is kept.
struct IndexDefinition: Sendable {
    /// One part of a compound key.
    struct Part: Sendable, Hashable {
        let path: String
        let descending: Bool
    }
    /// Whether an index may be used.
    enum State: Sendable, Hashable {
        case ready
        /// Writes maintain it, and older records are being added.
        case building
        /// A write brought a second record for a key of a unique index under construction; the message says which.
        case violated(String)
    }
    let name: String
    let parts: [Part]
    let isUnique: Bool
    /// The table of its keys.
    let table: TableID
    /// Whether some document has an array on a path of the index; the planner then keeps to bounds that arrays allow.
    var isMultikey: Bool
    /// The whole specification, as `listIndexes` shows it (`v`, `key`, `name`, `unique`…).
    let specification: BSONDocument
    /// Makes the keys of documents, its paths split once.
    let keys: IndexKeyGenerator
    var state: State

    init(
        name: String, parts: [Part], isUnique: Bool, table: TableID, isMultikey: Bool, specification: BSONDocument,
        state: State = .ready
    ) {
        self.name = name
        self.parts = parts
        self.isUnique = isUnique
        self.table = table
        self.isMultikey = isMultikey
        self.specification = specification
        keys = IndexKeyGenerator(parts)
        self.state = state
    }

    /// The index on `_id`, which every collection has.
    var isIDIndex: Bool { parts.count == 1 && parts[0].path == "_id" }
}
