package import NIOCore
internal import NIOPosix
internal import Synchronization

/// Stands between a driver and a server and does what networks do.
package final class FaultProxy: Sendable {
    /// What happens to connections.
    package enum Fault: Sendable {
        /// Nothing: bytes go through.
        case none
        /// New connections are closed at once, and old ones too.
        case refuse
        /// Bytes of the server's are kept back.
        case stall
        /// A connection ends after this many bytes of the server's.
        case cut(after: Int)
        /// Bytes of the server's are changed.
        case garble(seed: UInt64)
        /// Bytes of the server's come late.
        case delay(TimeAmount)
    }

    private let fault = Mutex(Fault.none)
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let listener = Mutex<(any Channel)?>(nil)
    private let target: Int
    private let group = MultiThreadedEventLoopGroup.singleton

    package init(to target: Int) { self.target = target }

    /// Listens and gives the port.
    package func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in self.accept(client) }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    /// What happens from now on; connections that a fault has spoilt are closed when it ends.
    package func set(_ new: Fault) {
        fault.withLock { $0 = new }
        switch new {
        case .refuse, .none: closeConnections()
        default: break
        }
    }

    /// The connections of the driver's that are open.
    package var connectionCount: Int { channels.withLock { $0.count } }

    package func stop() async {
        try? await listener.withLock { $0 }?.close()
        closeConnections()
    }

    private func closeConnections() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    fileprivate var current: Fault { fault.withLock { $0 } }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        if case .refuse = current { return client.close() }
        let id = ObjectIdentifier(client)
        channels.withLock { $0[id] = client }
        client.closeFuture.whenComplete { _ in self.channels.withLock { $0[id] = nil } }
        // One event loop for both ends, so that they may touch each other.
        return ClientBootstrap(group: client.eventLoop)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(Pipe(to: client, faults: self))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Pipe(to: server, faults: nil))
                }
            }
            .flatMapError { _ in client.close() }
    }

    /// Passes bytes of one end to the other.
    private final class Pipe: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let other: any Channel
        private let faults: FaultProxy?
        private var passed = 0

        init(to other: any Channel, faults: FaultProxy?) {
            self.other = other
            self.faults = faults
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            switch faults?.current ?? .none {
            case .none: other.writeAndFlush(bytes, promise: nil)
            case .refuse: other.close(promise: nil)
            case .stall: break
            case .cut(let limit):
                guard let part = bytes.readSlice(length: min(max(limit - passed, 0), bytes.readableBytes)) else {
                    return
                }
                passed += part.readableBytes
                other.writeAndFlush(part, promise: nil)
                if passed >= limit { other.close(promise: nil) }
            case .garble(let seed):
                var generator = Seeded(state: seed &+ UInt64(passed))
                let index = bytes.readerIndex + Int.random(in: 0..<max(bytes.readableBytes, 1), using: &generator)
                bytes.setInteger(UInt8.random(in: .min ... .max, using: &generator), at: index)
                passed += bytes.readableBytes
                other.writeAndFlush(bytes, promise: nil)
            case .delay(let time):
                let (other, late) = (other, bytes)
                context.eventLoop.scheduleTask(in: time) { other.writeAndFlush(late, promise: nil) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
