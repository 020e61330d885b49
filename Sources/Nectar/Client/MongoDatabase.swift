public import BSON
public import MongoProtocol

/// A database of a client.
public struct MongoDatabase: Sendable {
    /// The client.
    public let client: MongoClient
    /// The name.
    public let name: String
    /// What operations use where they say nothing themselves.
    public var defaults: OperationDefaults

    /// A collection by its name, dots included; it comes into being with its first document.
    public subscript(collection: String) -> MongoCollection {
        MongoCollection(database: self, name: collection, defaults: defaults)
    }

    /// Runs any command on this database.
    /// - Throws: ``MongoError`` where the reply is an error.
    @discardableResult
    public func runCommand(
        _ command: BSONDocument, readPreference: ReadPreference? = nil
    ) async throws -> BSONDocument {
        try await run(MongoCommand(command, database: name), readPreference: readPreference, .never)
    }

    /// Makes a collection.
    /// - Throws: ``MongoError`` `NamespaceExists` (48) where there is one of this name.
    public func createCollection(_ name: String, options: BSONDocument = [:]) async throws {
        try await runCommand(BSONDocument(fields: [("create", .string(name))] + options.map { ($0.key, $0.value) }))
    }

    /// The collections, with their options.
    public func listCollections(filter: BSONDocument = [:]) async throws -> [BSONDocument] {
        let command: BSONDocument = ["listCollections": 1, "filter": .document(filter), "cursor": [:]]
        let reply = try await run(MongoCommand(command, database: name), .read)
        return try await MongoCursor(reply: reply, database: self, batchSize: nil).toArray()
    }

    /// The names of the collections.
    public func listCollectionNames() async throws -> [String] {
        try await listCollections().compactMap { $0["name"]?.string }
    }

    /// Removes the database with all it holds.
    public func drop() async throws { try await runCommand(["dropDatabase": 1]) }

    /// A GridFS bucket, "fs" where no name is given.
    public func gridFSBucket(name: String = "fs", chunkSizeBytes: Int = 255 * 1024) -> GridFSBucket {
        GridFSBucket(database: self, name: name, chunkSizeBytes: chunkSizeBytes, defaults: defaults)
    }

    func run(
        _ command: MongoCommand, readPreference: ReadPreference? = nil,
        _ retryability: MongoOperation.Retryability, timeout: Duration? = nil, leavesBatches: Bool = false
    ) async throws -> BSONDocument {
        var operation = MongoOperation(
            command, readPreference: readPreference ?? defaults.readPreference, retryability: retryability)
        if let timeout = timeout ?? defaults.timeout { operation.deadline = .now + timeout }
        operation.leavesBatches = leavesBatches
        return try await client.run(operation)
    }
}
