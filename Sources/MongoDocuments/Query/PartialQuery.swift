public import BSON
public import Nectar

extension DocumentQuery {
    /// The same documents with some of their fields only: `find().fields(\.title, \.publisher.city)`.
    ///
    /// What comes cannot be saved, so it overwrites nothing that it did not load; `update(id:)` changes single fields.
    /// - Parameter fields: The fields. The id comes always.
    public func fields<each Value: FieldValue>(
        _ fields: repeat KeyPath<Root.Fields, Field<Root, each Value>>
    ) -> PartialQuery<Root> {
        let names = Root.Fields()
        var paths: [String] = []
        for field in repeat each fields { paths.append(names[keyPath: field]._path) }
        return PartialQuery(query: self, paths: paths)
    }
}

/// A query for some fields of a type's documents: ``DocumentQuery/fields(_:)``. Nothing is sent until it is walked.
public struct PartialQuery<Root: Document>: AsyncSequence, Sendable {
    private let query: DocumentQuery<Root>
    /// The fields' paths, without those that lie within another one: MongoDB takes no path twice.
    private let paths: [String]

    init(query: DocumentQuery<Root>, paths: [String]) {
        self.query = query
        var outermost: [String] = []
        for path in paths where !outermost.contains(path) && !paths.contains(where: { path.hasPrefix("\($0).") }) {
            outermost.append(path)
        }
        self.paths = outermost
    }

    /// The query for documents without a type.
    public var untyped: FindQuery {
        query.untyped.projection(BSONDocument(fields: [("_id", 1)] + paths.filter { $0 != "_id" }.map { ($0, 1) }))
    }

    /// The first document, or nil.
    public func first() async throws -> PartialDocument<Root>? {
        try await untyped.first().map { try PartialDocument($0, paths: paths) }
    }

    /// All documents.
    public func all() async throws -> [PartialDocument<Root>] {
        try await untyped.toArray().map { try PartialDocument($0, paths: paths) }
    }

    /// Walks the documents; the query is sent with the first step.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(documents: untyped.makeAsyncIterator(), paths: paths)
    }

    /// Walks a query's documents.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var documents: MongoQueryIterator
        let paths: [String]

        /// The next document.
        public mutating func next() async throws -> PartialDocument<Root>? {
            try await documents.next().map { try PartialDocument($0, paths: paths) }
        }
    }
}

/// Some fields of a document. It is no document of its type, and nothing saves it.
public struct PartialDocument<Root: Document>: Sendable, Identifiable {
    /// The document's id.
    public let id: Root.ID
    /// The paths of the fields that were asked for, as they are stored.
    public let retrievedFields: [String]
    /// What came, as BSON.
    public let document: BSONDocument

    init(_ document: BSONDocument, paths: [String]) throws(DocumentError) {
        self.document = document
        retrievedFields = paths
        id = try Root.ID(bsonValue: document["_id"] ?? .null)
    }

    /// The value of a field.
    /// - Throws: ``DocumentError`` of kind `notRetrieved` for a field that was not asked for; of kind `unreadable` where the
    ///   stored document lacks it and its type is no optional, or holds another type.
    public func get<Value>(_ field: KeyPath<Root.Fields, Field<Root, Value>>) throws(DocumentError) -> Value {
        let path = Root.Fields()[keyPath: field]._path
        guard path == "_id" || retrievedFields.contains(where: { path == $0 || path.hasPrefix("\($0).") }) else {
            throw Self.error(.notRetrieved, path, "was not asked for: name it in fields(…), or read the whole document")
        }
        guard let value = document[path: path] else {
            if let missing = Value._missing { return missing }
            throw Self.error(.unreadable, path, "is missing")
        }
        do {
            return try Value(bsonValue: value)
        } catch {
            // What is wrong was found in a document of this value alone.
            let problems = error.problems.map { problem in
                FieldProblem(path: path + problem.path.dropFirst("value".count), message: problem.message)
            }
            throw DocumentError(.unreadable, type: error.type, problems)
        }
    }

    private static func error(_ kind: DocumentError.Kind, _ path: String, _ message: String) -> DocumentError {
        DocumentError(kind, type: "\(Root.self)", [FieldProblem(path: path, message: message)])
    }
}
