public import BSON
public import MongoProtocol

/// Which version of a changed document an operation returns.
public enum ReturnDocument: Sendable, Hashable {
    /// The document as it was.
    case before
    /// The document as it is now.
    case after
}

extension MongoCollection {
    /// Changes the first document that matches and returns it.
    public func findOneAndUpdate(
        _ filter: BSONDocument, _ update: BSONDocument, returnDocument: ReturnDocument = .before,
        sort: BSONDocument = [:], projection: BSONDocument = [:], upsert: Bool = false,
        arrayFilters: [BSONDocument] = [], writeConcern: WriteConcern? = nil
    ) async throws -> BSONDocument? {
        try Self.requireOperators(update)
        return try await findAndModify(
            filter, sort, projection,
            [
                ("update", .document(update)), ("new", .bool(returnDocument == .after)), ("upsert", .bool(upsert)),
                (
                    "arrayFilters",
                    arrayFilters.isEmpty ? nil : .array(BSONArray(arrayFilters.map { .document($0) }))
                ),
            ], writeConcern)
    }

    /// Replaces the first document that matches and returns it.
    public func findOneAndReplace(
        _ filter: BSONDocument, _ replacement: BSONDocument, returnDocument: ReturnDocument = .before,
        sort: BSONDocument = [:], projection: BSONDocument = [:], upsert: Bool = false,
        writeConcern: WriteConcern? = nil
    ) async throws -> BSONDocument? {
        try Self.refuseOperators(replacement)
        return try await findAndModify(
            filter, sort, projection,
            [
                ("update", .document(replacement)), ("new", .bool(returnDocument == .after)),
                ("upsert", .bool(upsert)),
            ], writeConcern)
    }

    /// Removes the first document that matches and returns it.
    public func findOneAndDelete(
        _ filter: BSONDocument, sort: BSONDocument = [:], projection: BSONDocument = [:],
        writeConcern: WriteConcern? = nil
    ) async throws -> BSONDocument? {
        try await findAndModify(filter, sort, projection, [("remove", true)], writeConcern)
    }

    private func findAndModify(
        _ filter: BSONDocument, _ sort: BSONDocument, _ projection: BSONDocument,
        _ change: [(String, BSONValue?)], _ writeConcern: WriteConcern?
    ) async throws -> BSONDocument? {
        let fields: [(String, BSONValue?)] = [
            ("query", .document(filter)), ("sort", sort.isEmpty ? nil : .document(sort)),
            ("fields", projection.isEmpty ? nil : .document(projection)), concern(writeConcern),
        ]
        return try await run("findAndModify", fields + change, .write)["value"]?.document
    }
}
