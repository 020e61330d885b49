internal import Logging
public import MongoProtocol
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization

/// Serves any ``CommandHandler`` over MongoDB's wire protocol.
///
/// Each connection is a channel handler on an event loop; commands that the handler does not answer at once run in a
/// task of their own. Bytes that are no message close their connection and no other.
public final class MongoServer: Service {
    private let configuration: ServerConfiguration
    private let handler: any CommandHandler
    private let onListening: @Sendable (ServerAddress) async -> Void
    private let address = Mutex<ServerAddress?>(nil)

    /// Makes a server, which listens once ``run()`` is called.
    /// - Parameters:
    ///   - configuration: Where to listen and how much to take.
    ///   - handler: What answers the commands.
    ///   - onListening: Is called when connections are taken, with the address, in which port 0 has become a real one.
    public init(
        configuration: ServerConfiguration, handler: any CommandHandler,
        onListening: @escaping @Sendable (ServerAddress) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.handler = handler
        self.onListening = onListening
    }

    /// Where the server listens; nil before and after.
    public var localAddress: ServerAddress? { address.withLock { $0 } }

    /// Listens and serves until the task is cancelled or the service group shuts down gracefully.
    ///
    /// Stopping takes no more connections, lets running commands end for the grace period, and closes.
    /// - Throws: ``ServerStartError`` where the address cannot be listened on.
    public func run() async throws {
        LargeBlocks.areKept
        let threads = configuration.threads ?? System.coreCount
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(threads, 1))
        do {
            try await serve(on: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        let connections = ConnectionRegistry(limit: configuration.maximumConnections, logger: configuration.logger)
        let listener = try await bind(on: group, connections)
        guard let local = ServerAddress(listener.localAddress) else {
            try? await listener.close()
            throw ServerStartError(description: "the system gave the listening socket no address")
        }
        address.withLock { $0 = local }
        defer { address.withLock { $0 = nil } }
        configuration.logger.info("listening", metadata: ["address": "\(local)"])
        await onListening(local)

        // Ends by graceful shutdown or by cancellation; both stop the server in the same way.
        try? await gracefulShutdown()

        configuration.logger.info("stopping", metadata: ["connections": "\(connections.count)"])
        try? await listener.close()
        await connections.stop(within: configuration.shutdownGracePeriod, on: group.next())
        configuration.logger.info("stopped")
    }

    private func bind(
        on group: MultiThreadedEventLoopGroup, _ connections: ConnectionRegistry
    ) async throws -> any Channel {
        let configuration = configuration
        let handler = handler
        let tls = try configuration.tls.map { ($0.mode, try $0.makeContext()) }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let id = connections.admit(channel) else {
                        // The initializer's failure closes the channel.
                        throw ServerStartError(description: "too many connections")
                    }
                    let connection = ConnectionContext(
                        id: id, remoteAddress: ServerAddress(channel.remoteAddress)?.description,
                        localAddress: ServerAddress(channel.localAddress)?.description)
                    if let (mode, context) = tls {
                        try TLSDetector.secure(channel, context, takesPlain: mode != .requireTLS)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(
                            connection, on: channel.eventLoop, handler: handler, connections,
                            maximumQueuedMessages: configuration.maximumQueuedMessages,
                            logger: configuration.logger))
                }
            }
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ServerStartError(bindingTo: ServerAddress(host: configuration.host, port: configuration.port), error)
        }
    }
}

extension ServerAddress {
    /// The address of a socket; nil where it has no port.
    init?(_ address: SocketAddress?) {
        guard let address, let host = address.ipAddress, let port = address.port else { return nil }
        self.init(host: host, port: port)
    }
}
