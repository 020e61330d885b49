public import BSON
public import MongoProtocol

/// One write of a bulk write.
public enum WriteModel: Sendable {
    /// Inserts a document.
    case insertOne(BSONDocument)
    /// Changes the first match.
    case updateOne(BSONDocument, BSONDocument, upsert: Bool = false)
    /// Changes all matches.
    case updateMany(BSONDocument, BSONDocument, upsert: Bool = false)
    /// Replaces the first match.
    case replaceOne(BSONDocument, BSONDocument, upsert: Bool = false)
    /// Removes the first match.
    case deleteOne(BSONDocument)
    /// Removes all matches.
    case deleteMany(BSONDocument)

    fileprivate var command: String {
        switch self {
        case .insertOne: "insert"
        case .updateOne, .updateMany, .replaceOne: "update"
        case .deleteOne, .deleteMany: "delete"
        }
    }
}

extension MongoCollection {
    /// Does several writes, those of one kind that stand together in as few commands as can hold them.
    /// - Parameter ordered: Whether the first failure ends it.
    /// - Throws: ``MongoError`` of kind `write` with all failures, their places counted over all writes; its details
    ///   tell what was done all the same: `nInserted`, `nMatched`, `nModified`, `nRemoved`, `nUpserted`.
    @discardableResult
    public func bulkWrite(
        _ writes: [WriteModel], ordered: Bool = true, writeConcern: WriteConcern? = nil
    ) async throws -> BulkWriteResult {
        guard !writes.isEmpty else { throw MongoError(.usage, "bulkWrite needs at least one write") }
        // All of them first: nothing is written where one is not usable.
        let statements = try writes.map(Self.statement)
        var result = BulkWriteResult()
        var failures = WriteFailures(isOrdered: ordered)
        var start = 0
        while start < writes.count {
            let command = writes[start].command
            let otherKind = writes[start...].firstIndex { $0.command != command } ?? writes.count
            let end = Self.batchEnd(statements[start..<otherKind])
            let field = ["insert": "documents", "update": "updates", "delete": "deletes"][command] ?? ""
            let outcome = try await failures.run(from: start) {
                try await run(
                    command, [("ordered", .bool(ordered)), concern(writeConcern)],
                    sequences: [DocumentSequence(field, Array(statements[start..<end]))], .never)
            }
            result.add(outcome.reply, command, offset: start)
            guard outcome.goesOn else { break }
            start = end
        }
        try failures.finish(result.details)
        return result
    }

    private static func statement(_ write: WriteModel) throws -> BSONDocument {
        switch write {
        case .insertOne(let document): return withID(document).0
        case .updateOne(let filter, let update, let upsert):
            try requireOperators(update)
            return UpdateStatement(filter, .document(update), upsert: upsert).document
        case .updateMany(let filter, let update, let upsert):
            try requireOperators(update)
            return UpdateStatement(filter, .document(update), multi: true, upsert: upsert).document
        case .replaceOne(let filter, let replacement, let upsert):
            try refuseOperators(replacement)
            return UpdateStatement(filter, .document(replacement), upsert: upsert).document
        case .deleteOne(let filter): return deleteStatement(filter, limit: 1, nil)
        case .deleteMany(let filter): return deleteStatement(filter, limit: 0, nil)
        }
    }
}

extension BulkWriteResult {
    /// The result in the words of other drivers.
    fileprivate var details: BSONDocument {
        [
            "nInserted": .int(insertedCount), "nMatched": .int(matchedCount), "nModified": .int(modifiedCount),
            "nRemoved": .int(deletedCount), "nUpserted": .int(upsertedIDs.count),
        ]
    }

    fileprivate mutating func add(_ reply: BSONDocument, _ command: String, offset: Int) {
        let count = reply["n"]?.int ?? 0
        switch command {
        case "insert": insertedCount += count
        case "delete": deletedCount += count
        default:
            let upserted = reply["upserted"]?.array?.compactMap(\.document) ?? []
            matchedCount += count - upserted.count
            modifiedCount += reply["nModified"]?.int ?? 0
            for entry in upserted {
                if let index = entry["index"]?.int, let id = entry["_id"] { upsertedIDs[index + offset] = id }
            }
        }
    }
}
