public import BSON

/// Whatever answers commands: the engine, or a layer around one (login, fail points).
///
/// This is the server's half of the seam: `MongoServer` serves any handler, and the embedded deployment calls one
/// directly. A handler never throws: a failed command is a reply with `ok: 0`, as on the wire.
public protocol CommandHandler: Sendable {
    /// Answers at once on the calling thread where that takes microseconds (a point read, `hello`), and gives nil where
    /// the command has to go through ``handle(_:_:)``. Event loops call this one first.
    func handleImmediately(_ command: MongoCommand, _ context: CommandContext) -> CommandReply?

    /// Answers a command. Cancelling the task, or its deadline's passing, ends the work promptly with an error reply.
    func handle(_ command: MongoCommand, _ context: CommandContext) async -> CommandReply

    /// Tells that a connection is gone, so that what it alone could use can be let go.
    func connectionClosed(_ connection: ConnectionContext) async
}

extension CommandHandler {
    /// Answers nothing at once.
    public func handleImmediately(_ command: MongoCommand, _ context: CommandContext) -> CommandReply? { nil }
    /// Keeps nothing for a connection.
    public func connectionClosed(_ connection: ConnectionContext) async {}
}

/// What a handler gives back.
public enum CommandReply: Sendable {
    /// One document: the reply, `ok: 0` for an error.
    case document(BSONDocument)
    /// Several replies to one command (exhaust), each complete in itself.
    case stream(ReplyStream)
}

/// The replies of an exhaust command, one after the other.
public struct ReplyStream: AsyncSequence, Sendable {
    private let source: @Sendable () async throws -> BSONDocument?

    /// Makes a stream of a function that gives the next reply, and nil after the last.
    public init(_ next: @escaping @Sendable () async throws -> BSONDocument?) { source = next }

    /// Walks the replies.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let source: @Sendable () async throws -> BSONDocument?
        /// The next reply.
        public mutating func next() async throws -> BSONDocument? { try await source() }
    }

    /// Walks the replies.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }
}
