internal import Logging
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// The connections to one server: the state machine ``PoolState`` with sockets and waiting tasks behind it.
final class ConnectionPool: Sendable {
    typealias Lease = PoolState<Connection>.Lease

    /// What a failure to set a connection up means to the deployment: whether the pool has to be cleared.
    typealias FailureReport = @Sendable (_ error: any Error, _ generation: Int) -> Bool

    private struct State {
        var machine: PoolState<Connection>
        var waiters: [Int: CheckedContinuation<Lease, any Error>] = [:]
        /// Answers to those who have a place in the queue and have not begun to wait.
        var early: [Int: Result<Lease, any Error>] = [:]
        var tasks: [Int: Task<Void, Never>] = [:]
        var maintenance: RepeatedTask?
    }

    private let connector: Connector
    private let listeners: [PoolListener]
    private let logger: Logger
    private let report: FailureReport
    private let state: Mutex<State>

    init(
        _ connector: Connector, _ options: PoolOptions, listeners: [PoolListener], logger: Logger,
        report: @escaping FailureReport
    ) {
        self.connector = connector
        self.listeners = listeners
        self.logger = logger
        self.report = report
        let isObserved = !listeners.isEmpty || logger.logLevel <= .debug
        state = Mutex(State(machine: PoolState(options, isObserved: isObserved)))
        perform { _ in }
        guard options.minPoolSize > 0 || options.maxIdleTime != nil else { return }
        let task = connector.group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
            [weak self] _ in
            self?.perform { $0.machine.maintain(at: .now) }
        }
        state.withLock { $0.maintenance = task }
    }

    private var address: ServerAddress { connector.address }

    /// How often the pool was cleared.
    var generation: Int { state.withLock { $0.machine.generation } }

    /// The number of connections, those that are being set up included.
    var totalCount: Int { state.withLock { $0.machine.totalCount } }

    /// What operations wait for or hold, by its name.
    var workUnderWay: [String: Int] {
        state.withLock { state in
            [
                "waiting operations": state.waiters.count, "answers nobody has taken": state.early.count,
                "connections in use": state.machine.connectionsInUse.count,
            ]
        }
    }

    // MARK: Phases

    /// The server was heard of.
    func ready() { perform { $0.machine.ready(at: .now) } }

    /// The connections are of no more use.
    func clear(interruptsInUse: Bool = false) {
        perform { $0.machine.clear(interruptsInUse: interruptsInUse, at: .now) }
    }

    /// Closes all connections, those in use too, and waits for those that are being set up.
    func close() async {
        let (tasks, inUse, maintenance) = perform { state in
            state.machine.close(at: .now)
            return (Array(state.tasks.values), state.machine.connectionsInUse, state.maintenance)
        }
        maintenance?.cancel()
        for connection in inUse { connection.close() }
        for task in tasks { await task.value }
    }

    // MARK: Connections out and in

    /// Gives a connection for one exchange, where one is at hand.
    func takeAtOnce() -> Lease? {
        let lease = state.withLock { $0.machine.takeAtOnce(at: .now) }
        guard let lease, !lease.connection.isOpen else { return lease }
        checkIn(lease, isBroken: true)
        return nil
    }

    /// Gives a connection for one exchange; ``checkIn(_:isBroken:)`` takes it back.
    /// - Throws: ``MongoError`` of kind `timeout` where none is free until `deadline`, of kind `network` where none can
    ///   be set up, of kind `closed`; `CancellationError`.
    nonisolated(nonsending) func checkOut(deadline: ContinuousClock.Instant?) async throws -> Lease {
        while true {
            let lease = try await takeLease(deadline)
            if lease.connection.isOpen { return lease }
            checkIn(lease, isBroken: true)
        }
    }

    private nonisolated(nonsending) func takeLease(_ deadline: ContinuousClock.Instant?) async throws -> Lease {
        let now = ContinuousClock.now
        let outcome = perform { $0.machine.checkOut(at: now) }
        switch outcome {
        case .lease(let lease): return lease
        case .fail(let failure): throw error(failure)
        case .wait(let request):
            let waitLimit = state.withLock { $0.machine.options.waitQueueTimeout }.map { now + $0 }
            let limit = [deadline, waitLimit].compactMap { $0 }.min()
            let timeout = limit.map { limit in
                connector.group.next().scheduleTask(in: max(TimeAmount(limit - .now), .zero)) { [weak self] in
                    self?.giveUp(
                        request, MongoError(.timeout, "Timed out while checking out a connection from connection pool"))
                }
            }
            defer { timeout?.cancel() }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let early = state.withLock { state -> Result<Lease, any Error>? in
                        if let result = state.early.removeValue(forKey: request) { return result }
                        state.waiters[request] = continuation
                        return nil
                    }
                    if let early { continuation.resume(with: early) }
                }
            } onCancel: {
                giveUp(request, CancellationError())
            }
        }
    }

    /// Takes a connection back.
    /// - Parameter isBroken: Whether it is of no more use.
    func checkIn(_ lease: Lease, isBroken: Bool) {
        let isBroken = isBroken || !lease.connection.isOpen
        if !isBroken, state.withLock({ $0.machine.putBackAtOnce(lease, at: .now) }) { return }
        perform { $0.machine.checkIn(lease, isBroken: isBroken, at: .now) }
    }

    private func giveUp(_ request: Int, _ error: any Error) {
        let waiter = perform { state -> CheckedContinuation<Lease, any Error>? in
            guard state.machine.giveUp(request, at: .now) else { return nil }
            if let waiter = state.waiters.removeValue(forKey: request) { return waiter }
            state.early[request] = .failure(error)
            return nil
        }
        waiter?.resume(throwing: error)
    }

    // MARK: What the machine asks for

    /// Changes the state, and does what the machine asks for. Listeners are told under the lock, so that they hear of
    /// events in their order; everything else happens behind it.
    @discardableResult
    private func perform<R: Sendable>(_ change: (inout State) -> R) -> R {
        var work: [PoolState<Connection>.Action] = []
        var resumed: [(CheckedContinuation<Lease, any Error>, Result<Lease, any Error>)] = []
        // Cancelling runs code of the connection's, which may come back here.
        var aborted: [Task<Void, Never>] = []
        let result = state.withLock { state in
            let result = change(&state)
            for action in state.machine.takeActions() {
                switch action {
                case .emit(let event): emit(event)
                case .resume(let request, let lease):
                    answer(request, .success(lease), &state, &resumed)
                case .fail(let request, let failure): answer(request, .failure(error(failure)), &state, &resumed)
                case .abort(let id): if let task = state.tasks[id] { aborted.append(task) }
                case .connect(let id): state.tasks[id] = Task { await self.connect(id) }
                case .close: work.append(action)
                }
            }
            return result
        }
        for (continuation, result) in resumed { continuation.resume(with: result) }
        for case .close(let connection) in work { connection.close() }
        for task in aborted { task.cancel() }
        return result
    }

    private func answer(
        _ request: Int, _ result: Result<Lease, any Error>, _ state: inout State,
        _ resumed: inout [(CheckedContinuation<Lease, any Error>, Result<Lease, any Error>)]
    ) {
        if let waiter = state.waiters.removeValue(forKey: request) {
            resumed.append((waiter, result))
        } else {
            state.early[request] = result
        }
    }

    private func connect(_ id: Int) async {
        let generation = state.withLock { $0.machine.generation(of: id) } ?? 0
        do {
            let greeting = try await connector.connect(id: id, logsIn: true) { [weak self] in self?.lost(id) }
            perform { state in
                state.tasks[id] = nil
                state.machine.connected(id, greeting.connection, at: .now)
            }
        } catch {
            let clears = report(error, generation)
            let known = error as? MongoError ?? MongoError(.network, "\(error)")
            perform { state in
                state.tasks[id] = nil
                state.machine.failed(id, known, clearing: clears, at: .now)
            }
        }
    }

    /// A connection ended while it may have waited for work.
    private func lost(_ id: Int) { perform { $0.machine.lost(id, at: .now) } }

    private func error(_ failure: PoolError) -> MongoError {
        var error =
            switch failure {
            case .closed: MongoError(.closed, "Attempted to check out a connection from closed connection pool")
            case .cleared:
                MongoError(.network, "Connection pool for \(address) was cleared because another operation failed")
            case .connecting(let cause): cause
            }
        error.address = address.description
        return error
    }

    private func emit(_ event: PoolEvent) {
        for listener in listeners { listener(address, event) }
        logger.debug("pool: \(event)", metadata: ["address": "\(address)"])
    }
}
