internal import BSON
public import Logging
public import MongoProtocol

/// Wraps a handler so that clients log in: SCRAM-SHA-1 and SCRAM-SHA-256, users with MongoDB's built-in roles, and the
/// commands that make and change users.
///
/// Users are documents of `admin.system.users` in the wrapped handler's own data. While there is none, a client on the
/// same machine may make the first one in the database `admin`, and nothing else.
public final class LoginHandler: CommandHandler {
    let inner: any CommandHandler
    let users: UserStore
    let logins = ConnectionLogins()
    let isRequired: Bool
    let logger: Logger
    /// Makes the salts of users who are not there, which stay the same as long as the server runs.
    let secret = ScramMechanism.randomBytes(32)

    /// Wraps a handler.
    /// - Parameters:
    ///   - isRequired: Whether commands are refused to those who have not logged in. Where false, users can be made and
    ///     can log in, and nothing is refused to anybody.
    ///   - logger: Where logins are reported, and those that fail.
    public init(
        wrapping handler: any CommandHandler, isRequired: Bool, logger: Logger = Logger(label: "nectar.server")
    ) {
        inner = handler
        users = UserStore(handler)
        self.isRequired = isRequired
        self.logger = logger
    }

    /// Answers what the wrapped handler answers at once, unless it concerns logins.
    public func handleImmediately(_ command: MongoCommand, _ context: CommandContext) -> CommandReply? {
        if LoginCommandTable.row(command.name) != nil || changesReply(command) { return nil }
        do {
            return inner.handleImmediately(command, try admit(command, context))
        } catch {
            return .document(error.reply)
        }
    }

    /// Answers a command; see ``CommandHandler``.
    public func handle(_ command: MongoCommand, _ context: CommandContext) async -> CommandReply {
        do {
            if let row = LoginCommandTable.row(command.name) {
                return .document(try await row(self, command, context))
            }
            let reply = await inner.handle(command, try admit(command, context))
            guard changesReply(command), case .document(let document) = reply else { return reply }
            if command.name == "listDatabases" { return .document(ownDatabases(in: document, context)) }
            return .document(try await addLogin(to: document, command, context))
        } catch let error as MongoError {
            return .document(error.reply)
        } catch is CancellationError {
            return .document(MongoError(.interrupted, "operation was interrupted").reply)
        } catch {
            return .document(MongoError(.internalError, "\(error)").reply)
        }
    }

    /// Forgets who was logged in on a connection.
    public func connectionClosed(_ connection: ConnectionContext) async {
        logins.forget(connection)
        await inner.connectionClosed(connection)
    }

    /// Checks that a command is allowed, and gives its context with the user.
    func admit(_ command: MongoCommand, _ context: CommandContext) throws(MongoError) -> CommandContext {
        let user = logins.user(of: context.connection)
        if isRequired { try CommandGuard.check(command, user) }
        guard let user else { return context }
        var context = context
        context.user = user.authenticated
        return context
    }

    /// Whether a reply is not given as the wrapped handler gives it: that of a `hello` that carries a login or asks how to
    /// log in, and that of `listDatabases`.
    private func changesReply(_ command: MongoCommand) -> Bool {
        switch command.name {
        case "listDatabases": isRequired
        case "hello", "isMaster", "ismaster":
            command.body["speculativeAuthenticate"] != nil || command.body["saslSupportedMechs"] != nil
        default: false
        }
    }

    /// Leaves the databases out on which the user can do nothing.
    private func ownDatabases(in reply: BSONDocument, _ context: CommandContext) -> BSONDocument {
        guard let list = reply["databases"]?.array, let roles = logins.user(of: context.connection)?.roles else {
            return reply
        }
        let own = list.filter { BuiltInRoles.knows($0.document?["name"]?.string ?? "", roles) }
        return reply.setting("databases", .array(BSONArray(own)))
    }

    private func addLogin(
        to reply: BSONDocument, _ command: MongoCommand, _ context: CommandContext
    ) async throws -> BSONDocument {
        guard reply["ok"]?.double == 1 else { return reply }
        var reply = reply
        if let name = command.body["saslSupportedMechs"]?.string, let dot = name.firstIndex(of: ".") {
            let user = try await users.user(
                String(name[name.index(after: dot)...]), String(name[..<dot]), context)
            if let mechanisms = user?.mechanisms, !mechanisms.isEmpty {
                reply["saslSupportedMechs"] = .array(BSONArray(mechanisms.map { .string($0.rawValue) }))
            }
        }
        // A login that fails here is no failure of hello: the client starts anew and learns of it then.
        if let body = command.body["speculativeAuthenticate"]?.document, body["saslStart"] != nil {
            let start = MongoCommand(body, database: body["db"]?.string ?? "admin")
            if let first = try? await startConversation(start, context) {
                reply["speculativeAuthenticate"] = .document(first)
            }
        }
        return reply
    }
}
