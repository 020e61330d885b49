internal import BSON
public import MongoProtocol

/// A collection of documents without a schema.
public struct MongoCollection: Sendable {
    /// The database.
    public let database: MongoDatabase
    /// The name.
    public let name: String
    /// What operations use where they say nothing themselves.
    public var defaults: OperationDefaults

    /// `database.collection`.
    public var namespace: String { "\(database.name).\(name)" }

    /// The collection with this name behind a dot: `db["wiki"]["pages"]` is `db["wiki.pages"]`.
    public subscript(name: String) -> MongoCollection {
        MongoCollection(database: database, name: "\(self.name).\(name)", defaults: defaults)
    }

    /// This collection with another write concern, read preference, read concern or time limit.
    public func with(
        writeConcern: WriteConcern? = nil, readPreference: ReadPreference? = nil, readConcern: ReadConcern? = nil,
        timeout: Duration? = nil
    ) -> MongoCollection {
        var copy = self
        copy.defaults = defaults.with(writeConcern, readPreference, timeout, readConcern)
        return copy
    }

    /// The commands that take a read concern.
    private static let concernedReads: Set<String> = ["find", "aggregate", "count", "distinct"]

    /// Runs a command on this collection: `fields` behind its name; nil values are left out.
    func run(
        _ command: String, _ fields: [(String, BSONValue?)], sequences: [DocumentSequence] = [],
        _ retryability: MongoOperation.Retryability
    ) async throws -> BSONDocument {
        var writer = BSONWriter(capacity: 256)
        writer.append(command, .string(name))
        for case (let key, let value?) in fields { writer.append(key, value) }
        if let concern = defaults.readConcern.document, Self.concernedReads.contains(command) {
            writer.append("readConcern", .document(concern))
        }
        return try await database.run(
            MongoCommand(writer.finish(), database: database.name, sequences: sequences),
            readPreference: defaults.readPreference, retryability, timeout: defaults.timeout)
    }

    /// The cursor that a reply opened, under this collection's time limit.
    func cursor(_ reply: BSONDocument, batchSize: Int?) throws -> MongoCursor {
        try MongoCursor(reply: reply, database: database, batchSize: batchSize, timeout: defaults.timeout)
    }

    func concern(_ writeConcern: WriteConcern?) -> (String, BSONValue?) {
        ("writeConcern", (writeConcern ?? defaults.writeConcern).document.map { .document($0) })
    }
}
