public import Logging
public import MongoProtocol
public import Tracing

/// How a driver finds its servers, and how it treats them.
public struct DriverOptions: Sendable {
    /// The servers to ask first.
    public var seeds: [ServerAddress]
    /// Where the seeds were listed, to be looked at again; nil where the application names them.
    public var seedlist: SeedlistSource?
    /// The replica set's name, where only its members are to be used.
    public var replicaSet: String?
    /// Whether the one seed is used whatever it is.
    public var directConnection = false
    /// Whether the seed is a load balancer.
    public var loadBalanced = false

    /// The pool of each server.
    public var pool = PoolOptions()
    /// How servers are watched.
    public var monitor = MonitorOptions()
    /// How connections are encrypted, where they are.
    public var tls = TLSOptions()
    /// Who logs in, and how; nil for nobody.
    public var credential: MongoCredential?
    /// The application's name, which servers put into their logs.
    public var applicationName: String?

    /// How long a connection may take to be opened, or to answer the handshake.
    public var connectTimeout: Duration = .seconds(10)
    /// How long an answer may take; nil for as long as the operation's own deadline allows.
    public var socketTimeout: Duration?
    /// How long an operation waits for a server that can run it.
    public var serverSelectionTimeout: Duration = .seconds(30)
    /// How much slower than the fastest a server may be.
    public var localThreshold: Duration = .milliseconds(15)
    /// Whether reads are repeated after errors that pass.
    public var retryReads = true
    /// Whether writes are repeated after errors that pass.
    public var retryWrites = true

    /// Take the events of commands as they go over the wire, retries included.
    public var commandListeners: [CommandListener] = []
    /// Take the events of pools.
    public var poolListeners: [PoolListener] = []
    /// Take the events of the deployment's state.
    public var topologyListeners: [TopologyListener] = []
    /// What takes the spans of operations; nil for the process's tracer.
    public var tracer: (any Tracer)?
    /// Where the driver logs to.
    public var logger = Logger(label: "nectar.driver")

    /// Makes options.
    public init(seeds: [ServerAddress]) { self.seeds = seeds }
}

/// How servers are watched.
public struct MonitorOptions: Sendable, Hashable {
    /// Whether servers tell of changes, or are asked from time to time.
    public enum Mode: String, Sendable, Hashable {
        /// They tell, where they can.
        case auto
        /// They tell, where they can.
        case stream
        /// They are asked.
        case poll
    }
    /// How often a server is asked for its state.
    public var heartbeatFrequency: Duration
    /// Whether servers tell of changes.
    public var mode: Mode

    /// The least time between two questions.
    static let minimumInterval: Duration = .milliseconds(500)

    /// Makes options.
    public init(heartbeatFrequency: Duration = .seconds(10), mode: Mode = .auto) {
        self.heartbeatFrequency = max(heartbeatFrequency, Self.minimumInterval)
        self.mode = mode
    }
}
