internal import BSON
internal import CSocket
internal import MongoProtocol
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Opens connections to a server and shakes hands.
struct Connector: Sendable {
    let address: ServerAddress
    let group: any EventLoopGroup
    let tls: ClientTLS?
    let connectTimeout: Duration
    let applicationName: String?
    /// Who logs in; nil for nobody.
    let credential: MongoCredential?
    let keys: ScramKeyCache
    let loadBalanced: Bool

    /// What a new connection has learnt.
    struct Greeting: Sendable {
        let connection: Connection
        let hello: BSONDocument
        let description: ServerDescription
        let roundTripTime: Duration
    }

    /// Opens a connection that is ready for commands.
    /// - Parameters:
    ///   - logsIn: Whether to log in; those that only watch do not.
    ///   - onClose: Is called once when the connection ends, on its event loop.
    func connect(
        id: Int = 0, logsIn: Bool, deadline: ContinuousClock.Instant? = nil,
        onClose: @escaping @Sendable () -> Void = {}
    ) async throws -> Greeting {
        let connection = try await open(id, isDirect: logsIn, onClose)
        do {
            let login = logsIn ? try credential.map { try ConnectionLogin($0, cache: keys) } : nil
            let limit = ContinuousClock.now + connectTimeout
            let start = ContinuousClock.now
            let answer = try await connection.run(
                body: Self.hello(legacy: !loadBalanced, loadBalanced: loadBalanced),
                adding: Self.metadata(applicationName, login?.helloFields ?? []), deadline: deadline ?? limit)
            let time = ContinuousClock.now - start
            if let error = MongoError(reply: answer.document, command: "hello", address: address.description) {
                throw error
            }
            let description = ServerDescription(address, hello: answer.document, at: .now)
            connection.completeHandshake(description, serverID: answer.document["connectionId"]?.int64)
            connection.speaksHello = loadBalanced || answer.document["helloOk"]?.bool == true
            if let login, description.kind != .arbiter {
                try await Self.logIn(login, answer.document, connection, limit)
            }
            return Greeting(
                connection: connection, hello: answer.document, description: description, roundTripTime: time)
        } catch {
            connection.close()
            throw error
        }
    }

    private static func logIn(
        _ login: ConnectionLogin, _ hello: BSONDocument, _ connection: Connection, _ limit: ContinuousClock.Instant
    ) async throws {
        var login = login
        var step = try login.start(after: hello)
        while let next = step {
            let answer = try await connection.run(
                body: next.command, adding: ["$db": .string(next.database)], deadline: limit)
            step = try login.next(after: answer.document)
        }
    }

    // MARK: The channel

    /// - Parameter isDirect: Whether operations may use the socket on their own threads; monitors have no use for that.
    private func open(
        _ id: Int, isDirect: Bool, _ onClose: @escaping @Sendable () -> Void
    ) async throws -> Connection {
        let begun = ChannelBox()
        let socket = isDirect ? try await openSocket() : nil
        let inbox = Inbox(descriptor: socket?.copy)
        let (address, tls) = (address, tls)
        var bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelOption(.autoRead, value: !inbox.readsOnDemand)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                begun.set(channel)
                return channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(tls.handler(for: address))
                    }
                    let handler = ConnectionHandler(address, inbox, onClose: onClose)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    let connection = Connection(id, address, channel, handler, inbox)
                    begun.connection.withLock { $0 = connection }
                }
            }
        if inbox.readsOnDemand {
            // The beginning of a message, which tells its length: the rest is read into memory of that length.
            bootstrap =
                bootstrap
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
                .channelOption(.maxMessagesPerRead, value: 1)
        }
        let opening = bootstrap
        do {
            try await withTaskCancellationHandler {
                if let socket {
                    _ = try await opening.withConnectedSocket(socket.descriptor).get()
                } else if let port = address.port {
                    _ = try await opening.connect(host: address.host, port: port).get()
                } else {
                    _ = try await opening.connect(unixDomainSocketPath: address.host).get()
                }
            } onCancel: {
                begun.close()
            }
        } catch {
            if Task.isCancelled { throw CancellationError() }
            var failure =
                error is NIOConnectionError || error is IOError
                ? MongoError(.network, "\(address) cannot be reached: \(Self.reason(error))")
                : MongoError(.network, "the connection to \(address) could not be opened: \(error)")
            failure.address = address.description
            throw failure
        }
        guard let connection = begun.connection.withLock({ $0 }) else {
            throw MongoError(.network, "the connection to \(address) could not be opened")
        }
        return connection
    }

    /// A socket for NIO, with a descriptor of our own; nil where bytes are encrypted, or the socket is none of TCP.
    private func openSocket() async throws -> (descriptor: CInt, copy: CInt)? {
        #if os(Linux)
            guard tls == nil, address.port != nil else { return nil }
            let descriptor = try await SocketOpener.open(address, timeout: connectTimeout)
            let copy = nectar_socket_copy(descriptor)
            guard copy >= 0 else {
                nectar_socket_close(descriptor)
                throw MongoError(.network, "\(address) cannot be reached: no more files can be open")
            }
            return (descriptor, copy)
        #else
            return nil
        #endif
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let failure = error.connectionErrors.first { return "\(failure.error)" }
        return "\(error.dnsAError ?? error.dnsAAAAError ?? error)"
    }

    /// The channel while it is being opened, so that a cancelled task can close it.
    private final class ChannelBox: Sendable {
        let connection = Mutex<Connection?>(nil)
        private let state = Mutex<(channel: (any Channel)?, isClosed: Bool)>((nil, false))

        func set(_ channel: any Channel) {
            let isClosed = state.withLock { state in
                state.channel = channel
                return state.isClosed
            }
            if isClosed { channel.close(promise: nil) }
        }

        func close() {
            let channel = state.withLock { state in
                state.isClosed = true
                return state.channel
            }
            channel?.close(promise: nil)
        }
    }

    // MARK: The handshake

    /// The question that every server understands: those that know `hello` say so, and are asked by it from then on.
    static func hello(legacy: Bool, loadBalanced: Bool = false) -> BSONDocument {
        var body: BSONDocument = legacy ? ["isMaster": 1, "helloOk": true] : ["hello": 1]
        if loadBalanced { body["loadBalanced"] = true }
        return body
    }

    private static func metadata(_ applicationName: String?, _ login: [(String, BSONValue)]) -> BSONDocument {
        var client: BSONDocument = [:]
        if let applicationName { client["application"] = ["name": .string(String(applicationName.prefix(128)))] }
        client["driver"] = ["name": "nectar", "version": "0.1"]
        client["os"] = ["type": .string(system), "architecture": .string(architecture)]
        client["platform"] = "Swift"
        var fields: BSONDocument = ["client": .document(client), "$db": "admin"]
        for (key, value) in login { fields[key] = value }
        return fields
    }

    private static var system: String {
        #if os(Linux)
            "Linux"
        #elseif os(macOS)
            "Darwin"
        #else
            "unknown"
        #endif
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }
}
