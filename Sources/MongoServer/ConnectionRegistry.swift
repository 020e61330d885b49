internal import Logging
internal import NIOCore
internal import Synchronization

/// The open connections of a server: how many there are, and how all of them end.
final class ConnectionRegistry: Sendable {
    private struct State {
        var nextID: Int64 = 1
        var channels: [Int64: any Channel] = [:]
        var isStopping = false
        var allGone: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())
    private let limit: Int
    private let logger: Logger

    init(limit: Int, logger: Logger) {
        self.limit = limit
        self.logger = logger
    }

    /// The number of open connections.
    var count: Int { state.withLock { $0.channels.count } }

    /// Takes a new connection in and numbers it; nil where there are too many or the server stops.
    func admit(_ channel: any Channel) -> Int64? {
        let id: Int64? = state.withLock { state in
            guard !state.isStopping, state.channels.count < limit else { return nil }
            defer { state.nextID &+= 1 }
            state.channels[state.nextID] = channel
            return state.nextID
        }
        if id == nil {
            logger.warning("connection refused: too many are open", metadata: ["limit": "\(limit)"])
        }
        return id
    }

    /// Forgets a connection whose handler is done with it.
    func remove(_ id: Int64) {
        let promise = state.withLock { state -> EventLoopPromise<Void>? in
            state.channels[id] = nil
            guard state.channels.isEmpty else { return nil }
            defer { state.allGone = nil }
            return state.allGone
        }
        promise?.succeed()
    }

    /// Asks all connections to end after their running command, closes the rest after `grace`, and waits for them.
    func stop(within grace: Duration, on eventLoop: any EventLoop) async {
        let promise = eventLoop.makePromise(of: Void.self)
        let channels = state.withLock { state -> [any Channel] in
            state.isStopping = true
            if !state.channels.isEmpty { state.allGone = promise }
            return Array(state.channels.values)
        }
        guard !channels.isEmpty else {
            promise.succeed()
            return
        }
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(ConnectionHandler.ShutdownEvent())
        }
        let deadline = eventLoop.scheduleTask(in: TimeAmount(grace)) { [self] in
            for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
        }
        // Handlers end promptly once cancelled; one that does not must not keep the process for ever.
        let last = eventLoop.scheduleTask(in: TimeAmount(grace) + .seconds(5)) { promise.succeed() }
        try? await promise.futureResult.get()
        deadline.cancel()
        last.cancel()
    }
}
