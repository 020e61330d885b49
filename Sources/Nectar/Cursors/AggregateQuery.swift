internal import BSON

/// An `aggregate` to walk.
public struct AggregateQuery: MongoQuery {
    let collection: MongoCollection
    let pipeline: [BSONDocument]
    let batchSize: Int?
    let allowDiskUse: Bool?
    let hint: BSONValue?
    let variables: BSONDocument?

    /// Sends the pipeline; see ``MongoQuery/cursor()``.
    public func cursor() async throws -> MongoCursor {
        let cursor: BSONDocument = batchSize.map { ["batchSize": .int($0)] } ?? [:]
        let reply = try await collection.run(
            "aggregate",
            [
                ("pipeline", .array(BSONArray(pipeline.map { .document($0) }))), ("cursor", .document(cursor)),
                ("allowDiskUse", allowDiskUse.map { .bool($0) }), ("hint", hint),
                ("let", variables.map { .document($0) }),
            ], .read)
        return try collection.cursor(reply, batchSize: batchSize)
    }
}
