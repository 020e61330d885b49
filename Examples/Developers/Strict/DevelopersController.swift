internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// The routes on developers.
struct DevelopersController {
    let store: DeveloperStore
    let logs: MongoLogs

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in try await list(request) }
        router.post("/") { request, context in try await create(request, context) }
        router.get("{id}") { _, context -> Response in
            guard let row = try await store.find(try Self.id(context)) else { throw APIError.notFound }
            return Envelope.data(Self.json(row))
        }
        router.patch("{id}") { request, context in try await update(request, context) }
        router.delete("{id}") { _, context -> Response in
            let id = try Self.id(context)
            guard try await store.delete(id) else { throw APIError.notFound }
            logs.activity("delete developer", requestID: context.id, ["id": .int(id)])
            return Envelope.data(["deleted_id": .int(id)])
        }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request, allowed: ["limit", "offset", "expert"])
        let limit = try query.number("limit", in: 1...200, default: 50)
        let offset = try query.number("offset", in: 0...Int(Int32.max), default: 0)
        let (rows, total) = try await store.list(expert: query["expert"], limit: limit, offset: offset)
        return Envelope.response([
            ("status", true), ("data", .array(BSONArray(rows.map(Self.json)))),
            ("page", ["limit": .int(limit), "offset": .int(offset), "total": .int(total)]),
        ])
    }

    private func create(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let draft = try DeveloperDraft(try await DeveloperDraft.body(of: request))
        let id = try await store.insert(draft.assignments)
        logs.activity("create developer", requestID: context.id, ["id": .int(id)])
        let texts = draft.values.map { ($0.column, BSONValue.string($0.text)) }
        return Envelope.data(
            .document(BSONDocument(fields: [("id", .int(id))] + texts)), status: .created,
            headers: [.location: "/\(id)"])
    }

    private func update(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = try Self.id(context)
        guard let old = try await store.find(id) else { throw APIError.notFound }
        let draft = try DeveloperDraft(try await DeveloperDraft.body(of: request), id: id)
        // A body of nothing but the id changes nothing.
        guard !draft.values.isEmpty else { return Envelope.data(Self.json(old)) }
        guard let row = try await store.update(id, draft.assignments) else { throw APIError.notFound }
        logs.activity("update developer", requestID: context.id, ["id": .int(id)])
        return Envelope.data(Self.json(row))
    }

    /// The id in the path, in its one spelling: digits without a zero before them, within the column's numbers.
    private static func id(_ context: BasicRequestContext) throws -> Int {
        guard let text = context.parameters.get("id"), let id = Int(text), String(id) == text,
            (1...Int(Int32.max)).contains(id)
        else { throw APIError.notFound }
        return id
    }

    static func json(_ row: Developer) -> BSONValue {
        func text(_ value: String?) -> BSONValue { value.map { .string($0) } ?? .null }
        return [
            "id": .int(row.id), "first_name": text(row.firstName), "last_name": text(row.lastName),
            "expert": text(row.expert),
        ]
    }
}
