public import MongoProtocol

/// What happens in a pool of connections, as "Connection Monitoring and Pooling" names it.
public enum PoolEvent: Sendable, Hashable {
    /// Why a connection was closed.
    public enum CloseReason: String, Sendable, Hashable {
        /// The pool was cleared after it was made.
        case stale
        /// It was unused for too long.
        case idle
        /// It broke, or could not be set up.
        case error
        /// The pool was closed.
        case poolClosed
    }

    /// Why no connection could be had.
    public enum CheckOutFailure: String, Sendable, Hashable {
        /// The pool is closed.
        case poolClosed
        /// None became free in time.
        case timeout
        /// None could be set up, or the pool was cleared.
        case connectionError
    }

    /// The pool is there, and paused.
    case poolCreated(PoolOptions)
    /// The pool gives connections out.
    case poolReady
    /// The pool's connections are of no more use.
    case poolCleared(interruptsInUse: Bool)
    /// The pool is closed.
    case poolClosed
    /// A connection is about to be set up.
    case connectionCreated(id: Int)
    /// A connection is set up.
    case connectionReady(id: Int, duration: Duration)
    /// A connection is closed.
    case connectionClosed(id: Int, CloseReason)
    /// An operation asks for a connection.
    case checkOutStarted
    /// An operation did not get one.
    case checkOutFailed(CheckOutFailure, duration: Duration)
    /// An operation has got a connection.
    case checkedOut(id: Int, duration: Duration)
    /// An operation has given its connection back.
    case checkedIn(id: Int)
}

/// Takes the events of the pool of one server, in their order.
public typealias PoolListener = @Sendable (ServerAddress, PoolEvent) -> Void
