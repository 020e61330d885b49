internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore

/// The routes on log records.
struct LogsController {
    let logs: MongoLogs

    func addRoutes(to group: RouterGroup<BasicRequestContext>) {
        group.get { request, _ in try await list(request) }
        group.get("statistics") { _, _ -> Response in
            let statistics = logs.statistics
            return Envelope.data([
                "accepted": .int(statistics.accepted), "written": .int(statistics.written),
                "dropped": .int(statistics.dropped), "waiting": .int(statistics.waiting),
                "failures": .int(statistics.failures),
            ])
        }
        group.get("summary") { _, _ -> Response in
            Envelope.data(.array(BSONArray(try await logs.summary().map { .document($0) })))
        }
        group.get("{id}") { _, context -> Response in
            let filter: BSONDocument = ["_id": .objectID(try context.objectID("id"))]
            guard let record = try await logs.collection.findOne(filter) else { throw APIError.notFound }
            return Envelope.data(.document(record))
        }
        group.put("{id}") { request, context in try await markDeleted(request, context) }
        group.delete("{id}") { _, context -> Response in
            let id = try context.objectID("id")
            let result = try await logs.collection.deleteOne(["_id": .objectID(id)])
            guard result.deletedCount > 0 else { throw APIError.notFound }
            logs.activity("delete log", requestID: context.id, ["log": .objectID(id)])
            return Envelope.data(["deleted_id": .objectID(id)])
        }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request, allowed: ["limit", "before", "type", "request_id", "deleted"])
        let limit = try query.number("limit", in: 1...200, default: 50)
        var filter: [(String, BSONValue)] = []
        if let type = try query.word("type", of: ["request", "activity", "error"]) {
            filter.append(("type", .string(type)))
        }
        if let id = query["request_id"] { filter.append(("request_id", .string(id))) }
        if try query.word("deleted", of: ["true", "false"]) != "true" { filter.append(("deleted", ["$ne": true])) }
        if let text = query["before"] {
            guard let id = ObjectID(text) else { throw QueryParameters.problem("'before' is a record's id.") }
            filter.append(("_id", ["$lt": .objectID(id)]))
        }
        let records = try await logs.collection.find(BSONDocument(fields: filter)).sort(["_id": -1]).limit(limit)
            .toArray()
        let next = records.count == limit ? records.last?["_id"] ?? .null : .null
        return Envelope.response([
            ("status", true), ("data", .array(BSONArray(records.map { .document($0) }))),
            ("page", ["limit": .int(limit), "before": next]),
        ])
    }

    /// Marks a record as deleted. A body, where there is one, says just that.
    private func markDeleted(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = try context.objectID("id")
        let body = try await request.body.collect(upTo: 1024)
        if body.readableBytes > 0 {
            let document = try BSONDocument(json: body.readableBytesView, maximumDepth: 2)
            guard document == ["deleted": true] else {
                throw APIError(
                    .unprocessableContent, "invalid", "The body is {\"deleted\": true}, or there is none.",
                    fields: [("deleted", "can only become true")])
            }
        }
        let record = try await logs.collection.findOneAndUpdate(
            ["_id": .objectID(id)], ["$set": ["deleted": true]], returnDocument: .after)
        guard let record else { throw APIError.notFound }
        logs.activity("mark log", requestID: context.id, ["log": .objectID(id)])
        return Envelope.data(.document(record))
    }
}
