public import BSON
public import Logging
package import MongoDriver
public import MongoProtocol
internal import Synchronization

/// A client of a deployment: one for the whole application, safe to use from every task.
///
/// ```swift
/// try await withMongoClient("embedded:library.db") { client in
///     for try await book in client["library"]["books"].find(["year": ["$gte": 2004]]).sort(["title": 1]) {
///         print(book)
///     }
/// }
/// ```
public final class MongoClient: Sendable {
    let deployment: any Deployment
    let listeners: [CommandListener]
    /// Those of ``listeners`` that a deployment which tells of commands itself has not been given.
    private let passedListeners: [CommandListener]
    let logger: Logger
    private let requests = Atomic<Int64>(0)
    /// What operations use where they and their collection say nothing.
    public let defaults: OperationDefaults

    /// Opens a client.
    ///
    /// Clients of one file in one process share its engine. Of several processes one writes to a file: the others open it with
    /// `?readOnly=true`, see each commit of the writer's with the next read, and cannot write (`IllegalOperation`, 20).
    /// - Parameters:
    ///   - uri: `embedded:FILE` (add `?readOnly=true` to read beside a process that writes), `embedded::memory:`, or
    ///     `mongodb://HOST` with the options of MongoDB's connection strings. Nothing waits for the servers of the
    ///     latter: the first operation does.
    ///   - defaults: Write concern, read preference and time limit of all operations; they count more than the URI's.
    ///   - listeners: Take the events of every command.
    ///   - logger: Where commands are logged, at debug level.
    /// - Throws: ``MongoError`` of kind `usage` for a URI that is not usable, or the engine's error where the file
    ///   cannot be opened: `DBPathInUse` (98) where another process writes to it, with that process's id in the message.
    public convenience init(
        _ uri: String, defaults: OperationDefaults = OperationDefaults(), listeners: [CommandListener] = [],
        logger: Logger = Logger(label: "nectar.client")
    ) async throws {
        try await self.init(
            uri, defaults: defaults, listeners: listeners, logger: logger, resolver: SystemDNSResolver())
    }

    /// Opens a client that asks `resolver` for the records of `mongodb+srv:`.
    package init(
        _ uri: String, defaults: OperationDefaults = OperationDefaults(), listeners: [CommandListener] = [],
        logger: Logger = Logger(label: "nectar.client"), resolver: any DNSResolver
    ) async throws {
        self.listeners = listeners
        self.logger = logger
        passedListeners = []
        (deployment, self.defaults) = try await Self.opening(uri, defaults, listeners, logger, resolver)
    }

    /// Makes a client that opens its database with the first operation, and not before.
    ///
    /// What is wrong with the URI itself is told at once; what is wrong with the server or the file, by the operation.
    /// The parameters are those of ``init(_:defaults:listeners:logger:)``.
    public init(
        deferring uri: String, defaults: OperationDefaults = OperationDefaults(), listeners: [CommandListener] = [],
        logger: Logger = Logger(label: "nectar.client")
    ) throws {
        self.listeners = listeners
        self.logger = logger
        passedListeners = []
        let isNetwork = NetworkURI.matches(uri)
        if isNetwork {
            self.defaults = try NetworkURI.read(uri, defaults, logger).1
        } else {
            _ = try MongoURI(uri)
            self.defaults = defaults
        }
        deployment = DeferredDeployment(emitsCommandEvents: isNetwork) {
            try await Self.opening(uri, defaults, listeners, logger, SystemDNSResolver()).0
        }
    }

    private static func opening(
        _ uri: String, _ defaults: OperationDefaults, _ listeners: [CommandListener], _ logger: Logger,
        _ resolver: any DNSResolver
    ) async throws -> (any Deployment, OperationDefaults) {
        if NetworkURI.matches(uri) {
            let (connection, defaults) = try NetworkURI.read(uri, defaults, logger)
            return (try await NetworkURI.open(connection, listeners, logger, resolver), defaults)
        }
        let place = try MongoURI(uri)
        #if Embedded
            return (try await EngineRegistry.deployment(place, logger: logger), defaults)
        #else
            _ = place
            throw MongoError(.usage, "This build has no embedded engine: switch the package trait Embedded on")
        #endif
    }

    /// Makes a client of any deployment.
    /// - Parameters:
    ///   - listeners: Take the events of every command of this client's, beside listeners of the deployment's own.
    ///   - logger: Where commands are logged, at debug level, unless the deployment does so itself: one over the network
    ///     has a logger of its own.
    public init(
        deployment: any Deployment, defaults: OperationDefaults = OperationDefaults(),
        listeners: [CommandListener] = [], logger: Logger = Logger(label: "nectar.client")
    ) {
        self.deployment = deployment
        self.defaults = defaults
        self.listeners = listeners
        passedListeners = deployment.emitsCommandEvents ? listeners : []
        self.logger = logger
    }

    /// A database by its name; it comes into being with its first document.
    public subscript(name: String) -> MongoDatabase { MongoDatabase(client: self, name: name, defaults: defaults) }

    /// The names of the databases that hold collections.
    public func listDatabaseNames() async throws -> [String] {
        try await listDatabases(nameOnly: true).compactMap { $0["name"]?.string }
    }

    /// The databases with their sizes in bytes.
    public func listDatabases(filter: BSONDocument = [:], nameOnly: Bool = false) async throws -> [BSONDocument] {
        let command: BSONDocument = [
            "listDatabases": 1, "filter": .document(filter), "nameOnly": .bool(nameOnly),
        ]
        let reply = try await run(MongoOperation(MongoCommand(command, database: "admin"), retryability: .read))
        return reply["databases"]?.array?.compactMap(\.document) ?? []
    }

    /// Lets the deployment go. Later operations throw ``MongoError`` of kind `closed`.
    public func close() async { await deployment.close() }

    /// Runs an operation and tells the listeners of it.
    func run(_ operation: MongoOperation) async throws -> BSONDocument {
        guard !deployment.emitsCommandEvents, !listeners.isEmpty || logger.logLevel <= .debug else {
            if passedListeners.isEmpty { return try await deployment.run(operation) }
            var observed = operation
            observed.listeners += passedListeners
            return try await deployment.run(observed)
        }
        let command = operation.command
        let id = requests.add(1, ordering: .relaxed).newValue
        let isSecret = CommandEvent.isSensitive(command.name)
        var shown = isSecret ? [:] : command.body
        if !isSecret {
            for sequence in command.sequences {
                shown[sequence.identifier] = .array(BSONArray(sequence.documents.map { .document($0) }))
            }
        }
        emit(
            .started(
                .init(
                    commandName: command.name, databaseName: command.database, requestID: id, command: shown)))
        let start = ContinuousClock.now
        do {
            let reply = try await deployment.run(operation)
            emit(
                .succeeded(
                    .init(
                        commandName: command.name, requestID: id, duration: .now - start, reply: isSecret ? [:] : reply)
                ))
            return reply
        } catch {
            let known: MongoError
            switch error {
            case let error as MongoError: known = error
            case is CancellationError: known = MongoError(.cancelled, "The task was cancelled")
            default: known = MongoError(.network, "\(error)")
            }
            emit(
                .failed(.init(commandName: command.name, requestID: id, duration: .now - start, error: known)))
            throw error
        }
    }

    private func emit(_ event: CommandEvent) {
        for listener in listeners { listener(event) }
        switch event {
        case .started(let event):
            logger.debug("command started", metadata: ["command": "\(event.commandName)", "id": "\(event.requestID)"])
        case .succeeded(let event):
            logger.debug(
                "command succeeded",
                metadata: [
                    "command": "\(event.commandName)", "id": "\(event.requestID)", "duration": "\(event.duration)",
                ])
        case .failed(let event):
            logger.debug(
                "command failed",
                metadata: [
                    "command": "\(event.commandName)", "id": "\(event.requestID)", "error": "\(event.error)",
                ])
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate static func - (a: Self, b: Self) -> Duration { b.duration(to: a) }
}

/// Opens a client, hands it to `body` and closes it behind it, whatever happens.
///
/// `body` runs where the caller does, so it may use what belongs to the caller's actor.
public func withMongoClient<R>(
    _ uri: String, listeners: [CommandListener] = [],
    _ body: (MongoClient) async throws -> R
) async throws -> R {
    let client = try await MongoClient(uri, listeners: listeners)
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}
