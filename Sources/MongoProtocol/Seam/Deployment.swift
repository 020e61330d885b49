public import BSON

/// What a client talks to: a server or a set of them over the network, or an engine in the process.
///
/// This is the client's half of the seam. Selection, retries and monitoring live behind it; sessions' state is handed
/// through as values.
public protocol Deployment: Sendable {
    /// Runs an operation and gives its reply.
    /// - Throws: ``MongoError`` where the reply is an error, the deadline passes or no server can be reached;
    ///   `CancellationError` where the task is cancelled.
    ///
    /// Runs where the caller does: a deployment that has the answer at hand gives it without a change of threads.
    nonisolated(nonsending) func run(_ operation: MongoOperation) async throws -> BSONDocument

    /// What is known of the deployment's servers.
    nonisolated(nonsending) var topology: TopologyDescription { get async }

    /// Whether the deployment tells of commands itself; where it does not, the client does.
    var emitsCommandEvents: Bool { get }

    /// Whether all of a reply was checked, so that it can be read without fear. Where it was not, the documents of a
    /// cursor's batch were not, if ``MongoOperation/leavesBatches`` says so: whoever reads one checks it.
    var checksBatches: Bool { get }

    /// Ends monitoring and gives back what the deployment holds. Later operations throw.
    nonisolated(nonsending) func close() async
}

extension Deployment {
    /// The client tells of commands.
    public var emitsCommandEvents: Bool { false }
    /// All of a reply was checked.
    public var checksBatches: Bool { true }
}

/// A command with what a deployment needs to route and to repeat it.
public struct MongoOperation: Sendable {
    /// When a command may be sent a second time after a network error.
    public enum Retryability: Sendable, Hashable {
        case never, read, write
    }
    /// The command.
    public var command: MongoCommand
    /// Which members may answer.
    public var readPreference: ReadPreference
    /// Whether it may be repeated.
    public var retryability: Retryability
    /// The session it runs under.
    public var session: SessionContext?
    /// When it must have ended; nil for no limit.
    public var deadline: ContinuousClock.Instant? {
        get { end.map { Self.origin.advanced(by: $0) } }
        set { end = newValue.map { Self.origin.duration(to: $0) } }
    }
    /// Whether it must have ended at some time.
    package var hasDeadline: Bool { end != nil }
    /// Take the events of its commands, beside the deployment's own listeners, where the deployment tells of commands.
    public var listeners: [CommandListener] = []
    /// Whether the caller checks the documents of a cursor's batch as it reads them.
    package var leavesBatches = false
    // The layout of an instant is the library's own affair: each copy of an operation that held one would ask for it.
    private var end: Duration?
    private static let origin = ContinuousClock.now

    /// Makes an operation.
    public init(
        _ command: MongoCommand, readPreference: ReadPreference = .primary, retryability: Retryability = .never,
        session: SessionContext? = nil, deadline: ContinuousClock.Instant? = nil
    ) {
        self.command = command
        self.readPreference = readPreference
        self.retryability = retryability
        self.session = session
        if let deadline { end = Self.origin.duration(to: deadline) }
    }
}

/// What is known of a deployment.
public struct TopologyDescription: Sendable, Hashable {
    /// What kind of deployment it is.
    public enum Kind: String, Sendable, Hashable {
        case unknown = "Unknown"
        case single = "Single"
        case replicaSetNoPrimary = "ReplicaSetNoPrimary"
        case replicaSetWithPrimary = "ReplicaSetWithPrimary"
        case sharded = "Sharded"
        case loadBalanced = "LoadBalanced"
        case embedded = "Embedded"
    }
    /// The kind.
    public var kind: Kind
    /// The servers' addresses, `host:port`; empty in process.
    public var addresses: [String]
    /// Makes a description.
    public init(_ kind: Kind, addresses: [String] = []) {
        self.kind = kind
        self.addresses = addresses
    }
}
