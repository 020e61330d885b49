internal import BSON
internal import MongoProtocol

/// The fields that the commands about one user share.
struct UserCommand {
    /// The command.
    let command: MongoCommand
    /// The user's name.
    let name: String
    /// The database the user is of.
    var database: String { command.database }

    init(_ command: MongoCommand) throws(MongoError) {
        guard let name = command.body[command.name]?.string else {
            throw MongoError(.typeMismatch, "\(command.name) needs the user's name as a string")
        }
        guard !name.isEmpty, !name.contains("\0") else {
            throw MongoError(.badValue, "User document needs 'user' field to be non-empty")
        }
        self.command = command
        self.name = name
    }

    /// The roles, each of which must exist; nil where the command has none.
    func roles() throws(MongoError) -> [UserRole]? {
        guard let value = command.body["roles"] else { return nil }
        guard let list = value.array else { throw MongoError(.typeMismatch, "'roles' must be an array") }
        var roles: [UserRole] = []
        for item in list {
            let role = try UserRole(item, in: database)
            guard BuiltInRoles.exists(role) else {
                throw MongoError(.roleNotFound, "Could not find role: \(role.name)@\(role.database)")
            }
            if !roles.contains(role) { roles.append(role) }
        }
        return roles
    }

    /// The mechanisms that the command names; nil where it names none.
    func mechanisms() throws(MongoError) -> [ScramMechanism]? {
        guard let value = command.body["mechanisms"] else { return nil }
        guard let list = value.array, !list.isEmpty else {
            throw MongoError(.badValue, "mechanisms field must not be empty")
        }
        var mechanisms: [ScramMechanism] = []
        for item in list {
            guard let mechanism = ScramMechanism(rawValue: item.string ?? "") else {
                throw MongoError(.badValue, "Unknown auth mechanism '\(item.string ?? "\(item)")'")
            }
            if !mechanisms.contains(mechanism) { mechanisms.append(mechanism) }
        }
        return mechanisms
    }

    /// What is stored of the password the command has; nil where it has none. Takes some ten milliseconds.
    /// - Parameter present: The mechanisms the user has already, which a new password keeps.
    func credentials(present: [ScramMechanism]?) throws(MongoError) -> BSONDocument? {
        guard let value = command.body["pwd"] else { return nil }
        guard let password = value.string else { throw MongoError(.typeMismatch, "'pwd' must be a string") }
        guard !password.isEmpty else { throw MongoError(.badValue, "Password cannot be empty") }
        // A client that digests passwords itself sends what SCRAM-SHA-1 starts from.
        let isDigested = command.body["digestPassword"]?.bool == false
        let named = try mechanisms()
        if isDigested, named?.contains(.sha256) ?? false {
            throw MongoError(.badValue, "Use of SCRAM-SHA-256 requires undigested passwords")
        }
        var fields: [(String, BSONValue)] = []
        for mechanism in named ?? (isDigested ? [.sha1] : present ?? ScramMechanism.allCases) {
            let prepared: [UInt8]
            do {
                prepared = isDigested ? Array(password.utf8) : try mechanism.prepare(password: password, of: name)
            } catch {
                throw MongoError(.badValue, error.message)
            }
            fields.append((mechanism.rawValue, .document(ScramCredential(mechanism, password: prepared).document)))
        }
        return BSONDocument(fields: fields)
    }

    /// The free document that goes with a user; nil where the command has none.
    func customData() throws(MongoError) -> BSONDocument? {
        guard let value = command.body["customData"] else { return nil }
        guard let document = value.document else { throw MongoError(.typeMismatch, "'customData' must be a document") }
        return document
    }
}
