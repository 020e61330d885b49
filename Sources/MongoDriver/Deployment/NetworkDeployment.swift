public import BSON
internal import Logging
public import MongoProtocol
internal import NIOCore
internal import NIOPosix

/// A deployment over the network: a server, a replica set, routers of a sharded cluster, or a load balancer.
///
/// It finds the servers and watches them, chooses one for each operation, repeats operations after errors that pass,
/// and keeps one deadline over all of that.
public final class NetworkDeployment: Deployment {
    let options: DriverOptions
    let cluster: Cluster
    let sessions = SessionPool()
    let clock = ClusterClock()
    let cursors = CursorHomes()
    let events: CommandEvents

    /// Begins to watch the servers; nothing waits for them yet.
    /// - Throws: ``MongoError`` of kind `usage` for options that contradict each other or files that cannot be read.
    public init(_ options: DriverOptions) throws(MongoError) {
        guard !options.seeds.isEmpty else { throw MongoError(.usage, "A deployment needs at least one server") }
        if options.directConnection || options.loadBalanced {
            guard options.seeds.count == 1 else {
                throw MongoError(.usage, "directConnection and loadBalanced take exactly one server")
            }
        }
        LargeBlocks.areKept
        self.options = options
        events = CommandEvents(options.commandListeners, options.logger)
        cluster = try Cluster(options, on: MultiThreadedEventLoopGroup.singleton)
        cluster.start()
    }

    /// The driver tells of commands as they go over the wire.
    public var emitsCommandEvents: Bool { true }

    /// Documents of a batch stay unchecked where the caller checks them.
    public var checksBatches: Bool { false }

    /// What is known of the servers.
    public nonisolated(nonsending) var topology: TopologyDescription {
        get async {
            let snapshot = cluster.snapshot
            return TopologyDescription(
                snapshot.kind, addresses: snapshot.servers.keys.sorted().map(\.description))
        }
    }

    /// All that is known of the servers.
    public var snapshot: TopologySnapshot { cluster.snapshot }

    /// What operations wait for or hold, by its name, for tests: empty where none is under way.
    package var workUnderWay: [String: Int] { cluster.workUnderWay }

    /// Ends the sessions, the watching and all connections.
    public nonisolated(nonsending) func close() async {
        await endSessions()
        await cluster.close()
    }

    private nonisolated(nonsending) func endSessions() async {
        let ids = sessions.drain()
        let snapshot = cluster.snapshot
        guard !ids.isEmpty, snapshot.servers.values.contains(where: { $0.kind != .unknown }) else { return }
        for start in stride(from: 0, to: ids.count, by: 10_000) {
            let some = ids[start..<min(start + 10_000, ids.count)].map { BSONValue.document($0) }
            let command: BSONDocument = ["endSessions": .array(BSONArray(some))]
            let operation = MongoOperation(
                MongoCommand(command, database: "admin"), readPreference: ReadPreference(.primaryPreferred),
                deadline: .now + .seconds(1))
            _ = try? await run(operation)
        }
    }

    /// Runs an operation; see ``Deployment``.
    public nonisolated(nonsending) func run(_ operation: MongoOperation) async throws -> BSONDocument {
        guard let splitter = CommandSplitter(operation.command) else { return try await runOne(operation) }
        // The common case costs a comparison: no server takes less than this.
        if splitter.fits(maximumCount: 1000, maximumSize: 16_000_000) { return try await runOne(operation) }
        return try await runParts(operation, splitter)
    }

    /// Runs one command, in several tries.
    private nonisolated(nonsending) func runOne(_ operation: MongoOperation) async throws -> BSONDocument {
        let span = OperationSpan(operation, options.tracer)
        var execution = Execution(operation, on: self, span)
        do {
            let reply = try await execution.run()
            execution.end(reply)
            span?.end()
            return reply
        } catch {
            execution.end(nil)
            span?.end(error)
            throw error
        }
    }

    private nonisolated(nonsending) func runParts(
        _ operation: MongoOperation, _ splitter: CommandSplitter
    ) async throws -> BSONDocument {
        let choice = try await cluster.select(selector(operation), deadline: operation.deadline)
        let (count, size) = (choice.description.maxWriteBatchSize, choice.description.maxMessageSize)
        var replies: [(start: Int, reply: BSONDocument)] = []
        var start = 0
        while start < splitter.count {
            let end = splitter.end(from: start, maximumCount: count, maximumSize: size)
            var part = operation
            part.command = splitter.part(start..<end)
            do {
                replies.append((start, try await runOne(part)))
            } catch let error as MongoError where error.kind == .write {
                replies.append((start, error.details))
                if splitter.stops(after: error.details) { break }
            }
            start = end
        }
        let reply = CommandSplitter.joined(replies)
        if let error = MongoError(reply: reply, command: operation.command.name) { throw error }
        return reply
    }

    /// What servers an operation may go to.
    func selector(_ operation: MongoOperation) -> ServerSelector {
        ServerSelector(
            readPreference: operation.readPreference,
            isWrite: operation.retryability == .write || Self.writes.contains(operation.command.name),
            heartbeatFrequency: options.monitor.heartbeatFrequency, localThreshold: options.localThreshold)
    }

    /// Commands that only a primary takes, whatever the read preference.
    private static let writes: Set<String> = [
        "insert", "update", "delete", "findAndModify", "findandmodify", "create", "drop", "dropDatabase",
        "createIndexes", "dropIndexes", "collMod", "renameCollection", "createUser", "updateUser", "dropUser",
        "commitTransaction", "abortTransaction", "bulkWrite",
    ]
}
