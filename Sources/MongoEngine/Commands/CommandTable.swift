internal import BSON
internal import MongoProtocol

/// One command: what it is called, which fields it takes, and what it does.
struct CommandRow: Sendable {
    let names: [String]
    /// The fields beside the generic ones; nil where any are taken.
    let fields: Set<String>?
    /// Whether the command changes data.
    let writes: Bool
    /// Answers in microseconds on the caller's thread, or gives nil.
    let immediate: (@Sendable (Engine, Invocation) throws -> BSONDocument?)?
    /// Answers by a stream where the command asks for one, or gives nil.
    let stream: (@Sendable (Engine, Invocation) async throws -> CommandReply?)?
    let run: @Sendable (Engine, Invocation) async throws -> BSONDocument

    init(
        _ names: String..., fields: Set<String>? = nil, writes: Bool = false,
        immediate: (@Sendable (Engine, Invocation) throws -> BSONDocument?)? = nil,
        stream: (@Sendable (Engine, Invocation) async throws -> CommandReply?)? = nil,
        run: @escaping @Sendable (Engine, Invocation) async throws -> BSONDocument
    ) {
        self.names = names
        self.fields = fields
        self.writes = writes
        self.immediate = immediate
        self.stream = stream
        self.run = run
    }

    /// Fields that every command takes.
    private static let generic: Set<String> = [
        "$db", "lsid", "$clusterTime", "txnNumber", "autocommit", "startTransaction", "readConcern", "writeConcern",
        "maxTimeMS", "maxTimeMSOpOnly", "comment", "$readPreference", "apiVersion", "apiStrict",
        "apiDeprecationErrors", "$audit", "$client", "$configServerState", "rawData", "serialization_context",
    ]

    /// - Throws: ``MongoError`` `Location40415` for a field that the command does not have, and what
    ///   ``GenericArguments`` finds wrong.
    func check(_ invocation: Invocation) throws {
        try GenericArguments.check(invocation)
        if invocation.body["autocommit"] != nil {
            throw MongoError(
                .illegalOperation, "This engine has no multi-document transactions yet: run without one")
        }
        guard let fields else { return }
        var first = true
        for key in invocation.body.keys {
            defer { first = false }
            guard first || fields.contains(key) || Self.generic.contains(key) else {
                throw MongoError(
                    .unknownField, "BSON field '\(invocation.command.name).\(key)' is an unknown field.")
            }
        }
    }
}

/// Every command of the engine, a row each.
enum CommandTable {
    static func row(_ name: String) -> CommandRow? { byName[name] }

    /// All names, for `listCommands`.
    static var names: [String] { rows.map { $0.names[0] }.sorted() }

    private static let rows: [CommandRow] =
        ReadCommands.rows + WriteCommands.rows + CollectionCommands.rows + IndexCommands.rows + HandshakeCommands.rows
        + DiagnosticCommands.rows

    private static let byName: [String: CommandRow] = {
        var table: [String: CommandRow] = [:]
        for row in rows { for name in row.names { table[name] = row } }
        return table
    }()
}
