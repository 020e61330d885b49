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

extension PartialQuery: PageableQuery {
    /// The fields it is sorted by.
    public var _order: [KeysetKey] { query._order }
    /// Reads what came of a document.
    public func _item(_ document: BSONDocument) throws -> PartialDocument<Root> {
        try PartialDocument(document, paths: paths)
    }
    /// What came, as answers show it.
    public static func _document(_ item: PartialDocument<Root>) -> BSONDocument { item.document }
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

    /// The value of a field. Where the stored document lacks it, that is what a whole document would have: its default, or
    /// nil for an optional.
    /// - Throws: ``DocumentError`` of kind `notRetrieved` for a field that was not asked for; of kind `unreadable` where the
    ///   stored document lacks it and it is required, or holds another type.
    public func get<Value>(_ field: KeyPath<Root.Fields, Field<Root, Value>>) throws(DocumentError) -> Value {
        let fieldNamed = try retrieved(field)
        if let value = try stored(fieldNamed) { return value }
        if let missing = Value._missing { return missing }
        throw Self.error(.unreadable, fieldNamed._path, "is missing")
    }

    /// The value of a field, or nil where the stored document lacks it and it has no default: where the document that
    /// embeds it is not there, say.
    /// - Throws: ``DocumentError`` as ``get(_:)`` does, but for a field that is missing.
    public func getIfPresent<Value>(
        _ field: KeyPath<Root.Fields, Field<Root, Value>>
    ) throws(DocumentError) -> Value? {
        let fieldNamed = try retrieved(field)
        if let value = try stored(fieldNamed) { return value }
        return Value._missing
    }

    /// The field, where it was asked for.
    private func retrieved<Value>(
        _ field: KeyPath<Root.Fields, Field<Root, Value>>
    ) throws(DocumentError) -> Field<Root, Value> {
        let field = Root.Fields()[keyPath: field]
        let path = field._path
        guard path == "_id" || retrievedFields.contains(where: { path == $0 || path.hasPrefix("\($0).") }) else {
            throw Self.error(.notRetrieved, path, "was not asked for: name it in fields(…), or read the whole document")
        }
        return field
    }

    /// What is stored, or the default that a whole document would have in its place.
    private func stored<Value>(_ field: Field<Root, Value>) throws(DocumentError) -> Value? {
        guard let value = document[path: field._path] ?? defaultValue(of: field) else { return nil }
        do {
            return try Value(bsonValue: value)
        } catch {
            // What is wrong was found in a document of this value alone.
            let problems = error.problems.map { problem in
                FieldProblem(path: field._path + problem.path.dropFirst("value".count), message: problem.message)
            }
            throw DocumentError(.unreadable, type: error.type, problems)
        }
    }

    /// The default of the outermost field on the way that is not stored, or what it has at the rest of the way.
    private func defaultValue<Value>(of field: Field<Root, Value>) -> BSONValue? {
        let names = field.steps.reversed().reduce(into: [field._path]) { names, step in
            names[0] = String(names[0].dropLast(step.name.utf8.count + 1))
            names.insert(step.name, at: 1)
        }
        let owners: [any Embedded.Type] = [Root.self] + field.steps.map(\.owner)
        var path = ""
        for (place, (owner, name)) in zip(owners, names).enumerated() {
            path += path.isEmpty ? name : ".\(name)"
            if let found = document[path: path] {
                // Null is an embedded document that is not there on purpose, and an array has several.
                guard case .document = found else { return nil }
                continue
            }
            let value = owner.defaultValue(of: name)
            let rest = names[(place + 1)...].joined(separator: ".")
            return rest.isEmpty ? value : value?.document?[path: rest]
        }
        return nil
    }

    private static func error(_ kind: DocumentError.Kind, _ path: String, _ message: String) -> DocumentError {
        DocumentError(kind, type: "\(Root.self)", [FieldProblem(path: path, message: message)])
    }
}
