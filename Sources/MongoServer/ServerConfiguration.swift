public import Logging

/// How a server listens.
public struct ServerConfiguration: Sendable {
    /// The address to listen on, a name or a number.
    public var host: String
    /// The port to listen on; 0 picks a free one.
    public var port: Int
    /// How many connections may be open at a time; further ones are closed at once.
    public var maximumConnections: Int
    /// How many messages of a connection may wait while one is being answered; then reading pauses.
    public var maximumQueuedMessages: Int
    /// How long commands may run on while the server stops.
    public var shutdownGracePeriod: Duration
    /// How many threads do the network's work; nil for one a core.
    public var threads: Int?
    /// How connections are encrypted; nil for not at all.
    public var tls: ServerTLS?
    /// Where the server logs to.
    public var logger: Logger

    /// Makes a configuration.
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 picks a free one.
    ///   - maximumConnections: How many connections may be open at a time.
    ///   - maximumQueuedMessages: How many messages of a connection may wait while one is being answered.
    ///   - shutdownGracePeriod: How long commands may run on while the server stops.
    ///   - threads: How many threads do the network's work; nil for one a core.
    ///   - tls: How connections are encrypted; nil for not at all.
    ///   - logger: Where the server logs to.
    public init(
        host: String = "127.0.0.1", port: Int = 27017, maximumConnections: Int = 10_000,
        maximumQueuedMessages: Int = 64, shutdownGracePeriod: Duration = .seconds(5), threads: Int? = nil,
        tls: ServerTLS? = nil, logger: Logger = Logger(label: "nectar.server")
    ) {
        self.host = host
        self.port = port
        self.maximumConnections = maximumConnections
        self.maximumQueuedMessages = maximumQueuedMessages
        self.shutdownGracePeriod = shutdownGracePeriod
        self.threads = threads
        self.tls = tls
        self.logger = logger
    }
}
