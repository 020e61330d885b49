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
    ///   - deadline: When the answer has to be there; the connection is closed where it is not.
    /// - Throws: ``MongoError`` of kind `network` or `timeout`, `CancellationError` where the task is cancelled; in all
    ///   cases but a cancellation before sending, the connection is of no more use. An error that the server answers
    ///   with is not thrown here.
    nonisolated(nonsending) func run(
        body: BSONDocument, adding addition: BSONDocument = [:],
        flags: WireMessageFlags = WireMessageFlags(rawValue: 0), deadline: ContinuousClock.Instant? = nil
    ) async throws -> WireAnswer {
        let command = WireCommand(body: body, adding: addition, requestID: nextRequestID(), flags: flags)
        return try await finish(Sent(command, rest: buffer(command)), deadline: deadline)
    }

    /// A command on its way.
    struct Sent {
        let requestID: Int32
        /// What has not been sent.
        let rest: ByteBuffer?
        /// The answer, where it is there already.
        let answer: WireAnswer?

        fileprivate init(_ command: WireCommand, rest: ByteBuffer?, answer: WireAnswer? = nil) {
            requestID = command.requestID
            (self.rest, self.answer) = (rest, answer)
        }
    }

    /// Begins to run a command, with ``finish(_:leavesBatches:deadline:)`` to follow where the answer is not there at once.
    /// - Parameters:
    ///   - isAlone: Whether nobody else talks to the server, so that it may be worth a moment's wait on this thread.
    ///   - readsCursor: Whether it reads on from a cursor: batches may be large.
    ///   - leavesBatches: Whether the documents of a cursor's batch stay unchecked.
    /// - Throws: What ``run(body:adding:deadline:)`` throws.
    func start(
        body: BSONDocument, adding addition: BSONDocument, sequences: [DocumentSequence], isAlone: Bool,
        readsCursor: Bool, leavesBatches: Bool, deadline: ContinuousClock.Instant?
    ) throws -> Sent {
        let command = WireCommand(body: body, adding: addition, sequences: sequences, requestID: nextRequestID())
        guard isAlone, inbox.readsOnDemand, !Task.isCancelled else { return Sent(command, rest: buffer(command)) }
        let size = command.byteCount
        guard size <= Self.smallRequest else {
            var rest = buffer(command)
            let (sent, outcome) = rest.withUnsafeReadableBytes {
                inbox.exchange($0, isSmall: false, deadline: deadline)
            }
            rest.moveReaderIndex(forwardBy: sent)
            return try sentAtOnce(command, outcome, rest.readableBytes > 0 ? rest : nil, leavesBatches)
        }
        return try withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { memory in
            command.write(to: memory)
            let (sent, outcome) = inbox.exchange(
                UnsafeRawBufferPointer(memory), isSmall: !readsCursor, deadline: deadline)
            return try sentAtOnce(
                command, outcome, sent < size ? channel.allocator.buffer(bytes: memory[sent...]) : nil, leavesBatches)
        }
    }

    /// What fits on the stack.
    private static let smallRequest = 1024

    private func sentAtOnce(
        _ command: WireCommand, _ outcome: Inbox.Outcome, _ rest: ByteBuffer?, _ leavesBatches: Bool
    ) throws -> Sent {
        switch outcome {
        case .answered(let message):
            let answer = try answer(message, to: command.requestID, leavesBatches)
            return Sent(command, rest: nil, answer: answer)
        case .waiting: return Sent(command, rest: rest)
        case .failed(let reason):
            close()
            throw error("the connection to \(address) failed: \(reason)")
        }
    }

    /// Sends what is left of a command, and waits for the answer.
    nonisolated(nonsending) func finish(
        _ sent: Sent, leavesBatches: Bool = false, deadline: ContinuousClock.Instant?
    ) async throws -> WireAnswer {
        try await answer(exchange(sent.rest, deadline), to: sent.requestID, leavesBatches)
    }

    private func nextRequestID() -> Int32 { requests.wrappingAdd(1, ordering: .relaxed).newValue }

    private func answer(_ message: BSONBuffer, to id: Int32, _ leavesBatches: Bool) throws -> WireAnswer {
        let answer = try read(message, leavesBatches)
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
        let command = WireCommand(
            body: body, adding: addition, sequences: sequences, requestID: nextRequestID(), flags: .moreToCome)
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

    private func read(_ message: BSONBuffer, _ leavesBatches: Bool = false) throws -> WireAnswer {
        #if NECTAR_THREAD_SANITIZER
            // The sanitizer misses that a continuation orders what came before it where it is resumed before its task
            // has begun to wait. The lock under which the message was written shows it.
            _ = inbox.isInsideMessage
        #endif
        do {
            return try WireAnswer(message, leavesBatches: leavesBatches)
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
