internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore
internal import SQLTables

/// The tutorial's seven routes with the tutorial's answers, for clients that count on them. For new ones there are the
/// strict routes.
struct LegacyController {
    let store: DeveloperStore
    let logs: MongoLogs

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ -> Response in
            Envelope.data(.array(BSONArray(try await store.all().map(DevelopersController.json))))
        }
        router.post("/") { request, _ in await create(request) }
        router.patch("{id}") { request, context in try await update(request, context) }
        router.delete("{id}") { _, context -> Response in
            let digits = try Self.digits(context)
            if let id = Int(digits) { _ = try await store.delete(id) }
            // It may be longer than any number: it goes back as it came.
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: "{\"data\": {\"deleted_id\": \(digits)}, \"status\": true}"))
            )
        }
        router.get("logs") { _, _ -> Response in
            await logs.flush()
            let records = try await logs.collection.find([:]).toArray()
            return Envelope.data(.array(BSONArray(records.map { .document($0) })))
        }
        router.put("logs/{id}") { _, context -> Response in
            await logs.flush()
            let id = try Self.objectID(context)
            let record = try await logs.collection.findOneAndUpdate(
                ["_id": .objectID(id.value)], ["$set": ["deleted": true]], returnDocument: .after, upsert: true)
            return Envelope.data(record.map { .document($0) } ?? .null)
        }
        router.delete("logs/{id}") { _, context -> Response in
            await logs.flush()
            let id = try Self.objectID(context)
            try await logs.collection.deleteOne(["_id": .objectID(id.value)])
            return Envelope.data(["deleted_id": .string(id.text)])
        }
    }

    private func create(_ request: Request) async -> Response {
        let url = LegacyURL.text(request)
        do {
            let bytes = try await request.body.collect(upTo: 16 << 20)
            guard let body = LegacyJSON.value(bytes.readableBytesView)?.document else {
                throw LegacyError(message: "The body is no object.")
            }
            var values: [(String, SQLExpression)] = []
            for column in DeveloperDraft.columns {
                values.append((column, .value(try LegacyJSON.text(body[column]))))
            }
            _ = try await store.insert(Assignments(values))
            logs.record(
                ["type": "activity", "url": .string(url), "function": "create developer"], at: false)
            return Envelope.data(1)
        } catch {
            let message = LegacyRequests.message(error)
            logs.record(["type": "error", "url": .string(url), "message": .string(message)], at: false)
            return LegacyRequests.failure(.ok, message: message)
        }
    }

    private func update(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 16 << 20)
        guard let body = LegacyJSON.value(bytes.readableBytesView)?.document, !body.isEmpty else {
            throw LegacyError(message: "The body is no object with fields.")
        }
        var values: [(String, SQLExpression)] = []
        for (key, value) in body {
            if key == "id" {
                guard let id = value.int, Int32(exactly: id) != nil else {
                    throw LegacyError(message: "The id is no number of the column's.")
                }
                values.append((key, .value(id)))
            } else if DeveloperDraft.columns.contains(key) {
                values.append((key, .value(try LegacyJSON.text(value))))
            } else {
                throw LegacyError(message: "There is no column '\(key)'.")
            }
        }
        guard let id = Int(try Self.digits(context)), let row = try await store.update(id, Assignments(values)) else {
            throw LegacyError(message: "There is no row with this id.")
        }
        return Envelope.data(DevelopersController.json(row))
    }

    private static func digits(_ context: BasicRequestContext) throws -> String {
        guard let digits = context.parameters.get("id").flatMap({ LegacyURL.id($0) }) else { throw APIError.notFound }
        return digits
    }

    private static func objectID(_ context: BasicRequestContext) throws -> (value: ObjectID, text: String) {
        guard let text = context.parameters.get("id"), let id = ObjectID(text) else {
            throw LegacyError(message: "The address has no record's id.")
        }
        return (id, text)
    }
}
