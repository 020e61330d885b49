internal import BSON
internal import MongoProtocol

/// What the application says of a deployment before anything is known of it.
struct TopologyOptions: Sendable {
    /// The servers to ask first.
    var seeds: [ServerAddress]
    /// The replica set's name, where only its members are to be used.
    var replicaSet: String?
    /// Whether the one seed is used whatever it is.
    var directConnection = false
    /// Whether the seed is a load balancer.
    var loadBalanced = false
    /// Which newer or older servers this driver can speak to.
    static let wireVersions = 6...29
}

/// The state of a deployment as a reducer: descriptions of servers go in, events come out. It does no I/O.
///
/// Follows the driver specification "Server Discovery and Monitoring"; the functions of its tables bear its names.
struct Topology: Sendable {
    let id: Int64
    let options: TopologyOptions
    private(set) var snapshot = TopologySnapshot()
    private(set) var maxSetVersion: Int64?
    private(set) var maxElectionID: ObjectID?

    init(id: Int64, _ options: TopologyOptions) {
        self.id = id
        self.options = options
    }

    var kind: TopologyDescription.Kind { snapshot.kind }

    // MARK: Events in, events out

    /// Starts with the seeds.
    mutating func open() -> [TopologyEvent] {
        let empty = snapshot
        snapshot.kind =
            options.loadBalanced
            ? .loadBalanced
            : options.directConnection ? .single : options.replicaSet == nil ? .unknown : .replicaSetNoPrimary
        snapshot.setName = options.loadBalanced ? nil : options.replicaSet
        for seed in options.seeds { snapshot.servers[seed] = ServerDescription(unknown: seed) }
        var events: [TopologyEvent] = [
            .topologyOpening(id: id), .topologyChanged(id: id, previous: empty, new: snapshot),
        ]
        events += options.seeds.map { .serverOpening(id: id, $0) }
        if options.loadBalanced, let seed = options.seeds.first {
            events += reduce(seed) { this in
                this.snapshot.servers[seed]?.kind = .loadBalancer
                this.snapshot.servers[seed]?.maxWireVersion = TopologyOptions.wireVersions.upperBound
            }
        }
        return events
    }

    /// Forgets all servers.
    mutating func close() -> [TopologyEvent] {
        let previous = snapshot
        snapshot = TopologySnapshot()
        var events = previous.servers.keys.map { TopologyEvent.serverClosed(id: id, $0) }
        events.append(.topologyChanged(id: id, previous: previous, new: snapshot))
        events.append(.topologyClosed(id: id))
        return events
    }

    /// Takes what a monitor, or a failure, tells of a server.
    mutating func update(_ description: ServerDescription) -> [TopologyEvent] {
        guard let known = snapshot.servers[description.address], kind != .loadBalanced,
            !TopologyVersion.isOlder(description.topologyVersion, than: known.topologyVersion)
        else { return [] }
        return reduce(description.address) { $0.take(description) }
    }

    /// Whether a later look at DNS counts: while nothing or only routers are known.
    var takesSeeds: Bool { kind == .unknown || kind == .sharded }

    /// Takes the seeds that a later look at DNS gives.
    mutating func update(seeds: [ServerAddress]) -> [TopologyEvent] {
        guard takesSeeds, !seeds.isEmpty else { return [] }
        return reduce(nil) { this in
            for address in this.snapshot.servers.keys where !seeds.contains(address) {
                this.snapshot.servers[address] = nil
            }
            this.add(seeds)
        }
    }

    /// Makes a change and tells what differs behind it.
    private mutating func reduce(_ address: ServerAddress?, _ change: (inout Topology) -> Void) -> [TopologyEvent] {
        let previous = snapshot
        change(&self)
        checkCompatibility()
        checkSessions()

        var events: [TopologyEvent] = []
        func changed(_ address: ServerAddress) {
            guard let before = previous.servers[address], let after = snapshot.servers[address], before != after
            else { return }
            events.append(.serverChanged(id: id, previous: before, new: after))
        }
        if let address { changed(address) }
        for other in previous.servers.keys.sorted() where other != address { changed(other) }
        for new in snapshot.servers.keys.sorted() where previous.servers[new] == nil {
            events.append(.serverOpening(id: id, new))
        }
        for old in previous.servers.keys.sorted() where snapshot.servers[old] == nil {
            events.append(.serverClosed(id: id, old))
        }
        if snapshot != previous { events.append(.topologyChanged(id: id, previous: previous, new: snapshot)) }
        return events
    }

    // MARK: What holds over all servers

    private mutating func checkCompatibility() {
        snapshot.incompatibility = nil
        let versions = TopologyOptions.wireVersions
        for server in snapshot.servers.values where server.kind != .unknown {
            if server.minWireVersion > versions.upperBound {
                snapshot.incompatibility =
                    "The server at \(server.address) needs wire version \(server.minWireVersion), and this release "
                    + "speaks up to \(versions.upperBound): use a newer one"
            } else if server.maxWireVersion < versions.lowerBound {
                snapshot.incompatibility =
                    "The server at \(server.address) speaks wire version \(server.maxWireVersion), and this release "
                    + "needs \(versions.lowerBound) (MongoDB 3.6) at least"
            }
        }
    }

    private mutating func checkSessions() {
        let limits = snapshot.servers.values.filter { $0.isDataBearing && $0.kind != .loadBalancer }
            .map(\.logicalSessionTimeoutMinutes)
        snapshot.logicalSessionTimeoutMinutes = limits.contains(nil) ? nil : limits.compactMap { $0 }.min()
    }

    // MARK: The table of kinds

    private mutating func take(_ description: ServerDescription) {
        let address = description.address
        snapshot.servers[address] = description
        switch kind {
        case .single:
            if let name = options.replicaSet, description.kind != .unknown, description.setName != name {
                snapshot.servers[address] = ServerDescription(
                    unknown: address,
                    error: "the server belongs to the replica set \(description.setName ?? "(none)"), not to \(name)")
            }
        case .unknown: takeFirst(description)
        case .sharded:
            if description.kind != .unknown, description.kind != .mongos { snapshot.servers[address] = nil }
        case .replicaSetNoPrimary, .replicaSetWithPrimary: takeMember(description)
        case .loadBalanced, .embedded: break
        }
    }

    private mutating func takeFirst(_ description: ServerDescription) {
        switch description.kind {
        case .standalone:
            if options.seeds.count == 1 {
                snapshot.kind = .single
            } else {
                snapshot.servers[description.address] = nil
            }
        case .mongos: snapshot.kind = .sharded
        case .primary, .secondary, .arbiter, .other:
            snapshot.kind = .replicaSetNoPrimary
            takeMember(description)
        case .unknown, .ghost, .loadBalancer: break
        }
    }

    private mutating func takeMember(_ description: ServerDescription) {
        switch description.kind {
        case .standalone, .mongos, .loadBalancer:
            snapshot.servers[description.address] = nil
            checkIfHasPrimary()
        case .primary: updateFromPrimary(description)
        case .secondary, .arbiter, .other: updateFromMember(description)
        case .unknown, .ghost: checkIfHasPrimary()
        }
    }

    // MARK: Replica sets

    /// `updateRSWithoutPrimary` and `updateRSWithPrimaryFromMember`.
    private mutating func updateFromMember(_ description: ServerDescription) {
        defer { checkIfHasPrimary() }
        let hadPrimary = kind == .replicaSetWithPrimary
        if snapshot.setName == nil, !hadPrimary { snapshot.setName = description.setName }
        guard snapshot.setName == description.setName else {
            snapshot.servers[description.address] = nil
            return
        }
        // Who has the last word on members is the primary.
        if !hadPrimary { add(description.peers) }
        if let me = description.me, me != description.address { snapshot.servers[description.address] = nil }
    }

    /// `updateRSFromPrimary`.
    private mutating func updateFromPrimary(_ description: ServerDescription) {
        defer { checkIfHasPrimary() }
        if snapshot.setName == nil { snapshot.setName = description.setName }
        guard snapshot.setName == description.setName else {
            snapshot.servers[description.address] = nil
            return
        }
        guard acceptElection(description) else {
            snapshot.servers[description.address] = ServerDescription(
                unknown: description.address, error: "primary marked stale due to electionId/setVersion mismatch",
                topologyVersion: nil)
            return
        }
        for (address, server) in snapshot.servers where server.kind == .primary && address != description.address {
            snapshot.servers[address] = ServerDescription(
                unknown: address, error: "primary marked stale due to discovery of newer primary")
        }
        let peers = description.peers
        add(peers)
        for address in snapshot.servers.keys where !peers.contains(address) { snapshot.servers[address] = nil }
    }

    /// Whether no newer primary is known, and if so, what is the newest from now on.
    private mutating func acceptElection(_ description: ServerDescription) -> Bool {
        if description.maxWireVersion >= 17 {
            // From MongoDB 6.0 on, elections count before configurations; nothing counts less than anything.
            let isOlder: Bool
            switch (description.electionID, maxElectionID) {
            case (nil, _?): isOlder = true
            case (_?, nil): isOlder = false
            case (let new?, let old?) where new != old: isOlder = new < old
            default: isOlder = (description.setVersion ?? .min) < (maxSetVersion ?? .min)
            }
            if isOlder { return false }
            maxElectionID = description.electionID
            maxSetVersion = description.setVersion
            return true
        }
        if let version = description.setVersion, let election = description.electionID {
            if let maxVersion = maxSetVersion, let maxElection = maxElectionID,
                maxVersion > version || (maxVersion == version && maxElection > election)
            {
                return false
            }
            maxElectionID = election
        }
        if let version = description.setVersion, version > maxSetVersion ?? .min { maxSetVersion = version }
        return true
    }

    private mutating func checkIfHasPrimary() {
        snapshot.kind = snapshot.primary == nil ? .replicaSetNoPrimary : .replicaSetWithPrimary
    }

    private mutating func add(_ addresses: [ServerAddress]) {
        for address in addresses where snapshot.servers[address] == nil {
            snapshot.servers[address] = ServerDescription(unknown: address)
        }
    }
}
