internal import BSON
internal import Logging
internal import MongoProtocol

extension LoginHandler {
    /// `createUser`.
    func createUser(_ command: UserCommand, _ context: CommandContext) async throws -> BSONDocument {
        try await admitCreation(command, context)
        guard let roles = try command.roles() else {
            throw MongoError(.missingField, "BSON field 'createUser.roles' is missing but a required field")
        }
        guard let credentials = try command.credentials(present: nil) else {
            throw MongoError(
                .badValue,
                "Must provide a 'pwd' field for all user documents, except those with '$external' as the user's source db"
            )
        }
        var fields: [(String, BSONValue)] = [
            ("_id", .string(User.id(command.name, command.database))),
            ("userId", .binary(BSONBinary(subtype: .uuid, bytes: Self.newUUID()))),
            ("user", .string(command.name)), ("db", .string(command.database)),
            ("credentials", .document(credentials)),
        ]
        if let custom = try command.customData() { fields.append(("customData", .document(custom))) }
        fields.append(("roles", .array(BSONArray(roles.map(\.document)))))
        try await users.insert(BSONDocument(fields: fields), context)
        logger.info("user created", metadata: ["user": "\(command.name)@\(command.database)"])
        return LoginCommandTable.ok
    }

    /// Lets whoever may make users make one, and somebody on the same machine the first one.
    private func admitCreation(_ command: UserCommand, _ context: CommandContext) async throws {
        do {
            _ = try admit(command.command, context)
        } catch {
            guard logins.user(of: context.connection) == nil, command.database == "admin",
                Self.isLocal(context.connection), try await users.isEmpty(context)
            else { throw error }
        }
    }

    private static func isLocal(_ connection: ConnectionContext) -> Bool {
        guard let address = connection.remoteAddress else { return true }
        return address.hasPrefix("127.") || address.hasPrefix("[::1]") || address.hasPrefix("[::ffff:127.")
    }

    /// A random UUID (RFC 9562, version 4).
    private static func newUUID() -> [UInt8] {
        var bytes = ScramMechanism.randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes
    }

    /// `updateUser`.
    func updateUser(_ command: UserCommand, _ context: CommandContext) async throws -> BSONDocument {
        _ = try admit(command.command, context)
        guard let present = try await users.user(command.name, command.database, context) else {
            throw UserStore.notFound(command.name, command.database)
        }
        var fields: [(String, BSONValue)] = []
        if let credentials = try command.credentials(present: present.mechanisms) {
            fields.append(("credentials", .document(credentials)))
        } else if let mechanisms = try command.mechanisms() {
            let kept = try mechanisms.map { mechanism throws(MongoError) -> (String, BSONValue) in
                guard let credential = present.credential(mechanism) else {
                    throw MongoError(.badValue, "mechanisms field must be a subset of previously set mechanisms")
                }
                return (mechanism.rawValue, .document(credential.document))
            }
            fields.append(("credentials", .document(BSONDocument(fields: kept))))
        }
        if let roles = try command.roles() { fields.append(("roles", .array(BSONArray(roles.map(\.document))))) }
        if let custom = try command.customData() { fields.append(("customData", .document(custom))) }
        guard !fields.isEmpty else {
            throw MongoError(.badValue, "Must specify at least one field to update in updateUser")
        }
        try await users.update(
            command.name, command.database, ["$set": .document(BSONDocument(fields: fields))], context)
        return try await changed(command, context)
    }

    /// `grantRolesToUser` and `revokeRolesFromUser`.
    func changeRoles(_ command: UserCommand, adds: Bool, _ context: CommandContext) async throws -> BSONDocument {
        _ = try admit(command.command, context)
        guard let roles = try command.roles(), !roles.isEmpty else {
            throw MongoError(.badValue, "\(command.command.name) command requires a non-empty \"roles\" array")
        }
        let list = BSONValue.array(BSONArray(roles.map(\.document)))
        let change: BSONDocument =
            adds ? ["$addToSet": ["roles": ["$each": list]]] : ["$pullAll": ["roles": list]]
        try await users.update(command.name, command.database, change, context)
        return try await changed(command, context)
    }

    /// Makes connections see a user's new roles at once.
    private func changed(_ command: UserCommand, _ context: CommandContext) async throws -> BSONDocument {
        let user = try await users.user(command.name, command.database, context)
        logins.change(command.name, command.database, to: user)
        return LoginCommandTable.ok
    }

    /// `dropUser`.
    func dropUser(_ command: UserCommand, _ context: CommandContext) async throws -> BSONDocument {
        _ = try admit(command.command, context)
        let filter: BSONDocument = ["_id": .string(User.id(command.name, command.database))]
        guard try await users.remove(filter, context) > 0 else {
            throw UserStore.notFound(command.name, command.database)
        }
        logins.change(command.name, command.database, to: nil)
        logger.info("user dropped", metadata: ["user": "\(command.name)@\(command.database)"])
        return LoginCommandTable.ok
    }

    /// `dropAllUsersFromDatabase`.
    func dropAllUsers(_ command: MongoCommand, _ context: CommandContext) async throws -> BSONDocument {
        _ = try admit(command, context)
        let count = try await users.remove(["db": .string(command.database)], context)
        logins.logOutAll(of: command.database)
        return ["n": .int(count), "ok": 1.0]
    }

    /// `usersInfo`: users may ask for themselves, and those who make users for all.
    func usersInfo(_ command: MongoCommand, _ context: CommandContext) async throws -> BSONDocument {
        _ = try admit(command, context)
        let asked = try UserFilter(command)
        if isRequired, let user = logins.user(of: context.connection) {
            let isOwn = asked.names == [UserFilter.Name(name: user.name, database: user.database)]
            let databases = asked.isForAll ? ["admin"] : asked.databases
            let isAllowed = databases.allSatisfy { BuiltInRoles.allow(.administerUsers, on: $0, user.roles) }
            guard isOwn || isAllowed else {
                throw MongoError(.unauthorized, "not authorized on \(command.database) to execute command 'usersInfo'")
            }
        }
        let showsCredentials = command.body["showCredentials"]?.bool ?? false
        let found = try await users.users(asked.filter, context)
        return [
            "users": .array(
                BSONArray(found.map { .document($0.description(showsCredentials: showsCredentials)) })),
            "ok": 1.0,
        ]
    }

    /// `connectionStatus`.
    func connectionStatus(_ command: MongoCommand, _ context: CommandContext) -> BSONDocument {
        let user = logins.user(of: context.connection)
        let names: [BSONValue] = user.map { [["user": .string($0.name), "db": .string($0.database)]] } ?? []
        let roles: [BSONValue] = user?.document["roles"]?.array.map { Array($0) } ?? []
        var info: [(String, BSONValue)] = [
            ("authenticatedUsers", .array(BSONArray(names))), ("authenticatedUserRoles", .array(BSONArray(roles))),
        ]
        if command.body["showPrivileges"]?.bool == true { info.append(("authenticatedUserPrivileges", [])) }
        return ["authInfo": .document(BSONDocument(fields: info)), "ok": 1.0]
    }
}

/// Which users a `usersInfo` asks for.
private struct UserFilter {
    /// A user's name with its database.
    struct Name: Hashable {
        let name: String
        let database: String
    }
    /// The users that are named; nil where all of a database, or of all, are asked for.
    var names: Set<Name>?
    /// Whether the users of all databases are asked for.
    var isForAll = false
    /// The databases of the users.
    private(set) var databases: Set<String>
    /// The filter for the users' documents.
    private(set) var filter: BSONDocument

    init(_ command: MongoCommand) throws(MongoError) {
        let value = command.body["usersInfo"] ?? .null
        databases = [command.database]
        if value.int64 == 1 {
            filter = ["db": .string(command.database)]
        } else if value.document?["forAllDBs"]?.bool == true {
            isForAll = true
            filter = [:]
        } else {
            var names: Set<Name> = []
            for item in value.array.map({ Array($0) }) ?? [value] {
                if let name = item.string {
                    names.insert(Name(name: name, database: command.database))
                } else if let name = item.document?["user"]?.string, let database = item.document?["db"]?.string {
                    names.insert(Name(name: name, database: database))
                } else {
                    throw MongoError(
                        .badValue, "usersInfo takes a name, {user, db}, an array of them, 1 or {forAllDBs: true}")
                }
            }
            self.names = names
            databases = Set(names.map(\.database))
            let ids = names.map { BSONValue.string(User.id($0.name, $0.database)) }
            filter = ["_id": ["$in": .array(BSONArray(ids))]]
        }
        if let more = command.body["filter"]?.document, !more.isEmpty {
            filter = ["$and": [.document(filter), .document(more)]]
        }
    }
}
