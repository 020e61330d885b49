internal import BSON
internal import MongoProtocol
internal import NIOCore

/// The channel's end of a connection: writes a request, cuts what comes back into messages, and hands the answer to
/// whoever waits for it.
///
/// All state belongs to the channel's event loop. One exchange runs at a time; a connection on which one was given up
/// is closed, since the late answer would be taken for another one's.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Who waits for a message.
    private struct Exchange {
        let ticket: UInt64
        let continuation: CheckedContinuation<BSONBuffer, any Error>
        let timeout: Scheduled<Void>?
    }

    private let address: ServerAddress
    private let onClose: @Sendable () -> Void
    private var context: ChannelHandlerContext?
    private let inbox: Inbox
    private var exchange: Exchange?
    /// Messages that came before they were asked for: a server that streams is ahead at times.
    private var early: [BSONBuffer] = []
    private var failure: MongoError?
    private var cancelledTicket: UInt64 = 0

    /// How many messages may come before they are asked for.
    private static let maximumEarlyMessages = 16

    init(_ address: ServerAddress, _ inbox: Inbox, onClose: @escaping @Sendable () -> Void) {
        self.address = address
        self.inbox = inbox
        self.onClose = onClose
    }

    // MARK: Exchanges

    /// Sends a request, where there is one, and waits for a message.
    func start(
        _ ticket: UInt64, _ request: ByteBuffer?, _ timeout: TimeAmount?,
        _ continuation: CheckedContinuation<BSONBuffer, any Error>
    ) {
        if ticket <= cancelledTicket { return continuation.resume(throwing: CancellationError()) }
        guard let context, failure == nil else {
            return continuation.resume(throwing: failure ?? network("the connection to \(address) is closed"))
        }
        guard exchange == nil else {
            return continuation.resume(throwing: network("the connection to \(address) is in use"))
        }
        if request == nil, !early.isEmpty { return continuation.resume(returning: early.removeFirst()) }
        let scheduled = timeout.map { timeout in
            let this = NIOLoopBound(self, eventLoop: context.eventLoop)
            return context.eventLoop.scheduleTask(in: timeout) { this.value.timedOut(ticket) }
        }
        exchange = Exchange(ticket: ticket, continuation: continuation, timeout: scheduled)
        if let request { context.writeAndFlush(wrapOutboundOut(request), promise: nil) }
        if inbox.readsOnDemand { context.read() }
    }

    /// Ends an exchange whose task was cancelled, and the connection with it.
    func cancel(_ ticket: UInt64) {
        cancelledTicket = max(cancelledTicket, ticket)
        guard exchange?.ticket == ticket else { return }
        finish(.failure(CancellationError()))
        end(network("the connection to \(address) was closed: its operation was cancelled"))
    }

    private func timedOut(_ ticket: UInt64) {
        guard exchange?.ticket == ticket else { return }
        end(MongoError(.timeout, "\(address) did not answer in time"))
    }

    private func finish(_ result: Result<BSONBuffer, any Error>) {
        guard let done = exchange else { return }
        exchange = nil
        done.timeout?.cancel()
        done.continuation.resume(with: result)
    }

    // MARK: The channel's events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(network("the connection to \(address) is closed"))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty, failure == nil {
                do throws(WireError) {
                    if let message = try inbox.consume(&rest) { receive(message) }
                } catch {
                    return end(network("\(address) sent what is no message: \(error)"))
                }
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard inbox.readsOnDemand, exchange != nil else { return }
        // What is long goes from the socket into its own memory, and not by way of the channel's.
        if let message = inbox.readOn() { return receive(message) }
        context.read()
    }

    private func receive(_ message: BSONBuffer) {
        if exchange != nil {
            finish(.success(message))
        } else if early.count < Self.maximumEarlyMessages {
            early.append(message)
        } else {
            end(network("\(address) sent more than was asked for"))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(network("the connection to \(address) failed: \(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        let place = inbox.isInsideMessage ? " in the middle of an answer" : ""
        end(network("\(address) closed the connection\(place)"))
        context.fireChannelInactive()
    }

    /// Ends the connection, once.
    func end(_ error: MongoError) {
        guard failure == nil else { return }
        failure = error
        early = []
        inbox.close()
        finish(.failure(error))
        context?.close(promise: nil)
        onClose()
    }

    private func network(_ message: String) -> MongoError {
        var error = MongoError(.network, message)
        error.address = address.description
        return error
    }
}
