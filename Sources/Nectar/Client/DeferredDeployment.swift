internal import BSON
internal import MongoProtocol
internal import Synchronization

/// A deployment that is opened by its first operation, for applications that are to start before their database.
///
/// An opening that fails is tried again by the next operation.
final class DeferredDeployment: Deployment {
    private enum State {
        case waiting
        case opening(Task<any Deployment, any Error>)
        case open(any Deployment)
        case closed
    }

    private enum Step {
        case use(any Deployment)
        case wait(Task<any Deployment, any Error>)
        case refuse
    }

    private let state = Mutex(State.waiting)
    private let opening: @Sendable () async throws -> any Deployment
    let emitsCommandEvents: Bool
    /// One over the network tells of commands itself, and leaves batches unchecked.
    var checksBatches: Bool { !emitsCommandEvents }

    init(emitsCommandEvents: Bool, opening: @escaping @Sendable () async throws -> any Deployment) {
        self.emitsCommandEvents = emitsCommandEvents
        self.opening = opening
    }

    var topology: TopologyDescription {
        get async {
            let current = state.withLock { state -> (any Deployment)? in
                if case .open(let deployment) = state { deployment } else { nil }
            }
            return await current?.topology ?? TopologyDescription(.unknown)
        }
    }

    func run(_ operation: MongoOperation) async throws -> BSONDocument {
        try await opened().run(operation)
    }

    func close() async {
        let last = state.withLock { state in
            defer { state = .closed }
            return state
        }
        switch last {
        case .waiting, .closed: break
        case .open(let deployment): await deployment.close()
        case .opening(let task): await (try? task.value)?.close()
        }
    }

    private func opened() async throws -> any Deployment {
        let step = state.withLock { state -> Step in
            switch state {
            case .open(let deployment): return .use(deployment)
            case .opening(let task): return .wait(task)
            case .closed: return .refuse
            case .waiting:
                let task = Task { [opening] in try await opening() }
                state = .opening(task)
                return .wait(task)
            }
        }
        switch step {
        case .use(let deployment): return deployment
        case .refuse: throw MongoError(.closed, "The client is closed: make a new one")
        case .wait(let task):
            do {
                let deployment = try await task.value
                settle(task, .open(deployment))
                return deployment
            } catch {
                settle(task, .waiting)
                throw error
            }
        }
    }

    /// Notes what came of an opening, unless something else has happened since.
    private func settle(_ task: Task<any Deployment, any Error>, _ outcome: State) {
        state.withLock { state in
            if case .opening(let current) = state, current == task { state = outcome }
        }
    }
}
