public import BSON
internal import MongoProtocol
internal import Synchronization

/// The results of a query, batch after batch.
///
/// Documents are slices of their batch's reply. A cursor that is given up early closes itself on the server.
public final class MongoCursor: AsyncSequence, Sendable {
    private struct State {
        var batch: BSONArray.Iterator
        var id: Int64
    }
    private let state: Mutex<State>
    private let database: MongoDatabase
    private let collection: String
    private let batchSize: Int?

    /// Takes the reply of a command that opens a cursor.
    /// - Throws: ``MongoError`` where the reply holds none.
    init(reply: BSONDocument, database: MongoDatabase, batchSize: Int?) throws {
        guard let cursor = reply["cursor"]?.document, let batch = cursor["firstBatch"]?.array,
            let id = cursor["id"]?.int64, let namespace = cursor["ns"]?.string
        else { throw MongoError(.server, "the reply holds no cursor") }
        self.database = database
        self.batchSize = batchSize
        collection = String(namespace.dropFirst(database.name.count + 1))
        state = Mutex(State(batch: batch.makeIterator(), id: id))
    }

    deinit {
        let id = state.withLock { $0.id }
        guard id != 0 else { return }
        let (database, collection) = (database, collection)
        Task { await Self.kill(id, collection, database) }
    }

    /// The next document, fetched where the batch is used up; nil behind the last.
    public func next() async throws -> BSONDocument? {
        while true {
            let (document, id) = state.withLock { ($0.batch.next()?.document, $0.id) }
            if let document { return document }
            guard id != 0 else { return nil }
            try await fetch(id)
        }
    }

    /// Lets the cursor go on the server. Further documents of the batch at hand are given up too.
    public func close() async {
        let id = state.withLock { state in
            defer {
                state.id = 0
                state.batch = BSONArray([]).makeIterator()
            }
            return state.id
        }
        if id != 0 { await Self.kill(id, collection, database) }
    }

    /// All documents that are left.
    public func toArray() async throws -> [BSONDocument] {
        var all: [BSONDocument] = []
        while let document = try await next() { all.append(document) }
        return all
    }

    private func fetch(_ id: Int64) async throws {
        var fields: [(String, BSONValue)] = [("getMore", .int64(id)), ("collection", .string(collection))]
        if let batchSize { fields.append(("batchSize", .int(batchSize))) }
        do {
            let reply = try await database.run(
                MongoCommand(BSONDocument(fields: fields), database: database.name), .never)
            guard let cursor = reply["cursor"]?.document, let batch = cursor["nextBatch"]?.array else {
                throw MongoError(.server, "the reply holds no batch")
            }
            state.withLock {
                $0.batch = batch.makeIterator()
                $0.id = cursor["id"]?.int64 ?? 0
            }
        } catch {
            if error is CancellationError { await close() } else { state.withLock { $0.id = 0 } }
            throw error
        }
    }

    private static func kill(_ id: Int64, _ collection: String, _ database: MongoDatabase) async {
        let command: BSONDocument = ["killCursors": .string(collection), "cursors": [.int64(id)]]
        // A cursor that is gone already, or a client that is closed, leaves nothing to do. The task that gave the
        // cursor up may be cancelled, so this runs in one of its own.
        await Task { _ = try? await database.run(MongoCommand(command, database: database.name), .never) }.value
    }

    /// Walks the documents; several iterators share the cursor's place.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(cursor: self) }

    /// Walks the documents.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let cursor: MongoCursor
        /// The next document.
        public mutating func next() async throws -> BSONDocument? { try await cursor.next() }
    }
}
