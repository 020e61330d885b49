internal import BSON
internal import CSocket
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// Where the bytes of a server become messages; and, where the socket is at hand, a short way there and back.
///
/// An exchange by way of the event loop changes threads three times, which costs more than all the rest of a point read
/// that a server answers in some fifty microseconds. So an operation that has its server to itself sends and receives on
/// its own thread, as the embedded engine reads on its caller's: it waits as long as a disk may take, and then leaves the
/// rest to the event loop.
final class Inbox: Sendable {
    /// What came of the short way.
    enum Outcome: Sendable {
        case answered(BSONBuffer)
        /// The answer, or what is left of the request, is for the event loop.
        case waiting
        case failed(String)
    }

    /// Unchecked: the assembler points into a buffer that nobody else has before it is complete.
    private struct State: @unchecked Sendable {
        /// A descriptor of the channel's socket, of this object's own; -1 where there is none.
        var descriptor: CInt
        var assembler = MessageAssembler()
        /// How often in a row the short way was too short.
        var misses = 0
        var skipped = 0
    }

    private let state: Mutex<State>
    /// Whether the channel reads only while the event loop has an exchange.
    let readsOnDemand: Bool

    /// How long to wait while nothing comes, and in all.
    private static let patience = Duration.microseconds(200)
    private static let limit = Duration.milliseconds(1)
    /// A server that is farther away is asked this way now and then only.
    private static let tolerance = (misses: 4, skips: 32)

    /// - Parameter descriptor: One that this object closes; nil where everything goes by the event loop.
    init(descriptor: CInt? = nil) {
        readsOnDemand = descriptor != nil
        state = Mutex(State(descriptor: descriptor ?? -1))
    }

    deinit { close() }

    /// Whether a message has begun and not ended.
    var isInsideMessage: Bool { state.withLock { $0.assembler.isInsideMessage } }

    /// Takes bytes that the channel has read, up to the end of a message; call again with the rest.
    func consume(_ bytes: inout UnsafeRawBufferPointer) throws(WireError) -> BSONBuffer? {
        let (taken, message) = try state.withLock { state throws(WireError) in try state.assembler.consume(bytes) }
        bytes = UnsafeRawBufferPointer(rebasing: bytes[taken...])
        return message
    }

    /// Lets the socket go.
    func close() {
        state.withLock { state in
            if state.descriptor >= 0 { nectar_socket_close(state.descriptor) }
            state.descriptor = -1
        }
    }

    /// Sends a request and waits a moment for the answer.
    /// - Parameter request: What has not been sent is left of it.
    func exchange(_ request: inout ByteBuffer, deadline: ContinuousClock.Instant?) -> Outcome {
        state.withLock { state in
            guard state.descriptor >= 0, Self.isWorthTrying(&state) else { return .waiting }
            let sent = request.withUnsafeReadableBytes { bytes in
                nectar_socket_send(state.descriptor, bytes.baseAddress, bytes.count)
            }
            guard sent >= 0 else { return .failed(Self.reason(sent)) }
            request.moveReaderIndex(forwardBy: sent)
            guard request.readableBytes == 0 else { return .waiting }
            let outcome = Self.receive(&state, deadline)
            if case .waiting = outcome { state.misses += 1 } else { state.misses = 0 }
            return outcome
        }
    }

    private static func isWorthTrying(_ state: inout State) -> Bool {
        guard state.misses >= tolerance.misses else { return true }
        state.skipped += 1
        guard state.skipped >= tolerance.skips else { return false }
        state.skipped = 0
        return true
    }

    private static func receive(_ state: inout State, _ deadline: ContinuousClock.Instant?) -> Outcome {
        let end = min(ContinuousClock.now + limit, deadline ?? .now + limit)
        while true {
            let left = min(patience, end - .now)
            guard left > .zero, nectar_socket_wait(state.descriptor, Int(left / .microseconds(1))) > 0 else {
                return .waiting
            }
            switch read(&state) {
            case .waiting: continue
            case let outcome: return outcome
            }
        }
    }

    /// Reads what is there: the beginning of a message into a buffer of this call's, the rest into the message's own.
    private static func read(_ state: inout State) -> Outcome {
        while true {
            let received: Int
            var message: BSONBuffer?
            if state.assembler.isInsideBody {
                (received, message) = state.assembler.fill {
                    nectar_socket_receive(state.descriptor, $0.baseAddress, $0.count)
                }
            } else {
                do throws(WireError) {
                    (received, message) = try readBeginning(&state)
                } catch {
                    return .failed("\(error)")
                }
            }
            if let message { return .answered(message) }
            if received == -Int(EAGAIN) { return .waiting }
            if received == 0 { return .failed("the server closed it") }
            if received < 0 { return .failed(reason(received)) }
        }
    }

    private static func readBeginning(_ state: inout State) throws(WireError) -> (Int, BSONBuffer?) {
        // The space fits on the stack, and so do the answers to most point reads and writes.
        try withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { space throws(WireError) in
            let received = nectar_socket_receive(state.descriptor, space.baseAddress, space.count)
            guard received > 0 else { return (received, nil) }
            let (taken, message) = try state.assembler.consume(UnsafeRawBufferPointer(rebasing: space[..<received]))
            // One request has one answer.
            guard taken == received else {
                throw WireError(.invalidSections, "more came than was asked for", at: taken)
            }
            return (received, message)
        }
    }

    private static func reason(_ failure: Int) -> String {
        String(cString: strerror(CInt(truncatingIfNeeded: -failure)))
    }
}
