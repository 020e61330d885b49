internal import BSON
internal import MongoProtocol

/// A failure of an operation or of a handshake, as the topology has to know it.
struct ServerFailure: Sendable {
    /// What failed.
    enum Cause: Sendable {
        /// The connection broke.
        case network
        /// No answer came in time.
        case timeout
        /// The server refused the login.
        case authentication
        /// The server answered with an error.
        case reply(BSONDocument)
    }
    var address: ServerAddress
    var cause: Cause
    /// The pool's generation when the connection was made.
    var generation: Int
    /// Whether the connection had been set up.
    var handshakeCompleted: Bool
    /// The wire version of the connection.
    var maxWireVersion: Int
    /// What to tell of it.
    var message = ""
}

/// What a failure asks for beside the new description.
struct FailureEffect: Sendable, Hashable {
    /// Whether the server's pool has to be cleared.
    var clearsPool = false
    /// Whether the server has to be looked at at once.
    var requestsCheck = false
}

extension Topology {
    /// Takes the failure of an operation ("Application errors" of the specification).
    /// - Parameter poolGeneration: The generation that the server's pool has now.
    mutating func update(
        _ failure: ServerFailure, poolGeneration: Int
    ) -> (events: [TopologyEvent], effect: FailureEffect) {
        guard let known = snapshot.servers[failure.address], failure.generation >= poolGeneration else {
            return ([], FailureEffect())
        }
        switch failure.cause {
        case .network:
            // Before the handshake's end a cut may be the server's defence against too many clients: its monitor, which
            // meets the same server, decides what has become of it.
            guard failure.handshakeCompleted else { return ([], FailureEffect()) }
            return markUnknown(failure, nil, FailureEffect(clearsPool: true))
        case .timeout: return ([], FailureEffect())
        case .authentication: return markUnknown(failure, nil, FailureEffect(clearsPool: true))
        case .reply(let reply):
            guard reply["ok"]?.double != 1, let change = ServerStateChange(reply) else { return ([], FailureEffect()) }
            let version = TopologyVersion(reply["topologyVersion"]?.document)
            if TopologyVersion.isStale(version, against: known.topologyVersion) { return ([], FailureEffect()) }
            let clears = change == .shuttingDown || failure.maxWireVersion < 8
            return markUnknown(failure, version, FailureEffect(clearsPool: clears, requestsCheck: true))
        }
    }

    private mutating func markUnknown(
        _ failure: ServerFailure, _ version: TopologyVersion?, _ effect: FailureEffect
    ) -> (events: [TopologyEvent], effect: FailureEffect) {
        guard kind != .loadBalanced else { return ([], effect) }
        let events = update(
            ServerDescription(unknown: failure.address, error: failure.message, topologyVersion: version))
        return (events, effect)
    }
}

/// Errors by which a server tells that it is no longer what it was.
enum ServerStateChange: Sendable, Hashable {
    case notWritablePrimary, recovering, shuttingDown

    /// Reads an error reply; nil for other errors. Words count only where there is no number.
    init?(_ reply: BSONDocument) {
        self.init(code: reply["code"]?.int64, message: reply["errmsg"]?.string ?? "")
    }

    init?(code: Int64?, message: String) {
        if let code {
            switch code {
            case 11600, 91: self = .shuttingDown
            case 11602, 13436, 189: self = .recovering
            case 10107, 13435, 10058: self = .notWritablePrimary
            default: return nil
            }
        } else if message.contains("not master or secondary") || message.contains("node is recovering") {
            self = .recovering
        } else if message.contains("not master") {
            self = .notWritablePrimary
        } else {
            return nil
        }
    }
}
