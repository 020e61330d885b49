public import BSON
internal import MongoProtocol
internal import Synchronization

/// The results of a query, batch after batch.
///
/// Documents are slices of their batch's reply. Several tasks may share a cursor: each document goes to one of them. A
/// cursor that is given up early closes itself on the server.
public final class MongoCursor: AsyncSequence, Sendable {
    private struct State {
        var batch: BSONArray.Iterator
        /// Whether nobody has taken the batch as a whole.
        var hasBatch = true
        /// The cursor on the server; 0 where there is none any longer.
        var id: Int64
        var isClosed = false

        /// What a reader does next.
        mutating func step() -> Step {
            if let document = batch._nextDocument() { return .document(document) }
            return id == 0 ? .end : .fetch(id)
        }

        /// What a reader does next who takes whole batches.
        mutating func take() -> Take {
            if hasBatch {
                hasBatch = false
                defer { batch = BSONArray([]).makeIterator() }
                return .batch(batch)
            }
            return id == 0 ? .end : .fetch(id)
        }
    }
    private enum Take {
        case batch(BSONArray.Iterator)
        case fetch(Int64)
        case end
    }
    private enum Step {
        case document(BSONDocument)
        case fetch(Int64)
        case end
    }
    private let state: Mutex<State>
    private let fetching = TaskGate()
    private let database: MongoDatabase
    private let collection: String
    private let batchSize: Int?
    private let timeout: Duration?
    /// Whether the bytes of all documents were checked before they came here.
    package let isChecked: Bool

    /// Takes the reply of a command that opens a cursor.
    /// - Parameters:
    ///   - timeout: How long each further batch may take; the database's default where nil.
    ///   - isChecked: Whether the documents in the reply, and in those that follow, are checked.
    /// - Throws: ``MongoError`` where the reply holds none.
    init(
        reply: BSONDocument, database: MongoDatabase, batchSize: Int?, timeout: Duration? = nil, isChecked: Bool = true
    ) throws {
        guard let cursor = reply["cursor"]?.document, let batch = cursor["firstBatch"]?.array,
            let id = cursor["id"]?.int64, let namespace = cursor["ns"]?.string
        else { throw Self.none }
        self.isChecked = isChecked
        self.database = database
        self.batchSize = batchSize
        self.timeout = timeout
        collection = String(namespace.dropFirst(database.name.count + 1))
        state = Mutex(State(batch: batch.makeIterator(), id: id))
    }

    static var none: MongoError { MongoError(.server, "the reply holds no cursor") }

    deinit {
        let id = state.withLock { $0.id }
        guard id != 0 else { return }
        let (database, collection) = (database, collection)
        Task { await Self.kill(id, collection, database) }
    }

    /// The next document, fetched where the batch is used up; nil behind the last, and once the cursor is closed.
    /// - Throws: ``MongoError`` where the batch cannot be had. The cursor is gone then, on the server too.
    public func next() async throws -> BSONDocument? {
        let document = try await uncheckedNext()
        if !isChecked { try document?.checkBytes() }
        return document
    }

    /// What is left of the batch at hand, or the next batch; nil behind the last. For one reader alone.
    package func nextBatch() async throws -> BSONArray.Iterator? {
        while true {
            switch state.withLock({ $0.take() }) {
            case .batch(let batch): return batch
            case .end: return nil
            case .fetch(let id): try await fetch(id)
            }
        }
    }

    private func uncheckedNext() async throws -> BSONDocument? {
        switch state.withLock({ $0.step() }) {
        case .document(let document): return document
        case .end: return nil
        case .fetch: break
        }
        // One task fetches; the others find its batch when their turn comes.
        return try await fetching.pass {
            while true {
                switch state.withLock({ $0.step() }) {
                case .document(let document): return document
                case .end: return nil
                case .fetch(let id): try await fetch(id)
                }
            }
        }
    }

    /// Lets the cursor go on the server. Further documents of the batch at hand are given up too, and a batch that is on
    /// its way.
    public func close() async {
        let id = state.withLock { state in
            defer { state = State(batch: BSONArray([]).makeIterator(), hasBatch: false, id: 0, isClosed: true) }
            return state.id
        }
        if id != 0 { await Self.kill(id, collection, database) }
    }

    /// All documents that are left.
    public func toArray() async throws -> [BSONDocument] {
        var all: [BSONDocument] = []
        while let document = try await next() {
            all.append(document)
            // What is left of the batch is at hand: one lock for all of it.
            try state.withLock { state in
                while let document = state.batch._nextDocument() {
                    if !isChecked { try document.checkBytes() }
                    all.append(document)
                }
            }
        }
        return all
    }

    private func fetch(_ id: Int64) async throws {
        var fields: [(String, BSONValue)] = [("getMore", .int64(id)), ("collection", .string(collection))]
        if let batchSize { fields.append(("batchSize", .int(batchSize))) }
        do {
            let reply = try await database.run(
                MongoCommand(BSONDocument(fields: fields), database: database.name), .never, timeout: timeout,
                leavesBatches: !isChecked)
            guard let cursor = reply["cursor"]?.document, let batch = cursor["nextBatch"]?.array else {
                throw MongoError(.server, "the reply holds no batch")
            }
            state.withLock {
                // Closed while the batch was on its way: the server was told already.
                guard !$0.isClosed else { return }
                $0.batch = batch.makeIterator()
                $0.hasBatch = true
                $0.id = cursor["id"]?.int64 ?? 0
            }
        } catch {
            // A cursor that was closed meanwhile fails on the server, which is no failure of its reader's.
            if !(error is CancellationError), state.withLock({ $0.isClosed }) { return }
            // The server keeps the cursor of a reply that came too late, or never.
            await close()
            throw error
        }
    }

    private static func kill(_ id: Int64, _ collection: String, _ database: MongoDatabase) async {
        let command: BSONDocument = ["killCursors": .string(collection), "cursors": [.int64(id)]]
        // A cursor that is gone already, or a client that is closed, leaves nothing to do. The task that gave the
        // cursor up may be cancelled, so this runs in one of its own; and it has a time of its own, which the one that
        // passed does not count against.
        await Task {
            _ = try? await database.run(
                MongoCommand(command, database: database.name), .never, timeout: .seconds(10))
        }.value
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

extension BSONDocument {
    /// The batch of a reply that opened a cursor.
    var firstBatch: BSONArray.Iterator? { self["cursor"]?.document?["firstBatch"]?.array?.makeIterator() }

    /// Checks a document that came unchecked.
    /// - Throws: ``MongoError`` of kind `corruptData` where its bytes are no BSON.
    package func checkBytes() throws(MongoError) {
        do {
            try withUnsafeBytes { bytes throws(BSONError) in
                try BSONValidator.validate(bytes, maximumDepth: WireLimits.maximumDepth)
            }
        } catch {
            throw MongoError(.corruptData, "A document of the server's cannot be read: \(error.message)")
        }
    }
}
