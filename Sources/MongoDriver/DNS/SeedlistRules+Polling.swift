internal import MongoProtocol

extension SeedlistRules {
    /// The shortest time between two looks at the records.
    static let shortestRescan = Duration.seconds(60)

    /// How long records count before they are asked for again (driver specification "Polling SRV Records for mongos
    /// Discovery").
    static func rescanInterval(_ records: [ServiceRecord]) -> Duration {
        let shortest = records.map(\.timeToLive).min() ?? 0
        return max(shortestRescan, .seconds(shortest))
    }

    /// The servers after a new look at the records of a sharded cluster; nil where the known ones stay.
    ///
    /// A record of another domain is passed over here, and not an error: the cluster is in use already.
    static func rescan(
        _ records: [ServiceRecord], of host: String, known: [ServerAddress], limit: Int,
        using random: inout some RandomNumberGenerator
    ) -> [ServerAddress]? {
        let valid = records.filter { isOfSameDomain($0.target, host) }
        var ignored = random
        guard let found = try? hosts(valid, of: host, limit: 0, using: &ignored) else { return nil }
        let staying = known.filter { found.contains($0) }
        var new = found.filter { !known.contains($0) }
        if limit > 0 {
            new.shuffle(using: &random)
            new = Array(new.prefix(max(limit - staying.count, 0)))
        }
        return staying + new
    }
}
