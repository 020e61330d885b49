internal import BSON
internal import MongoProtocol

/// The commands that a ``LoginHandler`` answers itself, a row each.
enum LoginCommandTable {
    typealias Row = @Sendable (LoginHandler, MongoCommand, CommandContext) async throws -> BSONDocument

    /// The row of a command; nil for those that go to the wrapped handler.
    static func row(_ name: String) -> Row? { rows[name] }

    static let ok: BSONDocument = ["ok": 1.0]

    private static let rows: [String: Row] = [
        "saslStart": { handler, command, context in try await handler.startConversation(command, context) },
        "saslContinue": { handler, command, context in try await handler.continueConversation(command, context) },
        "authenticate": { _, command, _ in
            throw MongoError(
                .mechanismUnavailable,
                "Received authentication for mechanism \(command.body["mechanism"]?.string ?? "MONGODB-CR") which is "
                    + "unknown or not enabled")
        },
        "logout": { handler, _, context in
            handler.logins.logOut(context.connection)
            return ok
        },
        "connectionStatus": { handler, command, context in handler.connectionStatus(command, context) },
        "createUser": { handler, command, context in
            try await handler.createUser(UserCommand(command), context)
        },
        "updateUser": { handler, command, context in try await handler.updateUser(UserCommand(command), context) },
        "dropUser": { handler, command, context in try await handler.dropUser(UserCommand(command), context) },
        "dropAllUsersFromDatabase": { handler, command, context in
            try await handler.dropAllUsers(command, context)
        },
        "grantRolesToUser": { handler, command, context in
            try await handler.changeRoles(UserCommand(command), adds: true, context)
        },
        "revokeRolesFromUser": { handler, command, context in
            try await handler.changeRoles(UserCommand(command), adds: false, context)
        },
        "usersInfo": { handler, command, context in try await handler.usersInfo(command, context) },
    ]
}
