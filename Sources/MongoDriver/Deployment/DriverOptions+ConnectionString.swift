public import MongoProtocol

extension DriverOptions {
    /// The options of a connection string whose hosts are known.
    /// - Parameter resolver: Who is asked for the routers of `mongodb+srv:` later on.
    /// - Throws: ``MongoError`` of kind `usage` where it asks for what this release cannot do.
    public init(
        _ connection: ConnectionString, resolver: any DNSResolver = SystemDNSResolver()
    ) throws(MongoError) {
        self.init(seeds: connection.hosts)
        let given = connection.options
        guard given.proxy.host == nil else {
            throw MongoError(.usage, "A connection string's proxyHost is of no use yet: leave it out")
        }
        if let host = connection.srvHost {
            seedlist = SeedlistSource(
                host: host, service: given.srvServiceName, limit: given.srvMaxHosts ?? 0,
                interval: connection.rescanInterval, resolver: resolver)
        }
        replicaSet = given.replicaSet
        directConnection = given.directConnection ?? false
        loadBalanced = given.loadBalanced ?? false
        applicationName = given.appName
        tls = given.tls
        credential = connection.credential

        pool = PoolOptions(
            maxPoolSize: given.maxPoolSize ?? pool.maxPoolSize, minPoolSize: given.minPoolSize ?? pool.minPoolSize,
            maxConnecting: given.maxConnecting ?? pool.maxConnecting, maxIdleTime: Self.limit(given.maxIdleTime),
            waitQueueTimeout: Self.limit(given.waitQueueTimeout))
        monitor = MonitorOptions(
            heartbeatFrequency: given.heartbeatFrequency ?? monitor.heartbeatFrequency,
            mode: given.serverMonitoringMode.flatMap { MonitorOptions.Mode(rawValue: $0.rawValue) } ?? .auto)
        // Nothing is waited for for ever: a server that is away for a day is away.
        if let time = given.connectTimeout { connectTimeout = Self.limit(time) ?? .seconds(86_400) }
        socketTimeout = Self.limit(given.socketTimeout)
        serverSelectionTimeout = given.serverSelectionTimeout ?? serverSelectionTimeout
        localThreshold = given.localThreshold ?? localThreshold
        retryReads = given.retryReads ?? true
        retryWrites = given.retryWrites ?? true
    }

    /// Zero stands for no limit in connection strings.
    private static func limit(_ time: Duration?) -> Duration? { time.flatMap { $0 > .zero ? $0 : nil } }
}
