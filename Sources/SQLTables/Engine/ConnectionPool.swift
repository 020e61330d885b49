internal import Synchronization

/// Connections that are open and not in use, and callers that wait for one, first come first served.
final class ConnectionPool: Sendable {
    /// What the pool keeps to.
    struct Limits: Sendable {
        var size: Int
        var overflow: Int
        var timeout: Duration
        var recycle: Duration?
        var prePing: Bool
    }

    /// A connection that a caller has.
    struct Lease: Sendable {
        let connection: any DriverConnection
        let opened: ContinuousClock.Instant
    }

    private struct Idle {
        let lease: Lease
        let since: ContinuousClock.Instant
    }

    /// What a waiting caller gets: a connection, or the right to open one.
    private enum Turn: Sendable {
        case lease(Lease)
        case open
    }

    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Result<Turn, SQLError>, Never>
    }

    private struct State: ~Copyable {
        var idle: [Idle] = []
        /// Connections that are open, or being opened.
        var count = 0
        var waiters: [Waiter] = []
        var nextWaiter = 0
        var isClosed = false
    }

    private let driver: any Driver
    private let limits: Limits
    private let name: String
    private let state = Mutex(State())

    init(driver: any Driver, limits: Limits, name: String) {
        self.driver = driver
        self.limits = limits
        self.name = name
    }

    /// A connection for the caller alone, to be given back by ``checkIn(_:)``.
    func checkOut() async throws(SQLError) -> Lease {
        while true {
            switch try await turn() {
            case .open: return try await open()
            case .lease(let lease):
                if await isUsable(lease) { return lease }
                discard(lease)
            }
        }
    }

    /// Takes a connection back.
    func checkIn(_ lease: Lease) {
        guard !lease.connection.isBroken else { return discard(lease) }
        let (waiter, closes) = state.withLock { state -> (Waiter?, Bool) in
            if state.isClosed { return (nil, true) }
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), false) }
            guard state.count <= limits.size else {
                state.count -= 1
                return (nil, true)
            }
            state.idle.append(Idle(lease: lease, since: .now))
            return (nil, false)
        }
        waiter?.continuation.resume(returning: .success(.lease(lease)))
        if closes { lease.connection.close() }
    }

    /// Closes what is idle; what is in use is closed when it comes back. Those who wait are told.
    func close() {
        let (idle, waiters) = state.withLock { state in
            state.isClosed = true
            defer {
                state.idle = []
                state.waiters = []
            }
            return (state.idle, state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(closedError)) }
        for item in idle { item.lease.connection.close() }
    }

    private var closedError: SQLError { SQLError(.closed, "The engine of \(name) is closed") }

    private func open() async throws(SQLError) -> Lease {
        do throws(SQLError) {
            return Lease(connection: try await driver.connect(), opened: .now)
        } catch {
            passOn()
            throw error
        }
    }

    private func discard(_ lease: Lease) {
        lease.connection.close()
        passOn()
    }

    /// Gives a place in the pool that has become free to the next who waits.
    private func passOn() {
        let waiter = state.withLock { state -> Waiter? in
            guard !state.waiters.isEmpty else {
                state.count -= 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        waiter?.continuation.resume(returning: .success(.open))
    }

    private func isUsable(_ lease: Lease) async -> Bool {
        if lease.connection.isBroken { return false }
        if let recycle = limits.recycle, ContinuousClock.now - lease.opened > recycle { return false }
        return true
    }

    private func turn() async throws(SQLError) -> Turn {
        var found: Idle?
        let ready = try take(&found)
        if let found {
            // A connection that nobody used may have been closed by the server meanwhile.
            if limits.prePing, !(await found.lease.connection.isAlive(idle: .now - found.since)) {
                discard(found.lease)
                return try await turn()
            }
            return .lease(found.lease)
        }
        if ready { return .open }
        return try await wait()
    }

    /// Takes an idle connection, or a place for a new one.
    private func take(_ found: inout Idle?) throws(SQLError) -> Bool {
        let (isClosed, idle, mayOpen) = state.withLock { state -> (Bool, Idle?, Bool) in
            if state.isClosed { return (true, nil, false) }
            if let idle = state.idle.popLast() { return (false, idle, false) }
            guard state.count < limits.size + limits.overflow else { return (false, nil, false) }
            state.count += 1
            return (false, nil, true)
        }
        if isClosed { throw closedError }
        found = idle
        return mayOpen
    }

    private func wait() async throws(SQLError) -> Turn {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timer = Task { [limits] in
            guard (try? await Task.sleep(for: limits.timeout)) != nil else { return }
            let seconds =
                Double(limits.timeout.components.seconds) + Double(limits.timeout.components.attoseconds) / 1e18
            self.end(
                id,
                SQLError(
                    .poolTimeout,
                    "No connection of \(self.name) became free within \(seconds) s; "
                        + "within a transaction use its own connection, not the engine"))
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Turn, SQLError>, Never>) in
                let turn = state.withLock { state -> Result<Turn, SQLError>? in
                    if state.isClosed { return .failure(closedError) }
                    if Task.isCancelled { return .failure(SQLError(.cancelled, "The task was cancelled")) }
                    if let idle = state.idle.popLast() { return .success(.lease(idle.lease)) }
                    if state.count < limits.size + limits.overflow {
                        state.count += 1
                        return .success(.open)
                    }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            end(id, SQLError(.cancelled, "The task was cancelled"))
        }
        return try result.get()
    }

    /// Ends a caller's waiting with an error, if it still waits.
    private func end(_ id: Int, _ error: SQLError) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: .failure(error))
    }
}
