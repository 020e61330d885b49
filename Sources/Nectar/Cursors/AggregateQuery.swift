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
        let body = collection.body("aggregate") { writer in
            writer.append("pipeline", .array(BSONArray(pipeline.map { .document($0) })))
            writer.append("cursor", .document(cursor))
            if let allowDiskUse { writer.append("allowDiskUse", .bool(allowDiskUse)) }
            if let hint { writer.append("hint", hint) }
            if let variables { writer.append("let", .document(variables)) }
        }
        return try collection.cursor(try await collection.open("aggregate", body), batchSize: batchSize)
    }
}
