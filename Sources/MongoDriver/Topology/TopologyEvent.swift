public import MongoProtocol

/// What happens to the known state of a deployment, as "SDAM Logging and Monitoring" names it.
public enum TopologyEvent: Sendable {
    /// Monitoring of a deployment begins.
    case topologyOpening(id: Int64)
    /// Something of the deployment has changed.
    case topologyChanged(id: Int64, previous: TopologySnapshot, new: TopologySnapshot)
    /// Monitoring of a deployment has ended.
    case topologyClosed(id: Int64)
    /// A server is new.
    case serverOpening(id: Int64, ServerAddress)
    /// A server tells something else than before.
    case serverChanged(id: Int64, previous: ServerDescription, new: ServerDescription)
    /// A server is no part of the deployment any more.
    case serverClosed(id: Int64, ServerAddress)
    /// A server is asked for its state.
    case heartbeatStarted(ServerAddress, awaited: Bool)
    /// A server has told its state.
    case heartbeatSucceeded(ServerAddress, awaited: Bool, duration: Duration)
    /// A server has not told its state.
    case heartbeatFailed(ServerAddress, awaited: Bool, duration: Duration, error: MongoError)
}

/// Takes the events of a deployment in their order.
public typealias TopologyListener = @Sendable (TopologyEvent) -> Void

/// The state of a deployment at one moment.
public struct TopologySnapshot: Sendable, Hashable {
    /// What kind of deployment it is.
    public internal(set) var kind: TopologyDescription.Kind = .unknown
    /// The replica set's name, where it is known.
    public internal(set) var setName: String?
    /// The servers.
    public internal(set) var servers: [ServerAddress: ServerDescription] = [:]
    /// Why the servers' versions do not fit this driver; nil where they do.
    public internal(set) var incompatibility: String?
    /// How long a session lives unused, in minutes: the least of all servers', nil where one of them knows no sessions.
    public internal(set) var logicalSessionTimeoutMinutes: Int?

    /// The primary, where there is one.
    public var primary: ServerDescription? { servers.values.first { $0.kind == .primary } }
}
