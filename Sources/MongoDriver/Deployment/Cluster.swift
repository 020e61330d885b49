internal import Logging
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// The servers of a deployment with all that is known of them: the reducer ``Topology`` with monitors, pools and
/// waiting operations behind it.
final class Cluster: Sendable {
    private struct State {
        var topology: Topology
        var servers: [ServerAddress: Server] = [:]
        /// Operations that wait for news of any server.
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        /// Counts changes, so that nobody waits for one that has happened.
        var version: UInt64 = 0
        /// The one server that takes writes and reads of the primary, so that most operations need not look further.
        var shortcut: Choice?
        var isClosed = false
        /// Servers that have left, until their connections are closed.
        var closing: [ObjectIdentifier: Task<Void, Never>] = [:]
        /// Looks for new routers.
        var polling: Task<Void, Never>?
    }

    let options: DriverOptions
    let group: any EventLoopGroup
    private let tls: ClientTLS?
    private let keys = ScramKeyCache()
    private let logger: Logger
    private let state: Mutex<State>
    private static let ids = Atomic<Int64>(0)

    /// - Throws: ``MongoError`` of kind `usage` for TLS files that cannot be read.
    init(_ options: DriverOptions, on group: any EventLoopGroup) throws(MongoError) {
        self.options = options
        self.group = group
        tls = try ClientTLS(options.tls)
        // What no connection could do is told at once.
        if let credential = options.credential { _ = try ConnectionLogin(credential, cache: keys) }
        logger = options.logger
        let id = Self.ids.add(1, ordering: .relaxed).newValue
        state = Mutex(
            State(
                topology: Topology(
                    id: id,
                    TopologyOptions(
                        seeds: options.seeds, replicaSet: options.replicaSet,
                        directConnection: options.directConnection, loadBalanced: options.loadBalanced))))
    }

    /// Begins to watch the seeds, and the records that list them.
    func start() {
        apply { $0.open() }
        guard let source = options.seedlist, !options.loadBalanced else { return }
        let poller = SeedlistPoller(source: source, heartbeatFrequency: options.monitor.heartbeatFrequency)
        let polling = Task {
            await poller.run { [weak self] in
                self?.state.withLock { $0.topology.takesSeeds ? $0.topology.snapshot.servers.keys.sorted() : nil }
            } take: { [weak self] seeds in
                self?.apply { $0.update(seeds: seeds) }
            }
        }
        state.withLock { $0.polling = polling }
    }

    /// What is known now.
    var snapshot: TopologySnapshot { state.withLock { $0.topology.snapshot } }

    /// What operations wait for or hold, by its name; empty where none is under way.
    var workUnderWay: [String: Int] {
        let (servers, waiting) = state.withLock { (Array($0.servers.values), $0.waiters.count) }
        var work = ["operations that wait for a server": waiting]
        for server in servers {
            work["operations on \(server.address)"] = server.operationCount
            for (name, count) in server.pool.workUnderWay { work["\(name) at \(server.address)"] = count }
        }
        return work.filter { $0.value > 0 }
    }

    /// Ends watching, closes all connections and waits for both.
    func close() async {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        let (servers, closing, waiters) = state.withLock { state in
            // Not waited for: a question to the DNS cannot be taken back, and its answer changes nothing now.
            state.polling?.cancel()
            defer {
                state.servers = [:]
                state.waiters = [:]
                state.shortcut = nil
                state.polling = nil
            }
            return (Array(state.servers.values), Array(state.closing.values), Array(state.waiters.values))
        }
        for waiter in waiters { waiter.resume() }
        for server in servers { server.monitor?.cancel() }
        for server in servers { await server.close() }
        for task in closing { await task.value }
        state.withLock { state in
            for event in state.topology.close() { emit(event) }
        }
    }

    // MARK: Changes

    /// Changes what is known, and lets servers come and go accordingly.
    @discardableResult
    private func apply(_ change: (inout Topology) -> [TopologyEvent]) -> Bool {
        let (waiters, gone) = state.withLock { state -> ([CheckedContinuation<Void, Never>], [Server]) in
            guard !state.isClosed else { return ([], []) }
            let events = change(&state.topology)
            return reconcile(&state, events)
        }
        for waiter in waiters { waiter.resume() }
        forget(gone)
        return !waiters.isEmpty
    }

    /// Makes servers what the topology says. Pools are made ready before anybody can choose their server.
    private func reconcile(
        _ state: inout State, _ events: [TopologyEvent]
    ) -> ([CheckedContinuation<Void, Never>], [Server]) {
        for event in events { emit(event) }
        let snapshot = state.topology.snapshot
        var gone: [Server] = []
        for (address, server) in state.servers where snapshot.servers[address] == nil {
            state.servers[address] = nil
            gone.append(server)
        }
        for address in snapshot.servers.keys where state.servers[address] == nil {
            state.servers[address] = makeServer(address)
        }
        for (address, description) in snapshot.servers {
            if description.isDataBearing || (description.kind != .unknown && snapshot.kind == .single) {
                state.servers[address]?.pool.ready()
            }
        }
        state.shortcut = Self.shortcut(snapshot).flatMap { description in
            state.servers[description.address].map { Choice($0, description, snapshot) }
        }
        state.version &+= 1
        let waiters = Array(state.waiters.values)
        state.waiters = [:]
        return (waiters, gone)
    }

    private static func shortcut(_ snapshot: TopologySnapshot) -> ServerDescription? {
        guard snapshot.incompatibility == nil else { return nil }
        switch snapshot.kind {
        case .single:
            guard let only = snapshot.servers.values.first, only.kind != .unknown else { return nil }
            return only
        case .replicaSetWithPrimary: return snapshot.primary
        default: return nil
        }
    }

    private func forget(_ servers: [Server]) {
        for server in servers {
            // Monitors report here; one must not wait for itself.
            let id = ObjectIdentifier(server)
            state.withLock { state in
                state.closing[id] = Task {
                    await server.close()
                    self.state.withLock { $0.closing[id] = nil }
                }
            }
        }
    }

    private func makeServer(_ address: ServerAddress) -> Server {
        func connector(_ credential: MongoCredential?) -> Connector {
            Connector(
                address: address, group: group, tls: tls, connectTimeout: options.connectTimeout,
                applicationName: options.applicationName, credential: credential, keys: keys,
                loadBalanced: options.loadBalanced)
        }
        let pool = ConnectionPool(
            connector(options.credential), options.pool, listeners: options.poolListeners, logger: logger
        ) { [weak self] error, generation in
            self?.connectionFailed(address, error, generation) ?? false
        }
        guard !options.loadBalanced else { return Server(address, pool, nil) }
        let monitor = ServerMonitor(
            connector(nil), options.monitor, listeners: options.topologyListeners
        ) { [weak self] description, isNetworkFailure in
            self?.heard(description, isNetworkFailure)
        }
        monitor.start()
        return Server(address, pool, monitor)
    }

    private func heard(_ description: ServerDescription, _ isNetworkFailure: Bool) {
        apply { $0.update(description) }
        guard isNetworkFailure else { return }
        state.withLock { $0.servers[description.address] }?.pool.clear()
    }

    /// Takes the failure of an operation on a connection that was set up.
    func operationFailed(_ failure: ServerFailure) {
        guard let effect = take(failure) else { return }
        if effect.clearsPool { state.withLock { $0.servers[failure.address] }?.pool.clear() }
    }

    /// Takes the failure to set a connection up, and tells whether the pool has to be cleared.
    private func connectionFailed(_ address: ServerAddress, _ error: any Error, _ generation: Int) -> Bool {
        guard let error = error as? MongoError else { return false }
        let cause: ServerFailure.Cause
        switch error.kind {
        case .server: cause = error.code == .authenticationFailed ? .authentication : .reply(error.details)
        case .timeout: cause = .timeout
        case .network: cause = .network
        default: return false
        }
        return take(
            ServerFailure(
                address: address, cause: cause, generation: generation, handshakeCompleted: false,
                maxWireVersion: TopologyOptions.wireVersions.upperBound, message: error.message))?.clearsPool ?? false
    }

    private func take(_ failure: ServerFailure) -> FailureEffect? {
        let (effect, server, waiters, gone) = state.withLock {
            state -> (FailureEffect?, Server?, [CheckedContinuation<Void, Never>], [Server]) in
            guard !state.isClosed, let server = state.servers[failure.address] else { return (nil, nil, [], []) }
            let (events, effect) = state.topology.update(failure, poolGeneration: server.pool.generation)
            guard !events.isEmpty else { return (effect, server, [], []) }
            let (waiters, gone) = reconcile(&state, events)
            return (effect, server, waiters, gone)
        }
        for waiter in waiters { waiter.resume() }
        forget(gone)
        if effect?.requestsCheck == true || !failure.handshakeCompleted { server?.monitor?.requestCheck() }
        if case .network = failure.cause, effect?.clearsPool == true { server?.monitor?.cancelCheck() }
        return effect
    }

    private func emit(_ event: TopologyEvent) {
        for listener in options.topologyListeners { listener(event) }
        logger.debug("topology: \(Self.name(event))")
    }

    private static func name(_ event: TopologyEvent) -> String {
        switch event {
        case .topologyOpening: "opening"
        case .topologyChanged(_, _, let new): "changed to \(new.kind.rawValue) of \(new.servers.count)"
        case .topologyClosed: "closed"
        case .serverOpening(_, let address): "\(address) opening"
        case .serverChanged(_, _, let new): "\(new.address) is \(new.kind.rawValue) \(new.error ?? "")"
        case .serverClosed(_, let address): "\(address) closed"
        case .heartbeatStarted, .heartbeatSucceeded, .heartbeatFailed: "heartbeat"
        }
    }
}

// MARK: - Selection

extension Cluster {
    /// A server for an operation. An object, because most operations take the same one.
    final class Choice: Sendable {
        let server: Server
        let description: ServerDescription
        let kind: TopologyDescription.Kind
        let sessionsTimeoutMinutes: Int?

        init(_ server: Server, _ description: ServerDescription, _ snapshot: TopologySnapshot) {
            self.server = server
            self.description = description
            kind = snapshot.kind
            sessionsTimeoutMinutes = snapshot.logicalSessionTimeoutMinutes
        }
    }

    /// The server for an operation that reads with `preference`, or writes, where all such go to one.
    func shortcut(_ preference: ReadPreference) throws -> Choice? {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            guard let choice = state.shortcut, preference.mode == .primary || choice.kind == .single,
                preference.tagSets.isEmpty, preference.maxStalenessSeconds == nil
            else { return nil }
            return choice
        }
    }

    private static var closed: MongoError { MongoError(.closed, "The client is closed: make a new one") }

    private enum Look {
        case chosen(Choice)
        case wait(version: UInt64)
        case incompatible(MongoError, version: UInt64)
    }

    /// Chooses a server, and waits for one until `deadline` or the selection's own time is up.
    /// - Throws: ``MongoError`` that tells what is known of the servers: of kind `serverSelection` where the selection's
    ///   time is up, of kind `timeout` where the operation's is. Of kind `usage` or `network` where waiting is of no use,
    ///   of kind `closed`; `CancellationError`.
    nonisolated(nonsending) func select(
        _ selector: ServerSelector, only address: ServerAddress? = nil, deadline: ContinuousClock.Instant?
    ) async throws -> Choice {
        var start: ContinuousClock.Instant?
        while true {
            let seen: UInt64
            var patience = options.serverSelectionTimeout
            var reason: MongoError?
            switch try look(selector, address) {
            case .chosen(let choice): return choice
            case .wait(let version): seen = version
            case .incompatible(let error, let version):
                // One look more: a server that was replaced, or misheard, is not to fail everybody until the next check.
                (seen, reason) = (version, error)
                patience = min(patience, MonitorOptions.minimumInterval * 4)
            }
            try Task.checkCancellation()
            let begun = start ?? .now
            start = begun
            let end = min(begun + patience, deadline ?? begun + patience)
            guard end > .now else {
                let isSelection = end == begun + patience
                throw reason ?? noServer(for: selector, isSelection ? .serverSelection : .timeout)
            }
            let monitors = state.withLock { $0.servers.values.compactMap(\.monitor) }
            for monitor in monitors { monitor.requestCheck() }
            await wait(seen, until: end)
        }
    }

    /// Chooses a server as ``select(_:only:deadline:)`` does, where that needs no waiting.
    func selectAtOnce(_ selector: ServerSelector, only address: ServerAddress? = nil) throws -> Choice? {
        if case .chosen(let choice) = try look(selector, address) { choice } else { nil }
    }

    private func look(_ selector: ServerSelector, _ address: ServerAddress?) throws -> Look {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            let snapshot = state.topology.snapshot
            func choice(_ server: Server, _ description: ServerDescription) -> Look {
                .chosen(Choice(server, description, snapshot))
            }
            if let address {
                guard let server = state.servers[address], let description = snapshot.servers[address] else {
                    throw MongoError(.network, "\(address), which holds the cursor, has left the deployment")
                }
                // It may have its cursors still: what was lost may have been the way to it only.
                return description.kind == .unknown ? .wait(version: state.version) : choice(server, description)
            }
            if let choice = state.shortcut,
                selector.isWrite || selector.readPreference == .primary || snapshot.kind == .single
            {
                return .chosen(choice)
            }
            if let reason = snapshot.incompatibility {
                return .incompatible(MongoError(.network, reason), version: state.version)
            }
            let window = selector.inLatencyWindow(try selector.suitable(snapshot))
            var generator = SystemRandomNumberGenerator()
            let picked = ServerSelector.pick(
                window, operationCount: { state.servers[$0]?.operationCount ?? 0 }, using: &generator)
            guard let picked, let server = state.servers[picked.address] else { return .wait(version: state.version) }
            return choice(server, picked)
        }
    }

    /// Waits for a change behind the one seen.
    private nonisolated(nonsending) func wait(_ seen: UInt64, until limit: ContinuousClock.Instant) async {
        let id = state.withLock { state in
            state.lastWaiter &+= 1
            return state.lastWaiter
        }
        let timer = group.next().scheduleTask(in: max(TimeAmount(limit - .now), .zero)) { self.stopWaiting(id) }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.version == seen, !state.isClosed, !Task.isCancelled, limit > .now else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            stopWaiting(id)
        }
    }

    private func stopWaiting(_ id: UInt64) { state.withLock { $0.waiters.removeValue(forKey: id) }?.resume() }

    private func noServer(for selector: ServerSelector, _ kind: MongoError.Kind) -> MongoError {
        let snapshot = snapshot
        let wanted = selector.isWrite ? "writes" : "reads with \(selector.readPreference.mode.rawValue)"
        let servers = snapshot.servers.values.sorted { $0.address < $1.address }.map { server in
            "\(server.address): \(server.kind.rawValue)\(server.error.map { " (\($0))" } ?? "")"
        }
        return MongoError(
            kind,
            "No server can take \(wanted). Known of \(snapshot.kind.rawValue): \(servers.joined(separator: ", "))")
    }
}
