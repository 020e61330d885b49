internal import BSON
internal import MongoProtocol

/// A collection as of one moment: where its records are, and its indexes.
struct CollectionDefinition: Sendable {
    let database: String
    let name: String
    /// The 16 bytes of its UUID.
    let uuid: [UInt8]
    /// The table of its records.
    let records: TableID
    /// Its options, as `create` took them.
    let options: BSONDocument
    /// Its indexes, also those under construction; the one on `_id` first.
    let indexes: [IndexDefinition]
    var namespace: String { "\(database).\(name)" }
    /// The index on `_id`.
    var idIndex: IndexDefinition { indexes[0] }
    /// The indexes that hold all documents, which reads may use.
    var readyIndexes: [IndexDefinition] { indexes.filter { $0.state == .ready } }
}

/// All collections as of one moment: an immutable value that commands read without locks.
struct CatalogSnapshot: Sendable {
    var collections: [String: [String: CollectionDefinition]]
    /// Tables that the last change let go of.
    var dropped: [TableID] = []
    /// The collection of this name, or nil where there is none.
    func collection(_ database: String, _ name: String) -> CollectionDefinition? { collections[database]?[name] }
}
