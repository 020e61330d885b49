public import BSON

/// A read that opens a cursor when it is walked.
public protocol MongoQuery: AsyncSequence, Sendable
where Element == BSONDocument, AsyncIterator == MongoQueryIterator {
    /// Sends the query and gives the cursor with its first batch.
    /// - Throws: ``MongoError`` where the query fails.
    func cursor() async throws -> MongoCursor
}

extension MongoQuery {
    /// Walks the documents; the query is sent with the first step.
    public func makeAsyncIterator() -> MongoQueryIterator { MongoQueryIterator(open: { try await self.cursor() }) }

    /// All documents at once.
    public func toArray() async throws -> [BSONDocument] { try await cursor().toArray() }
}

/// Walks a query's documents.
public struct MongoQueryIterator: AsyncIteratorProtocol {
    let open: @Sendable () async throws -> MongoCursor
    private var cursor: MongoCursor?
    /// What is left of the batch: nobody else reads from the cursor, so that no document needs its lock.
    private var batch: BSONArray.Iterator?

    init(open: @escaping @Sendable () async throws -> MongoCursor) { self.open = open }

    /// The next document.
    public mutating func next() async throws -> BSONDocument? {
        while true {
            if let document = batch?._nextDocument() {
                if cursor?.isChecked != true { try document.checkBytes() }
                return document
            }
            batch = try await nextBatch()?.documents
            if batch == nil { return nil }
        }
    }

    /// The next batch, for readers of a type who take documents out of it themselves; nil behind the last.
    package mutating func nextBatch() async throws -> (documents: BSONArray.Iterator, isChecked: Bool)? {
        let cursor: MongoCursor
        if let opened = self.cursor {
            cursor = opened
        } else {
            cursor = try await open()
            self.cursor = cursor
        }
        return try await cursor.nextBatch().map { ($0, cursor.isChecked) }
    }
}
