internal import BSON
public import Logging
public import MongoProtocol
internal import Synchronization

/// How an engine is opened.
public struct EngineConfiguration: Sendable {
    /// Where the data is.
    public enum Location: Sendable, Hashable {
        /// One file, with its `-wal`, `-shm` and `.lock` beside it.
        case file(String)
        /// A private temporary folder that goes away with the engine.
        case memory
    }
    /// Where the data is.
    public var location: Location
    /// Whether to open beside another process that writes. Reads see each of its commits, and collections and indexes
    /// made since; every write fails with `IllegalOperation` (20).
    public var readOnly: Bool
    /// The address that `hello` gives out, `host:port`; the one the client came to where nil.
    public var advertisedAddress: String?
    /// Where the engine reports what it does.
    public var logger: Logger

    /// Makes a configuration.
    public init(
        location: Location, readOnly: Bool = false, advertisedAddress: String? = nil,
        logger: Logger = Logger(label: "nectar.engine")
    ) {
        self.location = location
        self.readOnly = readOnly
        self.advertisedAddress = advertisedAddress
        self.logger = logger
    }
}

/// A MongoDB-compatible engine inside the process, on one SQLite file.
///
/// It answers MongoDB's commands as a replica set of one member. Acknowledged writes survive the process's death at
/// once, and power loss after at most 100 ms; those with `j: true` or `w: "majority"` wait for the disk.
public final class Engine: CommandHandler {
    let storage: Storage
    let catalog: Catalog
    let cursors = CursorRegistry()
    let retried = RetriedWrites()
    let indexBuilds = IndexBuildQueue()
    let workers = WorkerPool()
    let configuration: EngineConfiguration
    let started = ContinuousClock.now
    let counters = OperationCounters()
    /// Tells this start of the engine from others, as `topologyVersion.processId`.
    let processID = ObjectID()

    /// Opens the engine.
    ///
    /// One process writes to a file: it holds a lock on `FILE.lock` until it closes the engine or ends. Any number of
    /// others open it with ``EngineConfiguration/readOnly``.
    /// - Throws: ``MongoError`` where the file cannot be opened; its message says what to do. `DBPathInUse` (98), at once,
    ///   where another writes to the file: the message names the file and the process.
    public init(_ configuration: EngineConfiguration) throws {
        self.configuration = configuration
        var options: StorageOptions
        switch configuration.location {
        case .file(let path): options = StorageOptions(.file(path))
        case .memory: options = StorageOptions(.memory)
        }
        options.readOnly = configuration.readOnly
        do {
            storage = try Storage(options)
            catalog = try Catalog(storage, isReadOnly: configuration.readOnly)
        } catch let error as StorageError {
            throw error.asMongoError
        }
    }

    /// Flushes, ends all cursors and closes the file. Later commands answer with an error.
    public func close() async {
        cursors.removeAll()
        // It waits for the disk.
        await workers.run { [storage] in storage.close() }
    }

    /// Answers point reads and handshakes, which take microseconds, on the calling thread.
    public func handleImmediately(_ command: MongoCommand, _ context: CommandContext) -> CommandReply? {
        guard let row = CommandTable.row(command.name), let immediate = row.immediate else { return nil }
        do {
            let invocation = Invocation(command, context)
            guard let reply = try immediate(self, invocation) else { return nil }
            counters.count(command.name)
            return .document(reply)
        } catch {
            return .document(Self.reply(to: error))
        }
    }

    /// Answers a command; see ``CommandHandler``.
    public func handle(_ command: MongoCommand, _ context: CommandContext) async -> CommandReply {
        let flag = CancellationFlag()
        return await withTaskCancellationHandler {
            do {
                guard let row = CommandTable.row(command.name) else {
                    throw MongoError(.commandNotFound, "no such command: '\(command.name)'")
                }
                var invocation = Invocation(command, context)
                invocation.limits.cancellation = flag
                try row.check(invocation)
                // Beside a process that writes, collections and indexes come and go: plans are made on what is there now.
                try catalog.refreshIfReadOnly()
                counters.count(command.name)
                if let stream = row.stream, let reply = try await stream(self, invocation) { return reply }
                let reply = try await run(row, invocation)
                guard row.writes, let unmet = GenericArguments.unmetConcern(invocation) else { return .document(reply) }
                return .document(reply.setting("writeConcernError", .document(unmet)))
            } catch {
                return .document(Self.reply(to: error))
            }
        } onCancel: {
            flag.cancel()
        }
    }

    private func run(_ row: CommandRow, _ invocation: Invocation) async throws -> BSONDocument {
        var attempts = 0
        while true {
            do {
                return try await row.run(self, invocation)
            } catch is PlanOutdated where !row.writes && invocation.command.name != "getMore" && attempts < 10 {
                attempts += 1
            }
        }
    }

    /// Forgets a connection.
    public func connectionClosed(_ connection: ConnectionContext) async { counters.lost(connection) }

    private static func reply(to error: any Error) -> BSONDocument {
        switch error {
        case let error as MongoError: error.reply
        case let error as StorageError: error.asMongoError.reply
        case let outdated as PlanOutdated: outdated.error.reply
        case is CancellationError: MongoError(.interrupted, "operation was interrupted").reply
        default: MongoError(.internalError, "\(error)").reply
        }
    }
}

extension StorageError {
    /// This error as a command's.
    var asMongoError: MongoError {
        switch kind {
        case .full: MongoError(.outOfDiskSpace, message)
        case .closed: MongoError(.interruptedAtShutdown, message)
        case .readOnly: MongoError(.illegalOperation, message)
        case .locked: MongoError(.dbPathInUse, message)
        default: MongoError(.internalError, message)
        }
    }
}

/// How often each command ran, and on which connections, for `serverStatus`.
final class OperationCounters: Sendable {
    private let counts = Mutex<[String: Int64]>([:])
    private let connections = Mutex<Set<ConnectionContext>>([])
    func met(_ connection: ConnectionContext) { connections.withLock { _ = $0.insert(connection) } }
    func lost(_ connection: ConnectionContext) { connections.withLock { _ = $0.remove(connection) } }
    var openConnections: Int { connections.withLock { $0.count } }
    func count(_ command: String) { counts.withLock { $0[command, default: 0] += 1 } }
    var all: [String: Int64] { counts.withLock { $0 } }
}
