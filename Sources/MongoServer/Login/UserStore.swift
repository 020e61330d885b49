internal import BSON
internal import MongoProtocol

/// The users of a server: documents of `admin.system.users`, kept by the same handler that keeps all others.
struct UserStore: Sendable {
    private let handler: any CommandHandler
    /// The collection of the users, in the database `admin`.
    static let collection = "system.users"

    init(_ handler: any CommandHandler) { self.handler = handler }

    /// The user of a name; nil where there is none.
    func user(_ name: String, _ database: String, _ context: CommandContext) async throws -> User? {
        try await users(["_id": .string(User.id(name, database))], limit: 1, context).first
    }

    /// Whether there is any user.
    func isEmpty(_ context: CommandContext) async throws -> Bool {
        try await users([:], limit: 1, context).isEmpty
    }

    /// The users that match a filter.
    func users(_ filter: BSONDocument, limit: Int = 0, _ context: CommandContext) async throws -> [User] {
        let reply = try await run(
            [
                "find": .string(Self.collection), "filter": .document(filter), "limit": .int(limit),
                "sort": ["_id": 1], "batchSize": 1_000_000, "singleBatch": true,
            ], context)
        return reply[path: "cursor.firstBatch"]?.array?.compactMap { $0.document.flatMap { User($0) } } ?? []
    }

    /// Stores a new user.
    /// - Throws: ``MongoError`` 51003 where one of the name is there.
    func insert(_ document: BSONDocument, _ context: CommandContext) async throws {
        do {
            _ = try await run(
                ["insert": .string(Self.collection), "documents": [.document(document)], "writeConcern": Self.concern],
                context)
        } catch let error as MongoError where error.isDuplicateKey {
            let name = "\(document["user"]?.string ?? "")@\(document["db"]?.string ?? "")"
            throw MongoError(.userExists, "User \"\(name)\" already exists")
        }
    }

    /// Changes the user of a name.
    /// - Throws: ``MongoError`` `UserNotFound` where there is none.
    func update(_ name: String, _ database: String, _ change: BSONDocument, _ context: CommandContext) async throws {
        let statement: BSONValue = ["q": ["_id": .string(User.id(name, database))], "u": .document(change)]
        let reply = try await run(
            ["update": .string(Self.collection), "updates": [statement], "writeConcern": Self.concern], context)
        guard reply["n"]?.int == 1 else { throw Self.notFound(name, database) }
    }

    /// Removes the users that match a filter and gives their number.
    func remove(_ filter: BSONDocument, _ context: CommandContext) async throws -> Int {
        let statement: BSONValue = ["q": .document(filter), "limit": 0]
        let reply = try await run(
            ["delete": .string(Self.collection), "deletes": [statement], "writeConcern": Self.concern], context)
        return reply["n"]?.int ?? 0
    }

    static func notFound(_ name: String, _ database: String) -> MongoError {
        MongoError(.userNotFound, "User '\(name)@\(database)' not found")
    }

    /// Users survive whatever happens to the machine once a command has said so.
    private static let concern: BSONValue = ["w": "majority"]

    private func run(_ body: BSONDocument, _ context: CommandContext) async throws -> BSONDocument {
        let command = MongoCommand(body, database: "admin")
        let own = CommandContext(connection: context.connection, deadline: context.deadline)
        guard case .document(let reply) = await handler.handle(command, own) else {
            throw MongoError(.internalError, "the store of users gave a stream")
        }
        if let error = MongoError(reply: reply, command: command.name) { throw error }
        return reply
    }
}
