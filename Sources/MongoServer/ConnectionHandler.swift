internal import BSON
internal import Logging
internal import MongoProtocol
internal import NIOCore

/// One connection: cuts the bytes into messages, has them answered one after the other, and writes the answers.
///
/// All state belongs to the channel's event loop; a command's task comes back to it through a `NIOLoopBound`.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Tells a connection to end after the command that runs.
    struct ShutdownEvent: Sendable {}

    /// Messages up to this size are read on the event loop; reading a larger one takes too long for its neighbours.
    private static let largestInlineMessage = 256 * 1024
    /// The bytes that may wait beside the number of messages.
    private static let maximumQueuedBytes = 64 * 1024 * 1024

    private let connection: ConnectionContext
    private let eventLoop: any EventLoop
    private let handler: any CommandHandler
    private let connections: ConnectionRegistry
    private let maximumQueuedMessages: Int
    private let logger: Logger

    private var context: ChannelHandlerContext?
    private var assembler = MessageAssembler()
    private var queue = CircularBuffer<BSONBuffer>()
    private var queuedBytes = 0
    private var running: Running?
    private var isClosed = false
    private var isStopping = false
    private var isFinished = false
    private var isReading = false
    private var isAdvancing = false
    private var needsFlush = false
    private var wantsRead = false
    private var lastRequestID: Int32 = 0

    /// The command that is being answered outside the event loop.
    private struct Running {
        let task: Task<Void, Never>
        /// Whether the client waits for the answer; if it does not, its leaving does not end the command.
        let isAwaited: Bool
        /// Whether it waits for news rather than works (`hello` of a monitor), which a stopping server cuts short.
        let onlyWaits: Bool
    }

    init(
        _ connection: ConnectionContext, on eventLoop: any EventLoop, handler: any CommandHandler,
        _ connections: ConnectionRegistry, maximumQueuedMessages: Int, logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.connection = connection
        self.handler = handler
        self.connections = connections
        self.maximumQueuedMessages = max(maximumQueuedMessages, 1)
        var logger = logger
        logger[metadataKey: "connection"] = "\(connection.id)"
        self.logger = logger
    }

    // MARK: The channel's events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        logger.debug("connection opened", metadata: ["client": "\(connection.remoteAddress ?? "?")"])
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed, !isStopping else { return }
        isReading = true
        let buffer = unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                do throws(WireError) {
                    let (taken, message) = try assembler.consume(rest)
                    rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
                    guard let message else { continue }
                    queue.append(message)
                    queuedBytes += message.count
                } catch {
                    refuse(error)
                    return
                }
            }
        }
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if mustPause { wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        advance()
        flushIfNeeded()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ShutdownEvent else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        if let running, running.onlyWaits { running.task.cancel() }
        advance()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: ["error": "\(error)"])
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        logger.debug("connection closed")
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A channel that fails before it becomes active never becomes inactive.
        end()
        self.context = nil
    }

    // MARK: One message after the other

    /// Whether reading waits until answers have gone out.
    private var mustPause: Bool {
        queue.count >= maximumQueuedMessages || queuedBytes >= Self.maximumQueuedBytes
            || context?.channel.isWritable == false
    }

    /// Starts on the messages that wait, as long as nothing runs and answers can go out.
    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while running == nil, isClosed || context?.channel.isWritable == true, let message = queue.popFirst() {
            queuedBytes -= message.count
            // What a client sent without asking for an answer is done even when it has left.
            if isClosed, !WireRequest.isUnacknowledged(message) { continue }
            if message.count > Self.largestInlineMessage {
                readElsewhere(message)
            } else {
                do throws(WireError) {
                    serve(try WireRequest(message))
                } catch {
                    refuse(error)
                }
            }
        }
        if isStopping, running == nil, queue.isEmpty { close() }
        if isClosed, running == nil { finish() }
        if wantsRead, !mustPause, !isClosed {
            wantsRead = false
            context?.read()
        }
    }

    /// Reads a large message outside the event loop.
    private func readElsewhere(_ message: BSONBuffer) {
        let back = loopBound()
        let task = Task { [eventLoop] in
            let result = Result<WireRequest, WireError> { () throws(WireError) in try WireRequest(message) }
            eventLoop.execute {
                back.value.completed { this in
                    switch result {
                    case .success(let request): this.serve(request)
                    case .failure(let error): this.refuse(error)
                    }
                }
            }
        }
        running = Running(task: task, isAwaited: !WireRequest.isUnacknowledged(message), onlyWaits: false)
    }

    private func serve(_ request: WireRequest) {
        if isClosed, request.wantsReply { return }
        let command: MongoCommand
        switch request.content {
        case .command(let value): command = value
        case .refused(let error):
            logger.debug("request refused", metadata: ["error": "\(error)"])
            if request.wantsReply { _ = write(error.reply, to: request) }
            return
        }
        let context = CommandContext(command, of: request, on: connection)
        switch handler.handleImmediately(command, context) {
        case .document(let document): if request.wantsReply { _ = write(document, to: request) }
        case .stream(let stream): run(command, request) { .stream(stream) }
        case nil: run(command, request) { [handler] in await handler.handle(command, context) }
        }
    }

    /// Runs a command in a task of its own and writes what it gives.
    private func run(
        _ command: MongoCommand, _ request: WireRequest, _ answer: @escaping @Sendable () async -> CommandReply
    ) {
        let back = loopBound()
        let work: @Sendable () async -> Void = { [eventLoop] in
            let reply = await answer()
            await Self.deliver(reply, to: request, back, eventLoop)
        }
        let task = Task(operation: work)
        running = Running(
            task: task, isAwaited: request.wantsReply,
            onlyWaits: request.flags.contains(.exhaustAllowed) || command.body["maxAwaitTimeMS"] != nil)
    }

    private static func deliver(
        _ reply: CommandReply, to request: WireRequest, _ back: NIOLoopBound<ConnectionHandler>,
        _ eventLoop: any EventLoop
    ) async {
        switch reply {
        case .document(let document):
            eventLoop.execute { back.value.completed(request, document) }
        case .stream(let stream):
            let isWhole = await write(stream, to: request, back, eventLoop)
            eventLoop.execute { back.value.completed(closing: !isWhole) }
        }
    }

    private func completed(_ request: WireRequest, _ document: BSONDocument) {
        completed { if request.wantsReply { _ = $0.write(document, to: request) } }
    }

    private func completed(closing: Bool) {
        completed { if closing { $0.close() } }
    }

    /// Ends what ran outside the event loop and goes on with the next message.
    private func completed(_ answer: (ConnectionHandler) -> Void) {
        running = nil
        answer(self)
        advance()
        flushIfNeeded()
    }

    // MARK: Answers

    /// Writes an answer and gives the number of its message.
    /// - Parameter promise: Is fulfilled when the bytes have gone to the socket.
    private func write(
        _ document: BSONDocument, to request: WireRequest, responseTo: Int32? = nil, moreToCome: Bool = false,
        promise: EventLoopPromise<Void>? = nil
    ) -> Int32 {
        lastRequestID &+= 1
        guard let context, !isClosed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return lastRequestID
        }
        let reply = WireReply(
            document, to: request, requestID: lastRequestID, responseTo: responseTo, moreToCome: moreToCome)
        var buffer = context.channel.allocator.buffer(capacity: reply.byteCount)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: reply.byteCount) { memory in
            reply.write(to: memory)
            return reply.byteCount
        }
        context.write(wrapOutboundOut(buffer), promise: promise)
        needsFlush = true
        return lastRequestID
    }

    /// Writes the replies of a stream, the next one only when the one before has gone out.
    ///
    /// A reply announces another one unless it is an error, it closes its cursor or the client takes only one.
    /// - Returns: False where a reply was announced and none came; the client can learn it only by the close.
    private static func write(
        _ stream: ReplyStream, to request: WireRequest, _ back: NIOLoopBound<ConnectionHandler>,
        _ eventLoop: any EventLoop
    ) async -> Bool {
        guard request.wantsReply else { return true }
        var last: Int32?
        do {
            for try await document in stream {
                let isLast =
                    !request.flags.contains(.exhaustAllowed) || document["ok"]?.double != 1
                    || document[path: "cursor.id"]?.int64 == 0
                let responseTo = last
                last = try await eventLoop.flatSubmit {
                    let sent = eventLoop.makePromise(of: Void.self)
                    let id = back.value.write(
                        document, to: request, responseTo: responseTo, moreToCome: !isLast, promise: sent)
                    back.value.flushIfNeeded()
                    return sent.futureResult.map { id }
                }.get()
                if isLast { return true }
            }
        } catch {
            // The connection is gone, or the handler was cancelled: either way the stream is over.
        }
        return false
    }

    /// Sends what was written, once a turn of reading.
    private func flushIfNeeded() {
        guard needsFlush, !isReading else { return }
        needsFlush = false
        context?.flush()
    }

    // MARK: The end

    /// Closes the connection whose bytes are no messages.
    private func refuse(_ error: WireError) {
        guard !isClosed, context != nil else { return }
        logger.warning(
            "connection closed: bad message",
            metadata: ["client": "\(connection.remoteAddress ?? "?")", "reason": "\(error)"])
        dropQueue()
        close()
    }

    private func close() {
        guard let context, !isClosed else { return }
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        context.close(promise: nil)
    }

    private func dropQueue() {
        queue.removeAll()
        queuedBytes = 0
    }

    /// Ends what the client waited for; what it did not wait for runs on.
    private func end() {
        guard !isClosed else { return }
        isClosed = true
        if let running, running.isAwaited { running.task.cancel() }
        advance()
    }

    /// Tells the handler that the connection is gone, after the last of its commands.
    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        Task { [handler, connection, connections] in
            await handler.connectionClosed(connection)
            connections.remove(connection.id)
        }
    }

    private func loopBound() -> NIOLoopBound<ConnectionHandler> { NIOLoopBound(self, eventLoop: eventLoop) }
}
