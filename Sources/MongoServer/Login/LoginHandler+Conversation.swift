internal import BSON
internal import Logging
internal import MongoProtocol

extension LoginHandler {
    private static let refused = MongoError(.authenticationFailed, "Authentication failed.")

    /// `saslStart`: reads the client's first message and gives the server's.
    func startConversation(_ command: MongoCommand, _ context: CommandContext) async throws -> BSONDocument {
        let body = command.body
        let name = body["mechanism"]?.string ?? ""
        guard let mechanism = ScramMechanism(rawValue: name) else {
            throw MongoError(
                .mechanismUnavailable, "Received authentication for mechanism \(name) which is unknown or not enabled")
        }
        logins.keep(nil, on: context.connection)
        var server = try ScramServer(mechanism, first: try payload(of: body))
        if let present = logins.user(of: context.connection),
            present.name != server.username || present.database != command.database
        {
            throw MongoError(
                .authenticationFailed,
                "Each client connection may only be authenticated once. Previously authenticated as: "
                    + "\(present.name)@\(present.database)")
        }
        let user = try await users.user(server.username, command.database, context)
        let id = User.id(server.username, command.database)
        // A client whose guess at the mechanism was wrong must learn of it here, and begin anew with another.
        if let user, user.credential(mechanism) == nil { throw Self.refused }
        let credential =
            user?.credential(mechanism) ?? ScramCredential(pretending: mechanism, user: id, secret: secret)
        let challenge = server.challenge(credential)
        let conversation = ConnectionLogins.Conversation(
            id: logins.nextID(context.connection), mechanism: mechanism, server: server, user: user, name: id,
            skipsEmptyExchange: body["options"]?.document?["skipEmptyExchange"]?.bool ?? false)
        logins.keep(conversation, on: context.connection)
        return Self.reply(conversation, challenge, isDone: false)
    }

    /// `saslContinue`: judges the client's proof.
    func continueConversation(_ command: MongoCommand, _ context: CommandContext) async throws -> BSONDocument {
        guard var conversation = logins.take(context.connection) else {
            throw MongoError(.protocolError, "No SASL session state found")
        }
        guard command.body["conversationId"]?.int64 == Int64(conversation.id) else {
            throw MongoError(.protocolError, "sasl: Mismatched conversation id")
        }
        let message = try payload(of: command.body)
        if conversation.isVerified {
            guard message.isEmpty else { throw Self.refused }
            try logIn(conversation, context)
            return Self.reply(conversation, [], isDone: true)
        }
        let verdict: [UInt8]
        do {
            verdict = try conversation.server.verify(message)
        } catch {
            logger.warning("login failed", metadata: metadata(conversation, context))
            throw error
        }
        if conversation.skipsEmptyExchange {
            try logIn(conversation, context)
        } else {
            conversation.isVerified = true
            logins.keep(conversation, on: context.connection)
        }
        return Self.reply(conversation, verdict, isDone: conversation.skipsEmptyExchange)
    }

    private func logIn(_ conversation: ConnectionLogins.Conversation, _ context: CommandContext) throws(MongoError) {
        guard let user = conversation.user else { throw Self.refused }
        logins.logIn(user, on: context.connection)
        logger.debug("logged in", metadata: metadata(conversation, context))
    }

    private func metadata(
        _ conversation: ConnectionLogins.Conversation, _ context: CommandContext
    ) -> Logger.Metadata {
        [
            "user": "\(conversation.name)", "mechanism": "\(conversation.mechanism.rawValue)",
            "client": "\(context.connection.remoteAddress ?? "?")",
        ]
    }

    /// The bytes that a message carries; old clients send them as base64 text.
    private func payload(of body: BSONDocument) throws(MongoError) -> [UInt8] {
        if let bytes = body["payload"]?.binary?.bytes { return bytes }
        if let bytes = body["payload"]?.string.flatMap(Base64.decode) { return bytes }
        throw MongoError(.typeMismatch, "payload must be binary data or base64 text")
    }

    private static func reply(
        _ conversation: ConnectionLogins.Conversation, _ payload: [UInt8], isDone: Bool
    ) -> BSONDocument {
        [
            "conversationId": .int32(conversation.id), "done": .bool(isDone),
            "payload": .binary(BSONBinary(bytes: payload)), "ok": 1.0,
        ]
    }
}
