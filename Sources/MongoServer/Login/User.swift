internal import BSON
internal import MongoProtocol

/// A role of a user on a database.
struct UserRole: Sendable, Hashable {
    /// The role's name, such as `readWrite`.
    let name: String
    /// The database it is for.
    let database: String

    /// The role as user documents hold it.
    var document: BSONValue { ["role": .string(name), "db": .string(database)] }

    init(name: String, database: String) {
        self.name = name
        self.database = database
    }

    /// Reads a role of a command or a user document: a name, which is for the command's database, or both in a document.
    init(_ value: BSONValue, in database: String) throws(MongoError) {
        if let name = value.string {
            self.init(name: name, database: database)
        } else if let name = value.document?["role"]?.string, let database = value.document?["db"]?.string {
            self.init(name: name, database: database)
        } else {
            throw MongoError(.badValue, "Role names must be either strings or objects")
        }
    }
}

/// A user as the server keeps it: a document of `admin.system.users`, laid out as MongoDB does.
struct User: Sendable {
    /// The document.
    let document: BSONDocument
    /// The name.
    let name: String
    /// The database the user was made in.
    let database: String
    /// What the user may do.
    let roles: Set<UserRole>

    /// Reads a user; nil where the document is none.
    init?(_ document: BSONDocument) {
        guard let name = document["user"]?.string, let database = document["db"]?.string else { return nil }
        self.document = document
        self.name = name
        self.database = database
        let list = document["roles"]?.array ?? []
        roles = Set(list.compactMap { try? UserRole($0, in: database) })
    }

    /// The key of a user.
    static func id(_ name: String, _ database: String) -> String { "\(database).\(name)" }

    /// The user as a handler of commands sees it.
    var authenticated: AuthenticatedUser { AuthenticatedUser(name: name, database: database) }

    /// What is stored of the password for a mechanism; nil where the user does not log in with it.
    func credential(_ mechanism: ScramMechanism) -> ScramCredential? {
        document["credentials"]?.document?[mechanism.rawValue]?.document.flatMap { ScramCredential($0) }
    }

    /// The mechanisms the user can log in with.
    var mechanisms: [ScramMechanism] { ScramMechanism.allCases.filter { credential($0) != nil } }

    /// The user as `usersInfo` tells of it.
    func description(showsCredentials: Bool) -> BSONDocument {
        var fields: [(String, BSONValue)] = document.compactMap { key, value in
            key == "credentials" && !showsCredentials ? nil : (key, value)
        }
        fields.append(("mechanisms", .array(BSONArray(mechanisms.map { .string($0.rawValue) }))))
        return BSONDocument(fields: fields)
    }
}
