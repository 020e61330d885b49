import BSON
import MongoProtocol
import NIOCore
import NIOPosix

/// A message as a client sees it.
struct ReceivedMessage {
    let bytes: [UInt8]

    var requestID: Int32 { int32(4) }
    var responseTo: Int32 { int32(8) }
    var opcode: Int32 { int32(12) }
    /// The flags of an OP_MSG.
    var flags: Int32 { int32(16) }
    /// The document, which OP_MSG has after one byte of section kind and OP_REPLY after its twenty bytes.
    var document: BSONDocument {
        get throws {
            let start = opcode == 1 ? 36 : 21
            let count = Int(int32(start))
            guard count >= 5, start + count <= bytes.count else { return [:] }
            return try BSONDocument(bytes: bytes[start..<(start + count)])
        }
    }

    func int32(_ offset: Int) -> Int32 {
        guard bytes.count >= offset + 4 else { return 0 }
        return bytes.withUnsafeBytes { Int32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Int32.self)) }
    }
}

/// A client that sends any bytes and cuts what comes back into messages.
final class TestClient: Sendable {
    let channel: any Channel
    private let messages: AsyncStream<ReceivedMessage>

    private init(_ channel: any Channel, _ messages: AsyncStream<ReceivedMessage>) {
        self.channel = channel
        self.messages = messages
    }

    static func connect(to port: Int) async throws -> TestClient {
        let (messages, continuation) = AsyncStream<ReceivedMessage>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return TestClient(channel, messages)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// The next message; nil where the connection closes, or nothing comes for ten seconds.
    func receive() async -> ReceivedMessage? {
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) { [channel] in channel.close(promise: nil) }
        defer { timeout.cancel() }
        for await message in messages { return message }
        return nil
    }

    func receive(_ count: Int) async -> [ReceivedMessage] {
        var received: [ReceivedMessage] = []
        while received.count < count, let message = await receive() { received.append(message) }
        return received
    }

    func close() async { try? await channel.close() }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var assembler = MessageAssembler()
        private let continuation: AsyncStream<ReceivedMessage>.Continuation

        init(_ continuation: AsyncStream<ReceivedMessage>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    guard let (taken, message) = try? assembler.consume(rest) else {
                        return context.close(promise: nil)
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
                    guard let message else { continue }
                    continuation.yield(ReceivedMessage(bytes: message.withUnsafeBytes { [UInt8]($0) }))
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Messages to send.
enum Message {
    private static func int32(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func message(_ opcode: Int, _ id: Int, _ content: [UInt8]) -> [UInt8] {
        int32(content.count + 16) + int32(id) + int32(0) + int32(opcode) + content
    }

    /// An OP_MSG; `flags`: 1 checksum, 2 no reply, 65536 exhaust.
    static func command(
        _ body: BSONDocument, id: Int = 1, flags: Int = 0, sequence: (name: String, documents: [BSONDocument])? = nil
    ) -> [UInt8] {
        var content = int32(flags) + [0] + body.setting("$db", body["$db"] ?? "test").bytes
        if let sequence {
            let inner = Array(sequence.name.utf8) + [0] + sequence.documents.flatMap(\.bytes)
            content += [1] + int32(inner.count + 4) + inner
        }
        guard flags & 1 != 0 else { return message(2013, id, content) }
        let bytes = message(2013, id, content + [0, 0, 0, 0]).dropLast(4)
        return bytes + int32(Int(Array(bytes).withUnsafeBytes { CRC32C.checksum($0) }))
    }

    /// A command in the form of OP_QUERY.
    static func query(_ database: String, _ body: BSONDocument, id: Int = 1) -> [UInt8] {
        message(2004, id, int32(0) + Array("\(database).$cmd".utf8) + [0] + int32(0) + int32(-1) + body.bytes)
    }

    /// A command nested this deep.
    static func nested(_ levels: Int) -> [UInt8] {
        var body: BSONDocument = ["ping": 1]
        for _ in 1..<levels { body = ["ping": .document(body)] }
        return command(body)
    }

    /// Bytes that pretend to be a message of another length.
    static func lying(length: Int) -> [UInt8] { int32(length) + command(["ping": 1]).dropFirst(4) }
}
