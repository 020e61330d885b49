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
    let isMultikey: Bool
    /// The whole specification, as `listIndexes` shows it (`v`, `key`, `name`, `unique`…).
    let specification: BSONDocument

    /// The index on `_id`, which every collection has.
    var isIDIndex: Bool { parts.count == 1 && parts[0].path == "_id" }
}
