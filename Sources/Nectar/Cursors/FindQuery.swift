public import BSON

/// A `find` to refine and to walk: `find(…).sort(["title": 1]).limit(10)`.
public struct FindQuery: MongoQuery {
    let collection: MongoCollection
    private(set) var filter: BSONDocument
    private var options: [(String, BSONValue)] = []
    private var batch: Int?

    init(collection: MongoCollection, filter: BSONDocument) {
        self.collection = collection
        self.filter = filter
    }

    /// In this order: 1 for ascending and -1 for descending.
    public func sort(_ order: BSONDocument) -> FindQuery { with("sort", .document(order)) }
    /// Without the first `count` documents.
    public func skip(_ count: Int) -> FindQuery { with("skip", .int(count)) }
    /// At most `count` documents; 0 for all.
    public func limit(_ count: Int) -> FindQuery { with("limit", .int(count)) }
    /// Only these fields, or without these.
    public func projection(_ fields: BSONDocument) -> FindQuery { with("projection", .document(fields)) }
    /// By this index: its name or its keys.
    public func hint(_ index: BSONValue) -> FindQuery { with("hint", index) }
    /// With a note that the server's logs show.
    public func comment(_ text: String) -> FindQuery { with("comment", .string(text)) }
    /// For at most this time on the server, from a millisecond to the 24 days that a server can count.
    public func maxTime(_ time: Duration) -> FindQuery {
        let longest = Duration.milliseconds(Int64(Int32.max))
        let milliseconds = Swift.min(Swift.max(time, .milliseconds(1)), longest) / .milliseconds(1)
        return with("maxTimeMS", .int64(Int64(milliseconds)))
    }
    /// In batches of this many documents.
    public func batchSize(_ count: Int) -> FindQuery {
        var copy = with("batchSize", .int(count))
        copy.batch = count
        return copy
    }

    /// Sends the query; see ``MongoQuery/cursor()``.
    public func cursor() async throws -> MongoCursor {
        let reply = try await collection.open("find", collection.body("find") { write(to: &$0) })
        return try collection.cursor(reply, batchSize: batch)
    }

    /// The first document, or nil.
    public func first() async throws -> BSONDocument? {
        let document = try await uncheckedFirst()
        if !collection.checksBatches { try document?.checkBytes() }
        return document
    }

    /// The first document, or nil, whose bytes may be unchecked.
    package func uncheckedFirst() async throws -> BSONDocument? {
        let body = collection.body("find") { writer in
            write(to: &writer, isSingle: true)
            writer.append("limit", 1)
            writer.append("singleBatch", true)
        }
        let reply = try await collection.open("find", body)
        guard var batch = reply.firstBatch else { throw MongoCursor.none }
        return batch._nextDocument()
    }

    /// How many documents there are, within `skip` and `limit`.
    public func count() async throws -> Int {
        let limited = self["limit"]?.int
        return try await collection.countDocuments(
            filter, skip: self["skip"]?.int, limit: limited == 0 ? nil : limited, hint: self["hint"])
    }

    /// How the server would run the query.
    /// - Parameter verbosity: `queryPlanner`, `executionStats` or `allPlansExecution`.
    public func explain(verbosity: String = "executionStats") async throws -> BSONDocument {
        var writer = BSONWriter()
        writer.append("find", .string(collection.name))
        write(to: &writer)
        let find = writer.finish()
        return try await collection.database.runCommand([
            "explain": .document(find), "verbosity": .string(verbosity),
        ])
    }

    /// - Parameter isSingle: Whether the caller writes a limit of its own.
    private func write(to writer: inout BSONWriter, isSingle: Bool = false) {
        writer.append("filter", .document(filter))
        for (name, value) in options where !isSingle || name != "limit" { writer.append(name, value) }
    }

    private subscript(option: String) -> BSONValue? { options.first { $0.0 == option }?.1 }

    /// The fields it is sorted by.
    var order: [(String, BSONValue)] { self["sort"]?.document.map { $0.map { ($0.key, $0.value) } } ?? [] }

    /// Whether it gives some of the documents that match.
    var hasWindow: Bool { options.contains { ["skip", "limit"].contains($0.0) } }

    /// Whether its documents have a field as it is stored.
    func shows(_ path: String) -> Bool { self["projection"]?.document.map { Projection($0).shows(path) } ?? true }

    /// Some of its documents, counted behind those that it skips itself.
    func window(skip count: Int, limit: Int) -> FindQuery { skip((self["skip"]?.int ?? 0) + count).limit(limit) }

    /// The same query with another filter.
    func filtered(by filter: BSONDocument) -> FindQuery {
        var copy = self
        copy.filter = filter
        return copy
    }

    private func with(_ option: String, _ value: BSONValue) -> FindQuery {
        var copy = self
        copy.options.removeAll { $0.0 == option }
        copy.options.append((option, value))
        return copy
    }
}
