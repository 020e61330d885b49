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

    /// Runs a command on this collection: `fields` behind its name; nil values are left out.
    func run(
        _ command: String, _ fields: [(String, BSONValue?)], sequences: [DocumentSequence] = [],
        _ retryability: MongoOperation.Retryability
    ) async throws -> BSONDocument {
        let body = body(command) { writer in
            for case (let key, let value?) in fields { writer.append(key, value) }
        }
        return try await database.run(
            MongoCommand(named: command, body, database: database.name, sequences: sequences),
            readPreference: defaults.readPreference, retryability, timeout: defaults.timeout)
    }

    /// Runs a command that opens a cursor. Its documents are checked when they are read, as ``MongoCursor`` does.
    func open(_ command: String, _ body: BSONDocument) async throws -> BSONDocument {
        try await database.run(
            MongoCommand(named: command, body, database: database.name), readPreference: defaults.readPreference, .read,
            timeout: defaults.timeout, leavesBatches: true)
    }

    /// Whether documents are checked before they come here; see ``Deployment/checksBatches``.
    package var checksBatches: Bool { database.client.deployment.checksBatches }

    /// The body of a command on this collection: what `fields` writes behind its name, and the read concern.
    func body(_ command: String, _ fields: (inout BSONWriter) -> Void) -> BSONDocument {
        var writer = BSONWriter(capacity: 256)
        writer.append(command, .string(name))
        fields(&writer)
        if let concern = defaults.readConcern.document {
            switch command {
            case "find", "aggregate", "count", "distinct": writer.append("readConcern", .document(concern))
            default: break
            }
        }
        return writer.finish()
    }

    /// The cursor that a reply of ``open(_:_:)`` tells of, under this collection's time limit.
    func cursor(_ reply: BSONDocument, batchSize: Int?) throws -> MongoCursor {
        try MongoCursor(
            reply: reply, database: database, batchSize: batchSize, timeout: defaults.timeout,
            isChecked: checksBatches)
    }

    func concern(_ writeConcern: WriteConcern?) -> (String, BSONValue?) {
        ("writeConcern", (writeConcern ?? defaults.writeConcern).document.map { .document($0) })
    }
}
