/// How many connections a pool keeps, and for how long ("Connection Monitoring and Pooling").
public struct PoolOptions: Sendable, Hashable {
    /// The most connections of a pool; 0 for no limit.
    public var maxPoolSize: Int
    /// The connections that a pool keeps even where nobody asks for them.
    public var minPoolSize: Int
    /// How many connections are set up at a time.
    public var maxConnecting: Int
    /// How long a connection may be unused; nil for any time.
    public var maxIdleTime: Duration?
    /// How long an operation waits for a connection; nil for as long as its own deadline allows.
    public var waitQueueTimeout: Duration?

    /// Makes options; those left out are the specification's.
    public init(
        maxPoolSize: Int = 100, minPoolSize: Int = 0, maxConnecting: Int = 2, maxIdleTime: Duration? = nil,
        waitQueueTimeout: Duration? = nil
    ) {
        self.maxPoolSize = maxPoolSize
        self.minPoolSize = minPoolSize
        self.maxConnecting = max(maxConnecting, 1)
        self.maxIdleTime = maxIdleTime
        self.waitQueueTimeout = waitQueueTimeout
    }
}
