public import BSON

extension MongoCollection {
    /// Makes an index where there is none like it.
    /// - Parameter keys: The fields, 1 for ascending and -1 for descending.
    /// - Returns: The index's name, made of the fields where none is given.
    @discardableResult
    public func createIndex(_ keys: BSONDocument, unique: Bool = false, name: String? = nil) async throws -> String {
        let parts = keys.map { key, kind in "\(key)_\(kind.int.map(String.init) ?? kind.string ?? "")" }
        let name = name ?? parts.joined(separator: "_")
        var specification: [(String, BSONValue)] = [("key", .document(keys)), ("name", .string(name))]
        if unique { specification.append(("unique", true)) }
        try await createIndexes([BSONDocument(fields: specification)])
        return name
    }

    /// Makes indexes of whole specifications, as `createIndexes` takes them.
    public func createIndexes(_ specifications: [BSONDocument]) async throws {
        _ = try await run(
            "createIndexes",
            [("indexes", .array(BSONArray(specifications.map { .document($0) }))), concern(nil)], .never)
    }

    /// The indexes.
    public func listIndexes() async throws -> [BSONDocument] {
        let reply = try await run("listIndexes", [("cursor", [:])], .read)
        return try await cursor(reply, batchSize: nil).toArray()
    }

    /// Removes an index by its name.
    public func dropIndex(_ name: String) async throws {
        _ = try await run("dropIndexes", [("index", .string(name)), concern(nil)], .never)
    }

    /// Removes all indexes but the one on `_id`.
    public func dropIndexes() async throws { try await dropIndex("*") }

    /// Removes the collection with its indexes.
    public func drop() async throws { _ = try await run("drop", [concern(nil)], .never) }
}
