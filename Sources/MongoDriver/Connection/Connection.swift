internal import BSON
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// A connection to a server: requests go out and answers come back, one at a time.
final class Connection: Sendable {
    /// The number of the connection, unique in its pool.
    let id: Int
    let address: ServerAddress
    let channel: any Channel
    private let inbox: Inbox
    private let handler: NIOLoopBound<ConnectionHandler>
    private let tickets = Atomic<UInt64>(0)
    private let requests = Atomic<Int32>(0)
    private let hello = Mutex<(description: ServerDescription, serverID: Int64?)?>(nil)
    private let more = Atomic<Bool>(false)
    private let hasHello = Atomic<Bool>(false)
    private let open = Atomic<Bool>(true)

    /// Must be made on the channel's event loop.
    init(
        _ id: Int, _ address: ServerAddress, _ channel: any Channel, _ handler: ConnectionHandler, _ inbox: Inbox
    ) {
        self.inbox = inbox
        self.id = id
        self.address = address
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// What the server said of itself in the handshake.
    var description: ServerDescription {
        hello.withLock { $0?.description } ?? ServerDescription(unknown: address)
    }

    /// The number that the server knows the connection by.
    var serverID: Int64? { hello.withLock { $0?.serverID } }

    /// Whether the server has announced another answer to the last request.
    var expectsMore: Bool {
        get { more.load(ordering: .relaxed) }
        set { more.store(newValue, ordering: .relaxed) }
    }

    /// Whether the server knows `hello` by this name.
    var speaksHello: Bool {
        get { hasHello.load(ordering: .relaxed) }
        set { hasHello.store(newValue, ordering: .relaxed) }
    }

    /// Keeps what the server said in the handshake.
    func completeHandshake(_ description: ServerDescription, serverID: Int64? = nil) {
        hello.withLock { $0 = (description, serverID) }
    }

    /// Whether the connection can be used.
    var isOpen: Bool { open.load(ordering: .acquiring) && channel.isActive }

    /// Sends a command and reads the answer.
    /// - Parameters:
    ///   - isAlone: Whether nobody else talks to the server, so that it may be worth a moment's wait on this thread.
    ///   - deadline: When the answer has to be there; the connection is closed where it is not.
    /// - Throws: ``MongoError`` of kind `network` or `timeout`, `CancellationError` where the task is cancelled; in all
    ///   cases but a cancellation before sending, the connection is of no more use. An error that the server answers
    ///   with is not thrown here.
    nonisolated(nonsending) func run(
        body: BSONDocument, adding addition: BSONDocument = [:], sequences: [DocumentSequence] = [],
        flags: WireMessageFlags = [], isAlone: Bool = false, deadline: ContinuousClock.Instant? = nil
    ) async throws -> WireAnswer {
        let id = requests.add(1, ordering: .relaxed).newValue
        let command = WireCommand(body: body, adding: addition, sequences: sequences, requestID: id, flags: flags)
        var request: ByteBuffer? = buffer(command)
        if isAlone, inbox.readsOnDemand, !Task.isCancelled, let message = try exchangeAtOnce(&request, deadline) {
            return try answer(message, to: id)
        }
        return try await answer(exchange(request, deadline), to: id)
    }

    private func answer(_ message: BSONBuffer, to id: Int32) throws -> WireAnswer {
        let answer = try read(message)
        guard answer.responseTo == id else {
            close()
            throw error("\(address) answered another request than the one sent")
        }
        return answer
    }

    /// Sends a command that is not answered.
    nonisolated(nonsending) func send(
        body: BSONDocument, adding addition: BSONDocument, sequences: [DocumentSequence]
    ) async throws {
        let id = requests.add(1, ordering: .relaxed).newValue
        let command = WireCommand(
            body: body, adding: addition, sequences: sequences, requestID: id, flags: .moreToCome)
        do {
            try await channel.writeAndFlush(buffer(command)).get()
        } catch {
            close()
            throw self.error("the connection to \(address) failed: \(error)")
        }
    }

    /// Reads a further answer of a server that streams them.
    nonisolated(nonsending) func receive(deadline: ContinuousClock.Instant?) async throws -> WireAnswer {
        try await read(exchange(nil, deadline))
    }

    /// Closes the connection; whoever waits for an answer gets an error.
    func close() {
        guard open.exchange(false, ordering: .acquiringAndReleasing) else { return }
        let handler = handler
        let error = error("the connection to \(address) was closed")
        channel.eventLoop.execute { handler.value.end(error) }
    }

    /// Sends a request and receives the answer on this thread, where the answer comes soon.
    /// - Parameter request: What has not been sent is left of it.
    /// - Returns: Nil where the event loop has to go on.
    private func exchangeAtOnce(
        _ request: inout ByteBuffer?, _ deadline: ContinuousClock.Instant?
    ) throws -> BSONBuffer? {
        guard var bytes = request else { return nil }
        request = nil
        switch inbox.exchange(&bytes, deadline: deadline) {
        case .answered(let message): return message
        case .waiting:
            if bytes.readableBytes > 0 { request = bytes }
            return nil
        case .failed(let reason):
            close()
            throw error("the connection to \(address) failed: \(reason)")
        }
    }

    private nonisolated(nonsending) func exchange(
        _ request: ByteBuffer?, _ deadline: ContinuousClock.Instant?
    ) async throws -> BSONBuffer {
        let timeout = deadline.map { TimeAmount($0 - .now) }
        if let timeout, timeout <= .zero {
            throw MongoError(.timeout, "Time was up before \(address) was asked")
        }
        let ticket = tickets.add(1, ordering: .relaxed).newValue
        let (handler, eventLoop) = (handler, channel.eventLoop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                eventLoop.execute { handler.value.start(ticket, request, timeout, continuation) }
            }
        } onCancel: {
            eventLoop.execute { handler.value.cancel(ticket) }
        }
    }

    private func read(_ message: BSONBuffer) throws -> WireAnswer {
        #if NECTAR_THREAD_SANITIZER
            // The sanitizer misses that a continuation orders what came before it where it is resumed before its task
            // has begun to wait. The lock under which the message was written shows it.
            _ = inbox.isInsideMessage
        #endif
        do {
            return try WireAnswer(message)
        } catch {
            close()
            throw self.error("\(address) sent what is no answer: \(error)")
        }
    }

    private func buffer(_ command: WireCommand) -> ByteBuffer {
        let size = command.byteCount
        var buffer = channel.allocator.buffer(capacity: size)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            command.write(to: memory)
            return size
        }
        return buffer
    }

    private func error(_ message: String) -> MongoError {
        var error = MongoError(.network, message)
        error.address = address.description
        return error
    }
}

extension ContinuousClock.Instant {
    /// The time from `b` to `a`.
    static func - (a: Self, b: Self) -> Duration { b.duration(to: a) }
}
