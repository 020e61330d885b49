internal import BSON
internal import MongoProtocol

/// One write transaction: records, their index keys and the catalog change together or not at all.
final class WriteTransaction {
    let writer: StorageWriter
    let draft: CatalogDraft
    let database: String
    let now: BSONDate
    let limits: WorkLimits

    init(writer: StorageWriter, draft: CatalogDraft, database: String, now: BSONDate, limits: WorkLimits) {
        self.writer = writer
        self.draft = draft
        self.database = database
        self.now = now
        self.limits = limits
    }

    /// A context to read with, inside this transaction; it runs to its end without pauses.
    var context: ExecutionContext {
        ExecutionContext(
            reader: writer, catalog: draft.snapshot, database: database, now: now, limits: limits, slice: .seconds(3600)
        )
    }

    /// The collection as this transaction sees it.
    func collection(_ name: String) -> CollectionDefinition? { draft.snapshot.collection(database, name) }

    /// The collection, made where it is missing.
    func collectionOrNew(_ name: String, options: BSONDocument = [:]) throws -> CollectionDefinition {
        if let found = collection(name) { return found }
        let specification: BSONDocument = ["v": 2, "key": ["_id": 1], "name": "_id_"]
        let definition = CollectionDefinition(
            database: database, name: name, uuid: (0..<16).map { _ in UInt8.random(in: 0...255) },
            records: try writer.createRecordTable(), options: options,
            indexes: [
                IndexDefinition(specification: specification, table: try writer.createIndexTable(unique: true))
            ])
        draft.set(definition)
        return definition
    }

    // MARK: Records and their keys

    /// Stores a document, which has its `_id`, and its index keys.
    /// - Throws: ``MongoError`` `DuplicateKey` with nothing left behind.
    func insert(_ document: BSONDocument, into collection: CollectionDefinition) throws {
        try DocumentRules.checkStored(document)
        let record = try document.withUnsafeBytes { try writer.insert(collection.records, $0) }
        var done: [(IndexDefinition, [[UInt8]])] = []
        do {
            for index in collection.indexes {
                let keys = try keys(of: document, index, collection)
                done.append((index, []))
                for key in keys {
                    try insert(key, index, record, document, collection)
                    done[done.count - 1].1.append(key)
                }
            }
        } catch {
            for (index, keys) in done { for key in keys { try remove(key, index, record) } }
            try writer.remove(collection.records, record)
            throw error
        }
    }

    /// Replaces a record and moves its index keys.
    func replace(
        _ record: RecordID, _ old: BSONDocument, with new: BSONDocument, in collection: CollectionDefinition
    ) throws {
        try DocumentRules.checkStored(new)
        var undo: [(IndexDefinition, removed: [[UInt8]], inserted: [[UInt8]])] = []
        do {
            for index in collection.indexes {
                let before = try keys(of: old, index, collection)
                let after = try keys(of: new, index, collection)
                guard before != after else { continue }
                let kept = Set(before).intersection(after)
                undo.append((index, [], []))
                for key in before where !kept.contains(key) {
                    try remove(key, index, record)
                    undo[undo.count - 1].removed.append(key)
                }
                for key in after where !kept.contains(key) {
                    try insert(key, index, record, new, collection)
                    undo[undo.count - 1].inserted.append(key)
                }
            }
            try new.withUnsafeBytes { try writer.replace(collection.records, record, $0) }
        } catch {
            for (index, removed, inserted) in undo {
                for key in inserted { try remove(key, index, record) }
                for key in removed { _ = try insertKey(key, index, record) }
            }
            throw error
        }
    }

    /// Removes a record and its index keys.
    func remove(_ record: RecordID, _ document: BSONDocument, from collection: CollectionDefinition) throws {
        for index in collection.indexes {
            for key in try keys(of: document, index, collection) { try remove(key, index, record) }
        }
        try writer.remove(collection.records, record)
    }

    /// The document of a record, copied.
    func document(_ record: RecordID, in collection: CollectionDefinition) throws -> BSONDocument? {
        try writer.record(collection.records, record) {
            BSONDocument(adopting: BSONBuffer(copying: $0))
        }
    }

    /// Adds a stored document to an index under construction.
    /// - Throws: ``MongoError`` `DuplicateKey`.
    func addKeys(
        of document: BSONDocument, _ record: RecordID, to index: IndexDefinition, of collection: CollectionDefinition
    ) throws {
        for key in try keys(of: document, index, collection) {
            guard try insertKey(key, index, record) == nil else {
                throw DocumentRules.duplicateKey(document, index, collection)
            }
        }
    }

    private func keys(
        of document: BSONDocument, _ index: IndexDefinition, _ collection: CollectionDefinition
    ) throws -> [[UInt8]] {
        let generated = try document.withRaw { try index.keys.keys(of: $0) }
        if generated.isMultikey && !index.isMultikey { markMultikey(index, collection) }
        return generated.keys
    }

    private func markMultikey(_ index: IndexDefinition, _ collection: CollectionDefinition) {
        guard let current = self.collection(collection.name) else { return }
        guard current.indexes.contains(where: { $0.name == index.name && !$0.isMultikey }) else { return }
        change(index, of: current) { $0.isMultikey = true }
    }

    private func change(
        _ index: IndexDefinition, of collection: CollectionDefinition, _ change: (inout IndexDefinition) -> Void
    ) {
        draft.set(
            collection.with(
                indexes: collection.indexes.map { kept in
                    var kept = kept
                    if kept.table == index.table { change(&kept) }
                    return kept
                }))
    }

    private func insert(
        _ key: [UInt8], _ index: IndexDefinition, _ record: RecordID, _ document: BSONDocument,
        _ collection: CollectionDefinition
    ) throws {
        guard try insertKey(key, index, record) != nil else { return }
        let error = DocumentRules.duplicateKey(document, index, collection)
        guard index.state != .ready else { throw error }
        // An index that is not there yet refuses no write: its build fails instead. It stands behind the ready ones,
        // so none of those can refuse this document any more.
        if let current = self.collection(collection.name), index.state == .building {
            change(index, of: current) { $0.state = .violated(error.message) }
        }
    }

    private func insertKey(_ key: [UInt8], _ index: IndexDefinition, _ record: RecordID) throws -> RecordID? {
        try key.withUnsafeBytes { try writer.insertKey(index.table, unique: index.isUnique, key: $0, record) }
    }

    private func remove(_ key: [UInt8], _ index: IndexDefinition, _ record: RecordID) throws {
        try key.withUnsafeBytes { try writer.removeKey(index.table, key: $0, record) }
    }
}
