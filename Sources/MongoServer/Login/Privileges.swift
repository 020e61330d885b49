internal import MongoProtocol

/// What a command needs its user to be allowed on a database.
enum Privilege: Sendable, Hashable, CaseIterable {
    /// To see documents, collections and indexes.
    case read
    /// To change documents, collections and indexes.
    case write
    /// To change what collections are, and to drop databases.
    case administer
    /// To make and change users.
    case administerUsers
    /// To see how the server is.
    case monitor
    /// To change how the server runs.
    case manage
}

/// MongoDB's built-in roles (its manual, "Built-In Roles"), a row each.
enum BuiltInRoles {
    private struct Role {
        let privileges: Set<Privilege>
        /// Whether they hold on every database; such roles are of the database `admin` only.
        var isForAll = false
    }

    private static let owner: Set<Privilege> = [.read, .write, .administer, .administerUsers]
    private static let rows: [String: Role] = [
        "read": Role(privileges: [.read]),
        "readWrite": Role(privileges: [.read, .write]),
        "dbAdmin": Role(privileges: [.read, .administer]),
        "userAdmin": Role(privileges: [.administerUsers]),
        "dbOwner": Role(privileges: owner),
        "readAnyDatabase": Role(privileges: [.read], isForAll: true),
        "readWriteAnyDatabase": Role(privileges: [.read, .write], isForAll: true),
        "dbAdminAnyDatabase": Role(privileges: [.read, .administer], isForAll: true),
        "userAdminAnyDatabase": Role(privileges: [.administerUsers], isForAll: true),
        "backup": Role(privileges: [.read, .monitor], isForAll: true),
        "restore": Role(privileges: [.write, .administer, .administerUsers], isForAll: true),
        "clusterMonitor": Role(privileges: [.monitor], isForAll: true),
        "hostManager": Role(privileges: [.monitor, .manage], isForAll: true),
        "clusterManager": Role(privileges: [.monitor, .manage], isForAll: true),
        "clusterAdmin": Role(privileges: [.monitor, .manage, .administer], isForAll: true),
        "root": Role(privileges: Set(Privilege.allCases), isForAll: true),
    ]

    /// Whether a role can be given.
    static func exists(_ role: UserRole) -> Bool {
        guard let row = rows[role.name] else { return false }
        return !row.isForAll || role.database == "admin"
    }

    /// Whether roles allow anything at all on a database.
    static func knows(_ database: String, _ roles: Set<UserRole>) -> Bool {
        roles.contains { rows[$0.name]?.isForAll == true || $0.database == database }
    }

    /// Whether roles allow something on a database.
    static func allow(_ privilege: Privilege, on database: String, _ roles: Set<UserRole>) -> Bool {
        roles.contains { role in
            guard let row = rows[role.name], row.privileges.contains(privilege) else { return false }
            // What concerns the server as a whole comes by roles of all databases only.
            return row.isForAll ? role.database == "admin" : role.database == database
        }
    }
}

/// What each command needs, a row each.
enum CommandPrivileges {
    /// What it takes to run a command.
    enum Requirement: Sendable {
        /// Nothing, not even a login.
        case nothing
        /// A login.
        case login
        /// A privilege on the command's database.
        case privilege(Privilege)
    }

    /// The commands that have a row.
    static var names: Set<String> { Set(rows.keys) }

    /// What a command needs; one that is not known needs the most.
    static func requirement(of command: String) -> Requirement { rows[command] ?? .privilege(.manage) }

    private static let rows: [String: Requirement] = {
        var rows: [String: Requirement] = [:]
        func add(_ names: String, _ requirement: Requirement) {
            for name in names.split(separator: " ") { rows[String(name)] = requirement }
        }
        add("hello isMaster ismaster ping buildInfo buildinfo saslStart saslContinue authenticate getnonce", .nothing)
        add("logout connectionStatus whatsmyuri endSessions listCommands", .nothing)
        add("getMore killCursors startSession refreshSessions killSessions listDatabases", .login)
        add("abortTransaction commitTransaction usersInfo", .login)
        add("find count distinct aggregate explain listCollections listIndexes", .privilege(.read))
        add("dbStats dbstats collStats collstats dbHash dbhash dataSize", .privilege(.read))
        add("insert update delete findAndModify findandmodify bulkWrite create createIndexes", .privilege(.write))
        add("drop dropIndexes deleteIndexes renameCollection convertToCapped", .privilege(.write))
        add("collMod dropDatabase validate compact reIndex profile", .privilege(.administer))
        add("createUser updateUser dropUser dropAllUsersFromDatabase", .privilege(.administerUsers))
        add("grantRolesToUser revokeRolesFromUser", .privilege(.administerUsers))
        add("serverStatus getParameter getCmdLineOpts getLog hostInfo replSetGetStatus top", .privilege(.monitor))
        add("currentOp", .privilege(.monitor))
        return rows
    }()
}
