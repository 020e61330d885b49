internal import MongoProtocol
internal import Synchronization

/// Who is logged in on which connection, and which logins are under way.
final class ConnectionLogins: Sendable {
    /// A login that has begun.
    struct Conversation: Sendable {
        let id: Int32
        let mechanism: ScramMechanism
        var server: ScramServer
        /// The user; nil where there is none of the name, of which the client learns nothing.
        let user: User?
        /// The name, for the log.
        let name: String
        /// Whether the last reply says that the login is done, without an empty exchange behind it.
        let skipsEmptyExchange: Bool
        /// Whether the proof was right, and the empty exchange is to come.
        var isVerified = false
    }

    private struct State {
        var user: User?
        var conversation: Conversation?
        var lastID: Int32 = 0
    }
    private let states = Mutex<[Int64: State]>([:])

    /// Who is logged in on a connection.
    func user(of connection: ConnectionContext) -> User? { states.withLock { $0[connection.id]?.user } }

    /// Logs a user in on a connection.
    func logIn(_ user: User, on connection: ConnectionContext) {
        states.withLock { $0[connection.id, default: State()].user = user }
    }

    /// Logs out whoever is logged in on a connection.
    func logOut(_ connection: ConnectionContext) { states.withLock { $0[connection.id]?.user = nil } }

    /// Forgets a connection.
    func forget(_ connection: ConnectionContext) { states.withLock { _ = $0.removeValue(forKey: connection.id) } }

    /// Takes a user's new document on every connection; nil logs the user out.
    func change(_ name: String, _ database: String, to user: User?) {
        states.withLock { states in
            for (id, state) in states where state.user?.name == name && state.user?.database == database {
                states[id]?.user = user
            }
        }
    }

    /// Logs out all users of a database.
    func logOutAll(of database: String) {
        states.withLock { states in
            for (id, state) in states where state.user?.database == database { states[id]?.user = nil }
        }
    }

    /// The number of the next conversation of a connection.
    func nextID(_ connection: ConnectionContext) -> Int32 {
        states.withLock { states in
            states[connection.id, default: State()].lastID &+= 1
            return states[connection.id]?.lastID ?? 1
        }
    }

    /// Keeps a conversation until its next message; nil ends it.
    func keep(_ conversation: Conversation?, on connection: ConnectionContext) {
        states.withLock { $0[connection.id, default: State()].conversation = conversation }
    }

    /// Takes the conversation of a connection out.
    func take(_ connection: ConnectionContext) -> Conversation? {
        states.withLock { states in
            let conversation = states[connection.id]?.conversation
            states[connection.id]?.conversation = nil
            return conversation
        }
    }
}
