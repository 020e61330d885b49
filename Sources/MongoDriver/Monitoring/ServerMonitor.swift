internal import BSON
internal import Logging
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// Watches one server over a connection of its own and tells what it hears.
///
/// Follows the driver specification "Server Monitoring": a server that can tells of changes by itself (streaming), and
/// a second connection measures round trips meanwhile; others are asked from time to time.
final class ServerMonitor: Sendable {
    /// What a check has found, for whoever keeps the deployment's state.
    typealias Report = @Sendable (_ description: ServerDescription, _ isNetworkFailure: Bool) -> Void

    private struct State {
        var connection: Connection?
        var task: Task<Void, Never>?
        var roundTripTask: Task<Void, Never>?
        var roundTrips = RoundTripTime()
        var isStreaming = false
    }

    private let connector: Connector
    private let options: MonitorOptions
    private let listeners: [TopologyListener]
    private let report: Report
    private let wakeUp: WakeUp
    private let roundTripWakeUp: WakeUp
    private let state = Mutex(State())

    init(
        _ connector: Connector, _ options: MonitorOptions, listeners: [TopologyListener], report: @escaping Report
    ) {
        self.connector = connector
        self.options = options
        self.listeners = listeners
        self.report = report
        wakeUp = WakeUp(on: connector.group.next())
        roundTripWakeUp = WakeUp(on: connector.group.next())
    }

    private var address: ServerAddress { connector.address }

    /// The least round trip of late.
    var minimumRoundTripTime: Duration { state.withLock { $0.roundTrips.minimum } }

    // MARK: Control

    /// Begins to watch.
    func start() {
        let task = Task { await self.watch() }
        state.withLock { $0.task = task }
    }

    /// Has the server asked soon, where nothing is heard of it without.
    func requestCheck() { wakeUp.wake() }

    /// Gives up what is waited for, since operations have found the server gone.
    func cancelCheck() { state.withLock { $0.connection }?.close() }

    /// Ends watching without waiting for it.
    func cancel() {
        let (task, roundTripTask, connection) = state.withLock { ($0.task, $0.roundTripTask, $0.connection) }
        task?.cancel()
        roundTripTask?.cancel()
        connection?.close()
    }

    /// Ends watching.
    func close() async {
        cancel()
        let (task, roundTripTask) = state.withLock { ($0.task, $0.roundTripTask) }
        await task?.value
        await roundTripTask?.value
    }

    // MARK: Checks

    private func watch() async {
        var wasKnown = false
        while !Task.isCancelled {
            let (description, isNetworkFailure) = await check()
            guard !Task.isCancelled else { break }
            report(description, isNetworkFailure)
            let isKnown = description.kind != .unknown
            // What was there a moment ago may have dropped one connection only: ask again at once.
            let retries = wasKnown && isNetworkFailure
            wasKnown = isKnown
            if retries { continue }
            if state.withLock({ $0.isStreaming }) { continue }
            await pause()
        }
        state.withLock { $0.connection }?.close()
    }

    /// Waits for the next check: at least half a second, at most the heartbeat's time.
    private func pause() async {
        try? await Task.sleep(for: MonitorOptions.minimumInterval)
        let rest = options.heartbeatFrequency - MonitorOptions.minimumInterval
        if rest > .zero { await wakeUp.sleep(for: rest) }
    }

    private func check() async -> (ServerDescription, isNetworkFailure: Bool) {
        let connection = state.withLock { $0.connection }
        let isAwaited = connection != nil && state.withLock { $0.isStreaming }
        emit(.heartbeatStarted(address, awaited: isAwaited))
        let start = ContinuousClock.now
        do {
            let hello: BSONDocument
            if let connection {
                hello = try await ask(connection)
                if !isAwaited { addRoundTrip(.now - start) }
            } else {
                let greeting = try await connector.connect(logsIn: false)
                state.withLock {
                    $0.connection = greeting.connection
                    $0.roundTrips.add(greeting.roundTripTime)
                }
                hello = greeting.hello
            }
            if let error = MongoError(reply: hello, command: "hello", address: address.description) { throw error }
            var description = ServerDescription(address, hello: hello, at: .now)
            description.roundTripTime = state.withLock { $0.roundTrips.average }
            emit(.heartbeatSucceeded(address, awaited: isAwaited, duration: .now - start))
            follow(description)
            return (description, false)
        } catch {
            return (failed(error, isAwaited, after: .now - start), true)
        }
    }

    private func failed(_ error: any Error, _ isAwaited: Bool, after duration: Duration) -> ServerDescription {
        let connection = state.withLock { state in
            defer {
                state.connection = nil
                state.isStreaming = false
                state.roundTrips = RoundTripTime()
            }
            return state.connection
        }
        connection?.close()
        roundTripWakeUp.wake()
        let known = error as? MongoError ?? MongoError(.network, "\(error)")
        emit(.heartbeatFailed(address, awaited: isAwaited, duration: duration, error: known))
        return ServerDescription(unknown: address, error: known.message)
    }

    /// Asks over a connection that is open: for news where the server streams them.
    private func ask(_ connection: Connection) async throws -> BSONDocument {
        let timeout = connector.connectTimeout
        let known = connection.description
        let legacy = !connection.speaksHello
        guard state.withLock({ $0.isStreaming }), let version = known.topologyVersion else {
            let answer = try await connection.run(
                body: Connector.hello(legacy: legacy), adding: ["$db": "admin"], deadline: .now + timeout)
            connection.completeHandshake(ServerDescription(address, hello: answer.document))
            return answer.document
        }
        let deadline = ContinuousClock.now + timeout + options.heartbeatFrequency
        let answer: WireAnswer
        if connection.expectsMore {
            answer = try await connection.receive(deadline: deadline)
        } else {
            let wait = Int(options.heartbeatFrequency / .milliseconds(1))
            answer = try await connection.run(
                body: Connector.hello(legacy: legacy),
                adding: [
                    "topologyVersion": .document(version.document), "maxAwaitTimeMS": .int(wait), "$db": "admin",
                ], flags: .exhaustAllowed, deadline: deadline)
        }
        connection.expectsMore = answer.moreToCome
        connection.completeHandshake(ServerDescription(address, hello: answer.document))
        return answer.document
    }

    /// Lets the server tell of changes from now on, where it can.
    private func follow(_ description: ServerDescription) {
        let streams = description.topologyVersion != nil && options.mode != .poll
        let starts = state.withLock { state in
            state.isStreaming = streams
            return streams && state.roundTripTask == nil
        }
        guard starts else { return }
        let task = Task { await self.measure() }
        state.withLock { $0.roundTripTask = task }
        if Task.isCancelled { task.cancel() }
    }

    // MARK: Round trips

    /// Measures round trips while the first connection waits for news.
    private func measure() async {
        var connection: Connection?
        while !Task.isCancelled {
            await roundTripWakeUp.sleep(for: options.heartbeatFrequency)
            guard !Task.isCancelled else { break }
            guard state.withLock({ $0.isStreaming }) else {
                connection?.close()
                connection = nil
                continue
            }
            do {
                if let open = connection {
                    let start = ContinuousClock.now
                    _ = try await open.run(
                        body: Connector.hello(legacy: !open.speaksHello), adding: ["$db": "admin"],
                        deadline: start + connector.connectTimeout)
                    addRoundTrip(.now - start)
                } else {
                    let greeting = try await connector.connect(logsIn: false)
                    connection = greeting.connection
                    addRoundTrip(greeting.roundTripTime)
                }
            } catch {
                connection?.close()
                connection = nil
            }
        }
        connection?.close()
    }

    private func addRoundTrip(_ time: Duration) { state.withLock { $0.roundTrips.add(time) } }

    private func emit(_ event: TopologyEvent) {
        for listener in listeners { listener(event) }
    }
}
