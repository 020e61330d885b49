internal import BSON
internal import MongoProtocol

/// Commands on collections and databases as wholes.
enum CollectionCommands {
    static let rows: [CommandRow] = [
        CommandRow("create", writes: true, run: create),
        CommandRow("drop", fields: ["drop"], writes: true, run: drop),
        CommandRow("dropDatabase", fields: ["dropDatabase"], writes: true, run: dropDatabase),
        CommandRow(
            "listCollections",
            fields: ["listCollections", "filter", "nameOnly", "authorizedCollections", "cursor"],
            run: listCollections),
        CommandRow(
            "listDatabases", fields: ["listDatabases", "filter", "nameOnly", "authorizedDatabases"],
            run: listDatabases),
    ]

    /// What `create` takes and ignores, as it asks for nothing that would change an answer here.
    private static let harmless: Set<String> = [
        "create", "storageEngine", "indexOptionDefaults", "writeConcern", "comment", "lsid", "$db", "autoIndexId",
        "maxTimeMS", "$clusterTime", "$readPreference", "txnNumber", "apiVersion", "apiStrict",
        "apiDeprecationErrors", "readConcern",
    ]

    @Sendable private static func create(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        for (key, value) in invocation.body where !harmless.contains(key) {
            switch key {
            case "capped" where !value.isTruthy, "collation" where value.document?["locale"]?.string == "simple":
                continue
            case "capped", "timeseries", "viewOn", "pipeline", "validator", "validationLevel", "validationAction",
                "expireAfterSeconds", "collation", "clusteredIndex", "changeStreamPreAndPostImages",
                "encryptedFields", "size", "max":
                throw MongoError(
                    .commandNotSupported, "create with '\(key)' is not supported by this engine yet")
            default:
                throw MongoError(.unknownField, "BSON field 'create.\(key)' is an unknown field.")
            }
        }
        try await engine.write(invocation) { transaction in
            if transaction.collection(name) != nil {
                throw MongoError(
                    .namespaceExists, "Collection \(transaction.database).\(name) already exists.")
            }
            _ = try transaction.collectionOrNew(name)
        }
        return HandshakeCommands.ok
    }

    @Sendable private static func drop(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let indexes = try await engine.write(invocation) { transaction -> Int? in
            guard let collection = transaction.collection(name) else { return nil }
            transaction.draft.remove(collection)
            return collection.indexes.count
        }
        // Since 7.0 dropping what is not there succeeds.
        guard let indexes else { return HandshakeCommands.ok }
        return ["nIndexesWas": .int(indexes), "ns": .string("\(invocation.database).\(name)"), "ok": 1.0]
    }

    @Sendable private static func dropDatabase(
        _ engine: Engine, _ invocation: Invocation
    ) async throws -> BSONDocument {
        try Namespaces.check(database: invocation.database)
        let existed = try await engine.write(invocation) { transaction in
            let collections = transaction.draft.snapshot.collections[transaction.database] ?? [:]
            for collection in collections.values { transaction.draft.remove(collection) }
            return !collections.isEmpty
        }
        return existed ? ["dropped": .string(invocation.database), "ok": 1.0] : HandshakeCommands.ok
    }

    @Sendable private static func listCollections(
        _ engine: Engine, _ invocation: Invocation
    ) async throws -> BSONDocument {
        try Namespaces.check(database: invocation.database)
        let filter = try CompiledFilter.compile(try invocation.document("filter") ?? [:], now: invocation.now)
        let nameOnly = try invocation.flag("nameOnly")
        let collections = engine.catalog.current.collections[invocation.database] ?? [:]
        let entries = try collections.values.sorted { $0.name < $1.name }.compactMap { collection -> BSONDocument? in
            let whole: BSONDocument = [
                "name": .string(collection.name), "type": "collection", "options": .document(collection.options),
                "info": [
                    "readOnly": .bool(engine.configuration.readOnly),
                    "uuid": .binary(BSONBinary(subtype: .uuid, bytes: collection.uuid)),
                ],
                "idIndex": .document(collection.idIndex.specification),
            ]
            guard try whole.withRaw({ try filter.matches($0) }) else { return nil }
            return nameOnly ? ["name": .string(collection.name), "type": "collection"] : whole
        }
        return try await CursorCommands.open(
            engine, invocation, namespace: "\(invocation.database).$cmd.listCollections",
            source: ArraySource(entries), collection: nil,
            batchSize: invocation.body["cursor"]?.document?["batchSize"]?.int, singleBatch: false)
    }

    @Sendable private static func listDatabases(
        _ engine: Engine, _ invocation: Invocation
    ) async throws -> BSONDocument {
        guard invocation.database == "admin" else {
            throw MongoError(.unauthorized, "listDatabases may only be run against the admin database.")
        }
        let filter = try CompiledFilter.compile(try invocation.document("filter") ?? [:], now: invocation.now)
        let nameOnly = try invocation.flag("nameOnly")
        let size = engine.storage.statistics.fileBytes
        let databases = try engine.catalog.current.collections.keys.sorted().compactMap { name -> BSONValue? in
            // All databases share one file, so each is told its size.
            let whole: BSONDocument = ["name": .string(name), "sizeOnDisk": .int64(size), "empty": false]
            guard try whole.withRaw({ try filter.matches($0) }) else { return nil }
            return .document(nameOnly ? ["name": .string(name)] : whole)
        }
        var reply: [(String, BSONValue)] = [("databases", .array(BSONArray(databases)))]
        if !nameOnly {
            reply.append(("totalSize", .int64(size)))
            reply.append(("totalSizeMb", .int64(size / 1_048_576)))
        }
        return BSONDocument(fields: reply + [("ok", 1.0)])
    }
}
