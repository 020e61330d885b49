internal import BSON
internal import MongoProtocol

/// Decides whether a user may run a command, by the user's roles.
enum CommandGuard {
    /// Checks a command of somebody who may not have logged in.
    /// - Throws: ``MongoError`` `Unauthorized`.
    static func check(_ command: MongoCommand, _ user: User?) throws(MongoError) {
        let requirement = CommandPrivileges.requirement(of: command.name)
        if case .nothing = requirement { return }
        guard let user else {
            throw MongoError(.unauthorized, "Command \(command.name) requires authentication")
        }
        guard case .privilege(let privilege) = requirement else { return }
        for database in databases(of: command) {
            guard BuiltInRoles.allow(privilege, on: database, user.roles) else { throw refusal(command, database) }
        }
        for database in writtenDatabases(of: command) {
            guard BuiltInRoles.allow(.write, on: database, user.roles) else { throw refusal(command, database) }
        }
        // The users' documents hold what passwords are checked against.
        if command.database == "admin" || command.name == "bulkWrite", touchesUsers(command),
            !BuiltInRoles.allow(.manage, on: "admin", user.roles)
        {
            throw refusal(command, "admin")
        }
    }

    private static func refusal(_ command: MongoCommand, _ database: String) -> MongoError {
        MongoError(.unauthorized, "not authorized on \(database) to execute command '\(command.name)'")
    }

    /// The databases that a command needs its privilege on.
    private static func databases(of command: MongoCommand) -> [String] {
        switch command.name {
        case "renameCollection":
            [command.body["renameCollection"], command.body["to"]].map { database(ofNamespace: $0?.string) }
        case "bulkWrite":
            (command.documents("nsInfo")?.documents ?? []).map { database(ofNamespace: $0["ns"]?.string) }
        default: [command.database]
        }
    }

    private static func database(ofNamespace text: String?) -> String {
        String((text ?? "").prefix { $0 != "." })
    }

    /// The databases that the stages of a pipeline write to.
    private static func writtenDatabases(of command: MongoCommand) -> [String] {
        guard let pipeline = command.body["pipeline"]?.array ?? command.body[path: "explain.pipeline"]?.array else {
            return []
        }
        return pipeline.compactMap(\.document).compactMap { stage -> String? in
            if let out = stage["$out"] { return out.document?["db"]?.string ?? command.database }
            guard let merge = stage["$merge"] else { return nil }
            return merge.document?["into"]?.document?["db"]?.string ?? command.database
        }
    }

    /// Whether a command names the collection of the users, at any depth: a pipeline can join it from anywhere.
    private static func touchesUsers(_ command: MongoCommand) -> Bool {
        names(UserStore.collection, .document(command.body))
            || command.sequences.contains { sequence in
                sequence.identifier == "nsInfo"
                    && sequence.documents.contains { names(UserStore.collection, .document($0)) }
            }
    }

    private static func names(_ text: String, _ value: BSONValue) -> Bool {
        switch value {
        case .string(let found): found == text || found == "admin.\(text)"
        case .document(let document): document.contains { names(text, $0.value) }
        case .array(let array): array.contains { names(text, $0) }
        default: false
        }
    }
}
