internal import MongoProtocol

/// A pool of connections as a state machine: what happened goes in, what is to be done comes out. It does no I/O, has
/// no clock and no locks.
///
/// Follows the driver specification "Connection Monitoring and Pooling". Who asks first is served first; connections
/// that are set up belong to nobody until they are ready, so that the first in the queue takes whatever comes first, a
/// new connection or one that was given back.
struct PoolState<Connection: Sendable>: Sendable {
    /// What is to be done, in this order.
    enum Action: Sendable {
        /// Tell the listeners.
        case emit(PoolEvent)
        /// Set a connection up and answer with ``PoolState/connected(_:_:at:)`` or ``PoolState/failed(_:_:at:)``.
        case connect(id: Int)
        /// Stop setting a connection up.
        case abort(id: Int)
        /// Close a connection.
        case close(Connection)
        /// Give a connection to whoever waits.
        case resume(request: Int, Lease)
        /// Tell whoever waits that there is none.
        case fail(request: Int, PoolError)
    }

    /// A connection in use.
    struct Lease: Sendable {
        let id: Int
        let generation: Int
        let connection: Connection
    }

    /// Whether connections are given out.
    enum Phase: Sendable { case paused, ready, closed }

    private struct Entry: Sendable {
        let generation: Int
        // Times of a layout that is known here, unlike an instant's: entries are touched twice for each operation.
        let createdAt: Duration
        var connection: Connection?
        var isInUse = false
        var lastUsed: Duration
    }

    private struct Request: Sendable {
        let id: Int
        let startedAt: ContinuousClock.Instant
    }

    let options: PoolOptions
    /// Whether anybody listens; events are not even made where nobody does.
    let isObserved: Bool
    private(set) var phase = Phase.paused
    private(set) var generation = 0
    private var entries: [Int: Entry] = [:]
    /// The connections at hand, the one used last at the end.
    private var available: [Int] = []
    private var pending = 0
    private var queue: [Request] = []
    private var lastConnectionID = 0
    private var lastRequestID = 0
    /// What is to be done; whoever calls the machine takes it away.
    private var actions: [Action] = []

    init(_ options: PoolOptions, isObserved: Bool = true) {
        self.options = options
        self.isObserved = isObserved
        emit(.poolCreated(options))
    }

    /// The number of connections, those that are being set up included.
    var totalCount: Int { entries.count }
    /// The connections that somebody uses.
    var connectionsInUse: [Connection] { entries.values.compactMap { $0.isInUse ? $0.connection : nil } }
    /// The number of connections that wait for work.
    var availableCount: Int { available.count }
    /// The number of those who wait for a connection.
    var waitingCount: Int { queue.count }

    /// Gives what is to be done.
    mutating func takeActions() -> [Action] {
        guard !actions.isEmpty else { return [] }
        defer { actions = [] }
        return actions
    }

    private mutating func emit(_ event: @autoclosure () -> PoolEvent) {
        if isObserved { actions.append(.emit(event())) }
    }
}

// MARK: - Phases

extension PoolState {
    /// The server was heard of: connections may be set up and given out.
    mutating func ready(at now: ContinuousClock.Instant) {
        guard phase == .paused else { return }
        phase = .ready
        emit(.poolReady)
        connectMore(at: now)
    }

    /// All connections are of no more use; the pool pauses until it is ready again.
    /// - Parameter interruptsInUse: Whether those that are in use are cut off too.
    mutating func clear(interruptsInUse: Bool = false, at now: ContinuousClock.Instant) {
        clear(interruptsInUse: interruptsInUse, sparing: nil, at: now)
    }

    private mutating func clear(interruptsInUse: Bool, sparing spared: Int?, at now: ContinuousClock.Instant) {
        guard phase != .closed else { return }
        generation += 1
        if phase == .ready {
            phase = .paused
            emit(.poolCleared(interruptsInUse: interruptsInUse))
        }
        for id in available { close(id, .stale) }
        available.removeAll()
        if interruptsInUse {
            for (id, entry) in entries.sorted(by: { $0.key < $1.key }) {
                if entry.connection == nil {
                    pending -= 1
                    actions.append(.abort(id: id))
                    entries[id] = nil
                    emit(.connectionClosed(id: id, .stale))
                } else if let connection = entry.connection {
                    actions.append(.close(connection))
                }
            }
        }
        failAll(except: spared, .cleared, .connectionError, at: now)
    }

    /// Ends the pool. Connections in use end when they are given back.
    mutating func close(at now: ContinuousClock.Instant) {
        guard phase != .closed else { return }
        phase = .closed
        for id in available { close(id, .poolClosed) }
        available.removeAll()
        for (id, entry) in entries where entry.connection == nil {
            pending -= 1
            actions.append(.abort(id: id))
            entries[id] = nil
            emit(.connectionClosed(id: id, .poolClosed))
        }
        failAll(except: nil, .closed, .poolClosed, at: now)
        emit(.poolClosed)
    }

    /// Closes what was unused for too long and sets up what is missing; to be called from time to time.
    mutating func maintain(at now: ContinuousClock.Instant) {
        guard phase == .ready else { return }
        let idle = available.filter { isIdle($0, at: now) }
        available.removeAll { idle.contains($0) }
        for id in idle { close(id, .idle) }
        connectMore(at: now)
    }

    private mutating func failAll(
        except spared: Int?, _ error: PoolError, _ reason: PoolEvent.CheckOutFailure, at now: ContinuousClock.Instant
    ) {
        let waiting = queue
        queue.removeAll { $0.id != spared }
        for request in waiting where request.id != spared { fail(request, error, reason, at: now) }
    }

    private mutating func fail(
        _ request: Request, _ error: PoolError, _ reason: PoolEvent.CheckOutFailure, at now: ContinuousClock.Instant
    ) {
        emit(.checkOutFailed(reason, duration: request.startedAt.duration(to: now)))
        actions.append(.fail(request: request.id, error))
    }

    private mutating func close(_ id: Int, _ reason: PoolEvent.CloseReason) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        if let connection = entry.connection { actions.append(.close(connection)) }
        emit(.connectionClosed(id: id, reason))
    }

    private func isIdle(_ id: Int, at now: ContinuousClock.Instant) -> Bool {
        guard let limit = options.maxIdleTime, limit > .zero, let entry = entries[id] else { return false }
        return start.duration(to: now) - entry.lastUsed > limit
    }
}

// MARK: - Connections

extension PoolState {
    /// What a request for a connection gives at once.
    enum CheckOut: Sendable {
        /// A connection.
        case lease(Lease)
        /// A place in the queue, under a number.
        case wait(request: Int)
        /// None, and none later.
        case fail(PoolError)
    }

    /// Asks for a connection.
    mutating func checkOut(at now: ContinuousClock.Instant) -> CheckOut {
        emit(.checkOutStarted)
        switch phase {
        case .closed:
            emit(.checkOutFailed(.poolClosed, duration: .zero))
            return .fail(.closed)
        case .paused:
            emit(.checkOutFailed(.connectionError, duration: .zero))
            return .fail(.cleared)
        case .ready: break
        }
        if queue.isEmpty, let lease = takeAvailable(at: now) {
            emit(.checkedOut(id: lease.id, duration: .zero))
            return .lease(lease)
        }
        lastRequestID += 1
        queue.append(Request(id: lastRequestID, startedAt: now))
        connectMore(at: now)
        return .wait(request: lastRequestID)
    }

    /// Gives a connection where one is at hand and nothing else is to be done, as ``checkOut(at:)`` would.
    mutating func takeAtOnce(at now: @autoclosure () -> ContinuousClock.Instant) -> Lease? {
        guard isQuiet else { return nil }
        return takeAvailable(at: now())
    }

    /// Takes a connection back where nothing else is to be done, as ``checkIn(_:isBroken:at:)`` would.
    /// - Returns: False where the connection is still out.
    mutating func putBackAtOnce(_ lease: Lease, at now: @autoclosure () -> ContinuousClock.Instant) -> Bool {
        guard isQuiet, entries.count >= options.minPoolSize, let index = entries.index(forKey: lease.id),
            entries.values[index].isInUse, entries.values[index].generation == generation
        else { return false }
        entries.values[index].isInUse = false
        if options.maxIdleTime != nil { entries.values[index].lastUsed = start.duration(to: now()) }
        available.append(lease.id)
        return true
    }

    /// Whether connections come and go without anybody waiting for one or listening.
    private var isQuiet: Bool { phase == .ready && queue.isEmpty && !isObserved }

    /// Gives up waiting, because time is up or the task was cancelled.
    /// - Returns: False where the request has had its answer already.
    mutating func giveUp(_ request: Int, at now: ContinuousClock.Instant) -> Bool {
        guard let index = queue.firstIndex(where: { $0.id == request }) else { return false }
        let given = queue.remove(at: index)
        emit(.checkOutFailed(.timeout, duration: given.startedAt.duration(to: now)))
        return true
    }

    /// A connection is set up.
    mutating func connected(_ id: Int, _ connection: Connection, at now: ContinuousClock.Instant) {
        guard var entry = entries[id], entry.connection == nil else {
            actions.append(.close(connection))
            return
        }
        pending -= 1
        entry.connection = connection
        entry.lastUsed = start.duration(to: now)
        entries[id] = entry
        emit(.connectionReady(id: id, duration: start.duration(to: now) - entry.createdAt))
        offer(id, at: now)
    }

    /// A connection could not be set up: the first in the queue learns why.
    /// - Parameter clearing: Whether the failure is one that clears the pool, of which the others learn.
    mutating func failed(_ id: Int, _ error: MongoError, clearing: Bool = false, at now: ContinuousClock.Instant) {
        guard let entry = entries[id], entry.connection == nil else { return }
        if clearing, entry.generation == generation {
            clear(interruptsInUse: false, sparing: queue.first?.id, at: now)
        }
        pending -= 1
        entries[id] = nil
        emit(.connectionClosed(id: id, .error))
        if !queue.isEmpty, entry.generation == generation || clearing {
            fail(queue.removeFirst(), .connecting(error), .connectionError, at: now)
        }
        // A failure that nobody waited for is not repeated at once: the next maintenance tries again.
        if !queue.isEmpty { connectMore(at: now) }
    }

    /// Takes a connection back.
    /// - Parameter isBroken: Whether it is of no more use.
    mutating func checkIn(_ lease: Lease, isBroken: Bool = false, at now: ContinuousClock.Instant) {
        guard var entry = entries[lease.id], entry.isInUse else { return }
        emit(.checkedIn(id: lease.id))
        if phase == .closed { return closeReturned(lease.id, .poolClosed, at: now) }
        if isBroken { return closeReturned(lease.id, entry.generation == generation ? .error : .stale, at: now) }
        entry.isInUse = false
        entry.lastUsed = start.duration(to: now)
        entries[lease.id] = entry
        offer(lease.id, at: now)
    }

    private mutating func closeReturned(
        _ id: Int, _ reason: PoolEvent.CloseReason, at now: ContinuousClock.Instant
    ) {
        close(id, reason)
        connectMore(at: now)
    }

    /// Gives a connection to the first in the queue, or keeps it at hand.
    private mutating func offer(_ id: Int, at now: ContinuousClock.Instant) {
        guard let entry = entries[id], let connection = entry.connection else { return }
        guard phase != .closed, entry.generation == generation else {
            return closeReturned(id, phase == .closed ? .poolClosed : .stale, at: now)
        }
        if queue.isEmpty {
            available.append(id)
        } else {
            let request = queue.removeFirst()
            entries[id]?.isInUse = true
            emit(.checkedOut(id: id, duration: request.startedAt.duration(to: now)))
            actions.append(
                .resume(
                    request: request.id, Lease(id: id, generation: entry.generation, connection: connection)))
        }
        connectMore(at: now)
    }

    private mutating func takeAvailable(at now: @autoclosure () -> ContinuousClock.Instant) -> Lease? {
        while let id = available.popLast() {
            if options.maxIdleTime != nil, isIdle(id, at: now()) {
                close(id, .idle)
                continue
            }
            guard let index = entries.index(forKey: id), let connection = entries.values[index].connection else {
                continue
            }
            entries.values[index].isInUse = true
            return Lease(id: id, generation: entries.values[index].generation, connection: connection)
        }
        return nil
    }

    /// Forgets a connection that broke while nobody used it.
    mutating func lost(_ id: Int, at now: ContinuousClock.Instant) {
        guard let index = available.firstIndex(of: id) else { return }
        available.remove(at: index)
        closeReturned(id, .error, at: now)
    }

    /// Sets up as many connections as are waited for, and as have always to be there, within the limits.
    private mutating func connectMore(at now: ContinuousClock.Instant) {
        guard phase == .ready else { return }
        while pending < options.maxConnecting, options.maxPoolSize == 0 || entries.count < options.maxPoolSize,
            queue.count > pending || entries.count < options.minPoolSize
        {
            lastConnectionID += 1
            let id = lastConnectionID
            pending += 1
            entries[id] = Entry(
                generation: generation, createdAt: start.duration(to: now), lastUsed: start.duration(to: now))
            emit(.connectionCreated(id: id))
            actions.append(.connect(id: id))
        }
    }

    /// The generation in which a connection was begun; nil where it is gone.
    func generation(of id: Int) -> Int? { entries[id]?.generation }
}

/// What pools count their times from.
private let start = ContinuousClock.now

/// Why a pool gives no connection.
enum PoolError: Error, Sendable {
    /// The pool is closed.
    case closed
    /// The pool was cleared: the server failed others.
    case cleared
    /// The connection could not be set up.
    case connecting(MongoError)
}
