internal import NIOCore
internal import NIOSSL

/// Looks at the first bytes of a connection and puts TLS before the rest of the pipeline where the client begins it.
final class TLSDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let sslContext: NIOSSLContext
    private var held = ByteBuffer()

    private init(_ sslContext: NIOSSLContext) { self.sslContext = sslContext }

    /// Puts TLS into a new channel's pipeline.
    /// - Parameter takesPlain: Whether a client may also do without.
    static func secure(_ channel: any Channel, _ context: NIOSSLContext, takesPlain: Bool) throws {
        if takesPlain {
            try channel.pipeline.syncOperations.addHandler(TLSDetector(context))
        } else {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        held.writeBuffer(&buffer)
        guard let beginsTLS = Self.beginsTLS(held) else { return }
        if beginsTLS {
            do {
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: sslContext), position: .after(self))
            } catch {
                context.fireErrorCaught(error)
                return
            }
        }
        context.fireChannelRead(wrapInboundOut(held))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Whether bytes begin a TLS handshake; nil where there are too few to tell.
    ///
    /// A handshake record is 0x16 0x03 and a version up to 4; as the length of a message that would be 64 KiB and
    /// more, and the first message of a client, its `hello`, is shorter.
    static func beginsTLS(_ bytes: ByteBuffer) -> Bool? {
        let expected: [ClosedRange<UInt8>] = [0x16...0x16, 3...3, 1...4]
        for (index, range) in expected.enumerated() {
            guard let byte = bytes.getInteger(at: bytes.readerIndex + index, as: UInt8.self) else { return nil }
            if !range.contains(byte) { return false }
        }
        return true
    }
}
