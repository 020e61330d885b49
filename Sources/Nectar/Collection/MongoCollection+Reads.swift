public import BSON
internal import MongoProtocol

extension MongoCollection {
    /// The documents that match a filter, as a query to refine and to walk. Nothing is sent until it is walked.
    public func find(_ filter: BSONDocument = [:]) -> FindQuery { FindQuery(collection: self, filter: filter) }

    /// The first document that matches, or nil.
    public func findOne(
        _ filter: BSONDocument = [:], sort: BSONDocument = [:], projection: BSONDocument = [:]
    ) async throws -> BSONDocument? {
        var query = find(filter)
        if !sort.isEmpty { query = query.sort(sort) }
        if !projection.isEmpty { query = query.projection(projection) }
        return try await query.first()
    }

    /// How many documents match, counted.
    public func countDocuments(
        _ filter: BSONDocument = [:], skip: Int? = nil, limit: Int? = nil, hint: BSONValue? = nil
    ) async throws -> Int {
        var pipeline: [BSONDocument] = [["$match": .document(filter)]]
        if let skip { pipeline.append(["$skip": .int(skip)]) }
        if let limit { pipeline.append(["$limit": .int(limit)]) }
        pipeline.append(["$group": ["_id": 1, "n": ["$sum": 1]]])
        let found = try await aggregate(pipeline, hint: hint).toArray()
        return found.first?["n"]?.int ?? 0
    }

    /// How many documents the collection holds, without looking at them.
    public func estimatedDocumentCount() async throws -> Int {
        try await run("count", [], .read)["n"]?.int ?? 0
    }

    /// The values of a field, each once.
    public func distinct(_ field: String, _ filter: BSONDocument = [:]) async throws -> [BSONValue] {
        let reply = try await run("distinct", [("key", .string(field)), ("query", .document(filter))], .read)
        return reply["values"]?.array.map(Array.init) ?? []
    }

    /// The results of a pipeline, as a query to walk. Nothing is sent until it is walked.
    public func aggregate(
        _ pipeline: [BSONDocument], batchSize: Int? = nil, allowDiskUse: Bool? = nil, hint: BSONValue? = nil,
        variables: BSONDocument? = nil
    ) -> AggregateQuery {
        AggregateQuery(
            collection: self, pipeline: pipeline, batchSize: batchSize, allowDiskUse: allowDiskUse, hint: hint,
            variables: variables)
    }
}
