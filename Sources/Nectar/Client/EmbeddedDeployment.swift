public import BSON
public import MongoProtocol
internal import Synchronization

/// A deployment without a network: commands go to a handler in this process, bytes in and bytes out.
public final class EmbeddedDeployment: Deployment {
    private let handler: any CommandHandler
    private let connection: ConnectionContext
    private let onClose: @Sendable () async -> Void
    private let isClosed = Atomic<Bool>(false)
    private static let connections = Atomic<Int64>(0)
    private let operations = Atomic<Int>(0)
    /// An operation that nothing holds up never suspends, so a loop of them would keep its thread for good: after this
    /// many, others have their turn.
    private static let turn = 128

    /// Calls `handler` directly.
    /// - Parameter onClose: Gives back what the handler holds.
    public init(_ handler: any CommandHandler, onClose: @escaping @Sendable () async -> Void = {}) {
        self.handler = handler
        self.onClose = onClose
        connection = ConnectionContext(id: Self.connections.add(1, ordering: .relaxed).newValue)
    }

    /// One member, and no addresses.
    public var topology: TopologyDescription { get async { TopologyDescription(.embedded) } }

    /// Runs an operation; see ``Deployment``.
    public func run(_ operation: MongoOperation) async throws -> BSONDocument {
        guard !isClosed.load(ordering: .acquiring) else {
            throw MongoError(.closed, "The client is closed: make a new one")
        }
        try Task.checkCancellation()
        if operations.wrappingAdd(1, ordering: .relaxed).newValue % Self.turn == 0 { await Task.yield() }
        let context = CommandContext(
            connection: connection, session: operation.session, deadline: operation.deadline,
            readPreference: operation.readPreference)
        let command = operation.command
        let reply: CommandReply
        if let immediate = handler.handleImmediately(command, context) {
            reply = immediate
        } else {
            reply = await handler.handle(command, context)
        }
        let document: BSONDocument
        switch reply {
        case .document(let only): document = only
        case .stream(let replies):
            guard let first = try await replies.first(where: { _ in true }) else {
                throw MongoError(.internalError, "\(command.name) gave no reply")
            }
            document = first
        }
        if let error = MongoError(reply: document, command: command.name) {
            if error.code == .interrupted, Task.isCancelled { throw CancellationError() }
            // Who asks for no acknowledgement hears of no failure either, as over the network.
            if command.body["writeConcern"]?.document?["w"]?.int64 == 0 { return ["ok": 1] }
            throw error
        }
        return document
    }

    /// Lets the handler go.
    public func close() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        await handler.connectionClosed(connection)
        await onClose()
    }
}
