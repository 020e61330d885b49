internal import MongoProtocol

/// Where the routers of a `mongodb+srv:` deployment are listed.
public struct SeedlistSource: Sendable {
    /// The host of the connection string.
    public var host: String
    /// The service's name; nil for `mongodb`.
    public var service: String?
    /// How many routers are used; 0 for all.
    public var limit: Int
    /// How long the records that the client began with count.
    public var interval: Duration
    /// Who is asked for the records.
    public var resolver: any DNSResolver
    /// What time passes by.
    var clock: any Clock<Duration> = ContinuousClock()

    /// Makes a source.
    public init(
        host: String, service: String? = nil, limit: Int = 0, interval: Duration = .seconds(60),
        resolver: any DNSResolver = SystemDNSResolver()
    ) {
        self.host = host
        self.service = service
        self.limit = limit
        self.interval = max(interval, SeedlistRules.shortestRescan)
        self.resolver = resolver
    }
}

/// Looks at the records of a `mongodb+srv:` deployment again and again, since routers come and go (driver specification
/// "Polling SRV Records for mongos Discovery").
struct SeedlistPoller: Sendable {
    let source: SeedlistSource
    /// When to try again where no usable record came.
    let heartbeatFrequency: Duration

    /// Polls until the task is cancelled, or the deployment has turned out to be none of routers.
    /// - Parameters:
    ///   - known: The servers that are known now; nil where they are no routers.
    ///   - take: Takes the list that counts from now on.
    func run(known: @Sendable () -> [ServerAddress]?, take: @Sendable ([ServerAddress]) -> Void) async {
        let name = SeedlistRules.recordName(source.host, service: source.service)
        var pause = source.interval
        while (try? await source.clock.sleep(for: pause)) != nil, known() != nil {
            let records = (try? await source.resolver.serviceRecords(of: name)) ?? []
            var random = SystemRandomNumberGenerator()
            guard !Task.isCancelled, let servers = known() else { return }
            let found = SeedlistRules.rescan(
                records, of: source.host, known: servers, limit: source.limit, using: &random)
            if let found { take(found) }
            pause = found == nil ? heartbeatFrequency : SeedlistRules.rescanInterval(records)
        }
    }
}
