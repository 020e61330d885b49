public import BSON
public import MongoProtocol

/// What the last answer of a server, or the failure to get one, tells of it.
///
/// Follows the driver specification "Server Discovery and Monitoring"; two descriptions are equal where what matters to
/// selection is, whatever their age and their round-trip time.
public struct ServerDescription: Sendable {
    /// What a server is, by the specification's names.
    public enum Kind: String, Sendable, Hashable {
        case unknown = "Unknown"
        case standalone = "Standalone"
        case mongos = "Mongos"
        case primary = "RSPrimary"
        case secondary = "RSSecondary"
        case arbiter = "RSArbiter"
        case other = "RSOther"
        case ghost = "RSGhost"
        case loadBalancer = "LoadBalancer"
    }

    /// Where the server is.
    public let address: ServerAddress
    /// What it is.
    public internal(set) var kind: Kind
    /// Why it is unknown.
    public internal(set) var error: String?
    /// Which of the server's changes the answer knows of.
    public internal(set) var topologyVersion: TopologyVersion?

    /// The average time of a round trip; nil before the first.
    public internal(set) var roundTripTime: Duration?
    /// When the description was made.
    public internal(set) var lastUpdate: ContinuousClock.Instant?
    /// When the server last wrote, by its own clock, in milliseconds since 1970.
    public internal(set) var lastWrite: BSONDate?

    /// The oldest wire version the server speaks.
    public internal(set) var minWireVersion = 0
    /// The newest wire version the server speaks.
    public internal(set) var maxWireVersion = 0
    /// The largest document, in bytes.
    public internal(set) var maxDocumentSize = 16 * 1024 * 1024
    /// The largest message, in bytes.
    public internal(set) var maxMessageSize = 48_000_000
    /// The most statements of one write command.
    public internal(set) var maxWriteBatchSize = 100_000
    /// How long a session lives unused, in minutes; nil where the server knows no sessions.
    public internal(set) var logicalSessionTimeoutMinutes: Int?

    /// The replica set's name.
    public internal(set) var setName: String?
    /// The version of the replica set's configuration.
    public internal(set) var setVersion: Int64?
    /// The election that made this server primary.
    public internal(set) var electionID: ObjectID?
    /// Who the server says is primary.
    public internal(set) var primary: ServerAddress?
    /// The server's own name for itself.
    public internal(set) var me: ServerAddress?
    /// The members that may become primary.
    public internal(set) var hosts: [ServerAddress] = []
    /// The members that hold data and never become primary.
    public internal(set) var passives: [ServerAddress] = []
    /// The members without data.
    public internal(set) var arbiters: [ServerAddress] = []
    /// The server's tags.
    public internal(set) var tags: [String: String] = [:]

    /// A server that nothing is known of.
    public init(unknown address: ServerAddress, error: String? = nil, topologyVersion: TopologyVersion? = nil) {
        self.address = address
        kind = .unknown
        self.error = error
        self.topologyVersion = topologyVersion
    }

    /// All members that the server names.
    var peers: [ServerAddress] { hosts + passives + arbiters }

    /// Whether the server holds documents that can be read.
    public var isDataBearing: Bool {
        switch kind {
        case .standalone, .mongos, .primary, .secondary, .loadBalancer: true
        case .unknown, .arbiter, .other, .ghost: false
        }
    }
}

extension ServerDescription: Hashable {
    /// Whether both tell the same, their age aside.
    public static func == (a: Self, b: Self) -> Bool {
        a.address == b.address && a.kind == b.kind && a.error == b.error && a.topologyVersion == b.topologyVersion
            && a.minWireVersion == b.minWireVersion && a.maxWireVersion == b.maxWireVersion
            && a.logicalSessionTimeoutMinutes == b.logicalSessionTimeoutMinutes && a.setName == b.setName
            && a.setVersion == b.setVersion && a.electionID == b.electionID && a.primary == b.primary && a.me == b.me
            && a.hosts == b.hosts && a.passives == b.passives && a.arbiters == b.arbiters && a.tags == b.tags
    }

    /// Hashes what tells servers apart most often.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(kind)
        hasher.combine(setVersion)
    }
}

/// How far a server's idea of its deployment has come: comparable as long as its process lives.
public struct TopologyVersion: Sendable, Hashable {
    /// The server's process.
    public let processID: ObjectID
    /// Counts the changes that the process has seen.
    public let counter: Int64

    /// Reads `topologyVersion` of a reply.
    init?(_ document: BSONDocument?) {
        guard let document, let processID = document["processId"]?.objectID, let counter = document["counter"]?.int64
        else { return nil }
        self.processID = processID
        self.counter = counter
    }

    /// How `hello` sends it.
    var document: BSONDocument { ["processId": .objectID(processID), "counter": .int64(counter)] }

    /// Whether `a` is known to be older than `b`; false where that cannot be told.
    static func isOlder(_ a: TopologyVersion?, than b: TopologyVersion?) -> Bool {
        guard let a, let b, a.processID == b.processID else { return false }
        return a.counter < b.counter
    }

    /// Whether `a` is known to tell no more than `b`.
    static func isStale(_ a: TopologyVersion?, against b: TopologyVersion?) -> Bool {
        guard let a, let b, a.processID == b.processID else { return false }
        return a.counter <= b.counter
    }
}
