internal import BSON

/// An index as it was asked for and where it is kept.
struct IndexDefinition: Sendable {
    /// One part of a compound key.
    struct Part: Sendable, Hashable {
        let path: String
        let descending: Bool
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

    init(
        name: String, parts: [Part], isUnique: Bool, table: TableID, isMultikey: Bool, specification: BSONDocument
    ) {
        self.name = name
        self.parts = parts
        self.isUnique = isUnique
        self.table = table
        self.isMultikey = isMultikey
        self.specification = specification
        keys = IndexKeyGenerator(parts)
    }

    /// The index on `_id`, which every collection has.
    var isIDIndex: Bool { parts.count == 1 && parts[0].path == "_id" }
}
