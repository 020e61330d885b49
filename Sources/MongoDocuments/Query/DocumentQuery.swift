public import BSON
public import Nectar

/// The direction of an order.
public enum SortOrder: Int, Sendable, Hashable {
    /// Least first.
    case ascending = 1
    /// Greatest first.
    case descending = -1
}

/// A query for the documents of a type, to refine and to walk: `find { $0.year >= 2004 }.sort(\.title).limit(10)`.
///
/// Nothing is sent until it is walked.
public struct DocumentQuery<Root: Document>: AsyncSequence, Sendable {
    let collection: MongoCollection
    let filter: Filter<Root>
    private var order: [KeysetKey] = []
    private var skipped: Int?
    private var limited: Int?
    private var batch: Int?
    private var index: BSONValue?

    init(collection: MongoCollection, filter: Filter<Root>) {
        self.collection = collection
        self.filter = filter
    }

    /// Only those that also meet this condition.
    public func filter(_ condition: (Root.Fields) -> Filter<Root>) -> DocumentQuery {
        var copy = DocumentQuery(collection: collection, filter: filter && condition(Root.Fields()))
        (copy.order, copy.skipped, copy.limited, copy.batch, copy.index) = (order, skipped, limited, batch, index)
        return copy
    }

    /// In the order of a field; a second one decides where the first does not.
    public func sort<Value>(
        _ field: KeyPath<Root.Fields, Field<Root, Value>>, _ direction: SortOrder = .ascending
    ) -> DocumentQuery {
        with {
            $0.order.append(
                KeysetKey(
                    path: Root.Fields()[keyPath: field]._path, isAscending: direction == .ascending,
                    isUniform: Value.self != BSONValue.self && Value.self != BSONValue?.self))
        }
    }

    /// Without the first `count` documents.
    public func skip(_ count: Int) -> DocumentQuery { with { $0.skipped = count } }
    /// At most `count` documents; 0 for all.
    public func limit(_ count: Int) -> DocumentQuery { with { $0.limited = count } }
    /// In batches of this many documents.
    public func batchSize(_ count: Int) -> DocumentQuery { with { $0.batch = count } }
    /// By this index: its name or its keys.
    public func hint(_ index: BSONValue) -> DocumentQuery { with { $0.index = index } }

    /// The query for documents without a type.
    public var untyped: FindQuery {
        var query = collection.find(filter.document)
        if !order.isEmpty {
            query = query.sort(BSONDocument(fields: order.map { ($0.path, $0.isAscending ? 1 : -1) }))
        }
        if let skipped { query = query.skip(skipped) }
        if let limited { query = query.limit(limited) }
        if let batch { query = query.batchSize(batch) }
        if let index { query = query.hint(index) }
        return query
    }

    /// The first document, or nil.
    /// - Throws: ``DocumentError`` where it cannot be read as its type.
    public func first() async throws -> Root? {
        try await untyped.uncheckedFirst().map { try Root($0, isChecked: collection.checksBatches) }
    }

    /// All documents.
    /// - Throws: ``DocumentError`` where one cannot be read as its type.
    @inlinable
    public func all() async throws -> [Root] {
        var iterator = makeAsyncIterator()
        var result: [Root] = []
        while try await iterator._readBatch() {
            while let document = iterator._nextDocument() {
                // Most queries have one batch, of documents of about a size.
                if result.isEmpty { result.reserveCapacity(iterator._count(like: document)) }
                result.append(try Root(document, isChecked: iterator.isChecked))
            }
        }
        return result
    }

    /// How many documents there are, within `skip` and `limit`.
    public func count() async throws -> Int {
        try await collection.countDocuments(
            filter.document, skip: skipped, limit: limited == 0 ? nil : limited, hint: index)
    }

    /// Whether there is any document.
    public func exists() async throws -> Bool {
        try await untyped.limit(1).projection(["_id": 1]).first() != nil
    }

    /// The values of a field, each once; of an array field, the elements are what `distinct` of the element's path gives.
    public func distinct<Value>(_ field: KeyPath<Root.Fields, Field<Root, Value>>) async throws -> [Value] {
        let path = Root.Fields()[keyPath: field]._path
        return try await collection.distinct(path, filter.document).map { try Value(bsonValue: $0) }
    }

    /// Walks the documents; the query is sent with the first step.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(documents: untyped.makeAsyncIterator()) }

    /// Walks a query's documents.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var batches: MongoQueryIterator
        @usableFromInline var batch: BSONArray.Iterator?
        /// Whether the documents of the batch were checked before they came here.
        @usableFromInline private(set) var isChecked = true

        init(documents: MongoQueryIterator) { batches = documents }

        /// The next document.
        /// - Throws: ``DocumentError`` where it cannot be read as its type.
        @inlinable
        public mutating func next() async throws -> Root? {
            while true {
                if let document = _nextDocument() { return try Root(document, isChecked: isChecked) }
                guard try await _readBatch() else { return nil }
            }
        }

        @inlinable @inline(__always)
        mutating func _nextDocument() -> BSONDocument? { batch?._nextDocument() }

        /// How many documents the batch has that are as large as one that was just read, that one included.
        @usableFromInline
        func _count(like document: BSONDocument) -> Int {
            // A bound, since documents may be small and values large.
            Swift.min((batch?._remainingByteCount ?? 0) / document.byteCount + 1, 1024)
        }

        /// Reads the next batch; false behind the last.
        @usableFromInline
        mutating func _readBatch() async throws -> Bool {
            guard let next = try await batches.nextBatch() else {
                batch = nil
                return false
            }
            (batch, isChecked) = (next.documents, next.isChecked)
            return true
        }
    }

    private func with(_ change: (inout DocumentQuery) -> Void) -> DocumentQuery {
        var copy = self
        change(&copy)
        return copy
    }
}

extension DocumentQuery: PageableQuery {
    /// The fields it is sorted by.
    public var _order: [KeysetKey] { order }
    /// Reads a document as its type.
    public func _item(_ document: BSONDocument) throws -> Root { try Root(decoding: document) }
    /// The document of a value.
    public static func _document(_ item: Root) -> BSONDocument { BSONDocument(encoding: item) }
}

extension Embedded {
    /// Reads a document that may be unchecked.
    @inlinable
    init(_ document: BSONDocument, isChecked: Bool) throws {
        if isChecked {
            try self.init(decoding: document)
        } else {
            try self.init(_checking: document)
        }
    }
}
