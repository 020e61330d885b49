internal import BSON
internal import MongoProtocol

/// Commands on indexes.
enum IndexCommands {
    static let rows: [CommandRow] = [
        CommandRow(
            "createIndexes", fields: ["createIndexes", "indexes", "commitQuorum", "ignoreUnknownIndexOptions"],
            writes: true, run: create),
        CommandRow("listIndexes", fields: ["listIndexes", "cursor"], run: list),
        CommandRow(
            "dropIndexes", "deleteIndexes", fields: ["dropIndexes", "deleteIndexes", "index"], writes: true, run: drop),
    ]

    @Sendable private static func create(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let asked = try invocation.documents("indexes")
        guard !asked.isEmpty else { throw MongoError(.badValue, "Must specify at least one index to create") }
        let specifications = try asked.map { try IndexSpecification.parse($0) }
        return try await engine.indexBuilds.alone("\(invocation.database).\(name)") {
            try await IndexBuild(engine, invocation, name, specifications).run()
        }
    }

    @Sendable private static func list(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        guard let collection = engine.catalog.current.collection(invocation.database, name) else {
            throw MongoError(.namespaceNotFound, "ns does not exist: \(invocation.database).\(name)")
        }
        return try await CursorCommands.open(
            engine, invocation, namespace: collection.namespace,
            source: ArraySource(collection.indexes.map(\.specification)), collection: collection,
            batchSize: invocation.body["cursor"]?.document?["batchSize"]?.int, singleBatch: false)
    }

    @Sendable private static func drop(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        guard let asked = invocation.body["index"] else {
            throw MongoError(.missingField, "BSON field 'dropIndexes.index' is missing but a required field")
        }
        let count = try await engine.write(invocation) { transaction in
            guard let collection = transaction.collection(name) else {
                throw MongoError(.namespaceNotFound, "ns not found \(transaction.database).\(name)")
            }
            let dropped = try selected(asked, of: collection)
            transaction.draft.removeIndexes(of: collection) { dropped.contains($0.name) }
            return collection.indexes.count
        }
        return ["nIndexesWas": .int(count), "ok": 1.0]
    }

    /// The names of the indexes that `index` means: a name, names, a key pattern or `*`.
    private static func selected(_ asked: BSONValue, of collection: CollectionDefinition) throws -> Set<String> {
        func one(_ matches: (IndexDefinition) -> Bool, _ what: String) throws -> String {
            guard let index = collection.indexes.first(where: matches) else {
                throw MongoError(.indexNotFound, what)
            }
            guard !index.isIDIndex else { throw MongoError(.invalidOptions, "cannot drop _id index") }
            return index.name
        }
        switch asked {
        case .string("*"): return Set(collection.indexes.filter { !$0.isIDIndex }.map(\.name))
        case .string(let name): return [try one({ $0.name == name }, "index not found with name [\(name)]")]
        case .array(let names):
            return Set(
                try names.map { value in
                    guard let name = value.string else {
                        throw MongoError(.typeMismatch, "dropIndexes takes names as strings")
                    }
                    return try one({ $0.name == name }, "index not found with name [\(name)]")
                })
        case .document(let pattern):
            return [
                try one(
                    {
                        guard let key = $0.specification["key"] else { return false }
                        return BSONValue.compare(key, .document(pattern)) == 0
                    }, "can't find index with key: \(BSONValue.document(pattern).shellText)")
            ]
        default: throw MongoError(.typeMismatch, "dropIndexes takes a name, names, a key pattern or '*'")
        }
    }
}
