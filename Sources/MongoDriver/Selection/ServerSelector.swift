internal import BSON
internal import MongoProtocol

/// Chooses servers for an operation out of what is known; no I/O.
///
/// Follows the driver specifications "Server Selection" and "Max Staleness".
struct ServerSelector: Sendable {
    /// Which members may answer.
    var readPreference: ReadPreference
    /// Whether the operation writes, which a read preference has no say in.
    var isWrite = false
    /// Servers to leave aside where others do, because they have just failed.
    var deprioritized: Set<ServerAddress> = []
    /// How often servers are asked for their state.
    var heartbeatFrequency: Duration = .seconds(10)
    /// How much slower than the fastest a server may be.
    var localThreshold: Duration = .milliseconds(15)

    /// The servers that may run the operation.
    /// - Throws: ``MongoError`` of kind `usage` for a read preference that contradicts itself, and of kind `network`
    ///   where the servers are too old or too new.
    func suitable(_ topology: TopologySnapshot) throws(MongoError) -> [ServerDescription] {
        if let reason = topology.incompatibility { throw MongoError(.network, reason) }
        if !isWrite { try validate(topology) }
        let all = Array(topology.servers.values)
        switch topology.kind {
        case .unknown, .embedded: return []
        case .single: return all.filter { $0.kind != .unknown }
        case .loadBalanced: return all
        case .sharded, .replicaSetNoPrimary, .replicaSetWithPrimary:
            let preferred = candidates(all.filter { !deprioritized.contains($0.address) }, topology)
            return preferred.isEmpty && !deprioritized.isEmpty ? candidates(all, topology) : preferred
        }
    }

    /// Those of `servers` that answer about as fast as the fastest.
    func inLatencyWindow(_ servers: [ServerDescription]) -> [ServerDescription] {
        guard servers.count > 1, let fastest = servers.compactMap(\.roundTripTime).min() else { return servers }
        return servers.filter { ($0.roundTripTime ?? .zero) <= fastest + localThreshold }
    }

    /// One server: of two at random the one with fewer operations under way.
    static func pick(
        _ servers: [ServerDescription], operationCount: (ServerAddress) -> Int,
        using generator: inout some RandomNumberGenerator
    ) -> ServerDescription? {
        guard servers.count > 1 else { return servers.first }
        let first = Int.random(in: 0..<servers.count, using: &generator)
        var second = Int.random(in: 0..<(servers.count - 1), using: &generator)
        if second >= first { second += 1 }
        let (a, b) = (servers[first], servers[second])
        return operationCount(a.address) <= operationCount(b.address) ? a : b
    }

    // MARK: Parts

    private func validate(_ topology: TopologySnapshot) throws(MongoError) {
        if readPreference.mode == .primary {
            guard readPreference.maxStalenessSeconds == nil, readPreference.tagSets.allSatisfy(\.isEmpty) else {
                throw MongoError(.usage, "The read preference primary takes no tags and no maxStalenessSeconds")
            }
        }
        guard let limit = readPreference.maxStalenessSeconds,
            topology.kind == .replicaSetNoPrimary || topology.kind == .replicaSetWithPrimary
        else { return }
        // A primary that does not write makes a note of the time every ten seconds.
        let least = max(.seconds(90), heartbeatFrequency + .seconds(10))
        guard .seconds(limit) >= least else {
            throw MongoError(
                .usage, "maxStalenessSeconds is \(limit); it has to be \(least.components.seconds) at least")
        }
    }

    private func candidates(_ servers: [ServerDescription], _ topology: TopologySnapshot) -> [ServerDescription] {
        if topology.kind == .sharded { return servers.filter { $0.kind == .mongos } }
        let primary = servers.filter { $0.kind == .primary }
        if isWrite { return primary }
        func secondaries() -> [ServerDescription] {
            tagged(fresh(servers.filter { $0.kind == .secondary }, topology))
        }
        switch readPreference.mode {
        case .primary: return primary
        case .primaryPreferred: return primary.isEmpty ? secondaries() : primary
        case .secondary: return secondaries()
        case .secondaryPreferred:
            let found = secondaries()
            return found.isEmpty ? primary : found
        case .nearest:
            return tagged(fresh(servers.filter { $0.kind == .secondary || $0.kind == .primary }, topology))
        }
    }

    /// Those that bear the first set of tags that any of them bears.
    private func tagged(_ servers: [ServerDescription]) -> [ServerDescription] {
        guard !readPreference.tagSets.isEmpty else { return servers }
        for set in readPreference.tagSets {
            let matching = servers.filter { server in set.allSatisfy { server.tags[$0.key] == $0.value } }
            if !matching.isEmpty { return matching }
        }
        return []
    }

    /// Those that lag no further than they may.
    private func fresh(_ servers: [ServerDescription], _ topology: TopologySnapshot) -> [ServerDescription] {
        guard let limit = readPreference.maxStalenessSeconds else { return servers }
        let latestWrite = topology.servers.values.filter { $0.kind == .secondary }.compactMap(\.lastWrite).max()
        return servers.filter { server in
            guard server.kind == .secondary, let written = server.lastWrite else { return true }
            let staleness: Duration
            if let primary = topology.primary {
                guard let primaryWritten = primary.lastWrite, let update = server.lastUpdate,
                    let primaryUpdate = primary.lastUpdate
                else { return true }
                let lag = Self.milliseconds(primaryWritten.millisecondsSince1970, written.millisecondsSince1970)
                staleness = primaryUpdate.duration(to: update) + lag + heartbeatFrequency
            } else {
                let latest = latestWrite ?? written
                staleness =
                    Self.milliseconds(latest.millisecondsSince1970, written.millisecondsSince1970) + heartbeatFrequency
            }
            return staleness <= .seconds(limit)
        }
    }

    /// The time between two moments that servers sent, within bounds that no sum overflows.
    private static func milliseconds(_ a: Int64, _ b: Int64) -> Duration {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        return .milliseconds(overflow ? (a > b ? 1 << 50 : -(1 << 50)) : max(min(difference, 1 << 50), -(1 << 50)))
    }
}
