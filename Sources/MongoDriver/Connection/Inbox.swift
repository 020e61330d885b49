internal import BSON
internal import CSocket
internal import MongoProtocol
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

        var isWaiting: Bool { if case .waiting = self { true } else { false } }
    }

    /// Unchecked: the assembler points into a buffer that nobody else has before it is complete.
    private struct State: @unchecked Sendable {
        /// A descriptor of the channel's socket, of this object's own; -1 where there is none.
        var descriptor: CInt
        var assembler = MessageAssembler()
        /// A cursor's batches and large requests take longer than point reads and say nothing of them, nor they of those.
        var patience = (small: Patience(), large: Patience())

        mutating func keep(_ patience: Patience, _ isSmall: Bool) {
            if isSmall { self.patience.small = patience } else { self.patience.large = patience }
        }
    }

    private let state: Mutex<State>
    /// Whether the channel reads only while the event loop has an exchange.
    let readsOnDemand: Bool

    /// How long to wait in all, in microseconds.
    private static let limit = 1_000

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
    /// - Parameter isSmall: Whether there is little to send and to answer.
    /// - Returns: How much was sent, and what came of it.
    func exchange(
        _ request: UnsafeRawBufferPointer, isSmall: Bool, deadline: ContinuousClock.Instant?
    ) -> (sent: Int, outcome: Outcome) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return (0, .waiting) }
            var patience = isSmall ? state.patience.small : state.patience.large
            guard patience.isWorthTrying() else {
                state.keep(patience, isSmall)
                return (0, .waiting)
            }
            let sent = nectar_socket_send(state.descriptor, request.baseAddress, request.count)
            guard sent >= 0 else { return (0, .failed(Self.reason(sent))) }
            guard sent == request.count else { return (sent, .waiting) }
            let outcome = Self.receive(&state, &patience, deadline)
            state.keep(patience, isSmall)
            return (sent, outcome)
        }
    }

    /// Waits for the answer as long as the server deserves.
    private static func receive(
        _ state: inout State, _ patience: inout Patience, _ deadline: ContinuousClock.Instant?
    ) -> Outcome {
        guard patience.isTrusted, let trusting = Patience.trusting, Patience.takeTrust() else {
            let outcome = receive(&state, Patience.usual, deadline)
            patience.learn(outcome.isWaiting ? nil : 0)
            return outcome
        }
        defer { Patience.leaveTrust() }
        let start = ContinuousClock.now
        let outcome = receive(&state, trusting, deadline)
        patience.learn(outcome.isWaiting ? nil : -microseconds(until: start))
        return outcome
    }

    /// Reads what is there of a message that has begun, without a copy; for the event loop.
    /// - Returns: The message where it is complete. Nil where the channel has to read on, which also sees an end.
    func readOn() -> BSONBuffer? {
        state.withLock { state in
            while state.descriptor >= 0, state.assembler.isInsideBody {
                let (received, message) = state.assembler.fill {
                    nectar_socket_receive(state.descriptor, $0.baseAddress, $0.count)
                }
                if let message { return message }
                guard received > 0 else { return nil }
            }
            return nil
        }
    }

    /// Waits for the answer, at first for so many microseconds.
    private static func receive(
        _ state: inout State, _ patience: Int, _ deadline: ContinuousClock.Instant?
    ) -> Outcome {
        var left = patience
        if let deadline { left = min(left, microseconds(until: deadline)) }
        var end: ContinuousClock.Instant?
        while left > 0, nectar_socket_wait(state.descriptor, left) > 0 {
            switch read(&state) {
            case .waiting: break
            case let outcome: return outcome
            }
            // Most answers are there as a whole: only others need the time.
            let last = end ?? min(.now + .microseconds(limit), deadline ?? .now + .microseconds(limit))
            end = last
            left = min(Patience.usual, microseconds(until: last))
        }
        return .waiting
    }

    private static func microseconds(until end: ContinuousClock.Instant) -> Int {
        Int(clamping: Int64((end - .now) / .microseconds(1)))
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
