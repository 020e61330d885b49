internal import BSON

/// The catalog as one write transaction sees and changes it.
final class CatalogDraft {
    static let collectionPrefix = "c:"
    static let orphanPrefix = "x:"

    private(set) var snapshot: CatalogSnapshot
    private var changed: [String: CollectionDefinition?] = [:]

    init(_ snapshot: CatalogSnapshot) {
        self.snapshot = snapshot
        self.snapshot.dropped = []
    }

    var isChanged: Bool { !changed.isEmpty }

    /// Puts a collection in, or another version of it.
    func set(_ collection: CollectionDefinition) {
        snapshot.collections[collection.database, default: [:]][collection.name] = collection
        changed[collection.namespace] = .some(collection)
    }

    /// Gives a collection another name in its database.
    func rename(_ collection: CollectionDefinition, to name: String) {
        snapshot.collections[collection.database]?[collection.name] = nil
        changed[collection.namespace] = .some(nil)
        set(
            CollectionDefinition(
                database: collection.database, name: name, uuid: collection.uuid, records: collection.records,
                options: collection.options, indexes: collection.indexes))
    }

    /// Takes a collection out; its tables go after the commit.
    func remove(_ collection: CollectionDefinition) {
        snapshot.collections[collection.database]?[collection.name] = nil
        if snapshot.collections[collection.database]?.isEmpty == true {
            snapshot.collections[collection.database] = nil
        }
        changed[collection.namespace] = .some(nil)
        drop([collection.records] + collection.indexes.map(\.table))
    }

    /// Takes indexes out of a collection; their tables go after the commit.
    func removeIndexes(of collection: CollectionDefinition, where isMeant: (IndexDefinition) -> Bool) {
        set(collection.with(indexes: collection.indexes.filter { !isMeant($0) }))
        drop(collection.indexes.filter(isMeant).map(\.table))
    }

    /// Remembers tables to drop after the commit.
    func drop(_ tables: [TableID]) { snapshot.dropped += tables }

    /// Writes the changes into the transaction.
    func store(in writer: StorageWriter) throws {
        for (namespace, collection) in changed {
            try writer.setMetadata(Self.collectionPrefix + namespace, collection?.stored.bytes)
        }
        for table in snapshot.dropped { try writer.setMetadata(Self.orphanPrefix + "\(table.raw)", [1]) }
    }
}

extension CollectionDefinition {
    /// The definition as the metadata keeps it.
    var stored: BSONDocument {
        let indexes = indexes.map { index -> BSONValue in
            var entry: BSONDocument = [
                "spec": .document(index.specification), "table": .int64(index.table.raw),
                "multikey": .bool(index.isMultikey),
            ]
            if index.state != .ready { entry["building"] = true }
            if case .violated(let message) = index.state { entry["violation"] = .string(message) }
            return .document(entry)
        }
        return [
            "db": .string(database), "name": .string(name),
            "uuid": .binary(BSONBinary(subtype: .uuid, bytes: uuid)), "records": .int64(records.raw),
            "options": .document(options), "indexes": .array(BSONArray(indexes)),
        ]
    }

    /// Reads what ``stored`` wrote.
    init?(stored: BSONDocument) {
        guard let database = stored["db"]?.string, let name = stored["name"]?.string,
            let uuid = stored["uuid"]?.binary?.bytes, let records = stored["records"]?.int64,
            let options = stored["options"]?.document, let entries = stored["indexes"]?.array
        else { return nil }
        let indexes = entries.compactMap { entry -> IndexDefinition? in
            guard let entry = entry.document, let table = entry["table"]?.int64,
                let specification = entry["spec"]?.document
            else { return nil }
            let unfinished = entry["violation"]?.string.map { IndexDefinition.State.violated($0) } ?? .building
            return IndexDefinition(
                specification: specification, table: TableID(raw: table),
                isMultikey: entry["multikey"]?.bool ?? false,
                state: entry["building"]?.bool == true ? unfinished : .ready)
        }
        guard !indexes.isEmpty else { return nil }
        self.init(
            database: database, name: name, uuid: uuid, records: TableID(raw: records), options: options,
            indexes: indexes)
    }

    /// This collection with other indexes.
    func with(indexes: [IndexDefinition]) -> CollectionDefinition {
        CollectionDefinition(
            database: database, name: name, uuid: uuid, records: records, options: options, indexes: indexes)
    }
}

extension IndexDefinition {
    /// Reads a specification that was checked when the index was made.
    init(specification: BSONDocument, table: TableID, isMultikey: Bool = false, state: State = .ready) {
        let parts = (specification["key"]?.document ?? [:]).map {
            Part(path: $0.key, descending: ($0.value.double ?? 1) < 0)
        }
        self.init(
            name: specification["name"]?.string ?? "", parts: parts,
            isUnique: specification["unique"]?.isTruthy ?? false || (parts.count == 1 && parts[0].path == "_id"),
            table: table, isMultikey: isMultikey, specification: specification, state: state)
    }
}
