internal import MongoProtocol

/// What the driver specification "Initial DNS Seedlist Discovery" asks of records; pure, so that polling uses it too.
enum SeedlistRules {
    /// The name to ask for SRV records.
    static func recordName(_ host: String, service: String?) -> String {
        "_\(service ?? ConnectionOptions.Defaults.srvServiceName)._tcp.\(host)"
    }

    /// The servers that SRV records list.
    /// - Parameters:
    ///   - host: The host of the connection string.
    ///   - limit: How many to take, picked at random; 0 for all.
    /// - Throws: ``MongoError`` of kind `usage` where there are none, or a host is not of the same domain.
    static func hosts(
        _ records: [ServiceRecord], of host: String, limit: Int, using random: inout some RandomNumberGenerator
    ) throws(MongoError) -> [ServerAddress] {
        guard !records.isEmpty else {
            throw MongoError(.usage, "\(host) has no SRV records for MongoDB: check the host of the connection string")
        }
        var hosts: [ServerAddress] = []
        for record in records {
            let target = record.target.last == "." ? String(record.target.dropLast()) : record.target
            guard isOfSameDomain(target, host), (1...65535).contains(record.port) else {
                throw MongoError(
                    .usage, "The SRV records of \(host) name \(target):\(record.port), which is not of its domain")
            }
            let address = ServerAddress(host: target, port: record.port)
            if !hosts.contains(address) { hosts.append(address) }
        }
        guard limit > 0, limit < hosts.count else { return hosts }
        return Array(hosts.shuffled(using: &random).prefix(limit))
    }

    /// Whether a host that a SRV record names belongs to the domain of the host that was asked for, so that whoever
    /// forges an answer cannot send a client elsewhere.
    static func isOfSameDomain(_ target: String, _ host: String) -> Bool {
        let asked = labels(host)
        // Of three labels and more the first is the host's own; a shorter name is a domain as a whole.
        let domain = asked.count >= 3 ? Array(asked.dropFirst()) : asked
        let found = labels(target)
        return found.count > domain.count && Array(found.suffix(domain.count)) == domain
            && !found.contains { $0.isEmpty }
    }

    private static func labels(_ name: String) -> [String] {
        var name = name.lowercased()
        if name.last == "." { name.removeLast() }
        return name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The options that a TXT record may give.
    static let textOptions: Set<String> = ["authSource", "replicaSet", "loadBalanced"]

    /// Reads the options of TXT records.
    /// - Throws: ``MongoError`` of kind `usage` where there are two records, or other options in one.
    static func options(_ records: [String], of host: String) throws(MongoError) -> OptionReading {
        guard records.count <= 1 else {
            throw MongoError(.usage, "\(host) has \(records.count) TXT records where MongoDB takes one")
        }
        var reading = OptionReading()
        try reading.read((records.first ?? "")[...])
        guard reading.given.isSubset(of: textOptions), reading.warnings.isEmpty else {
            throw MongoError(
                .usage, "The TXT record of \(host) holds other options than authSource, replicaSet and loadBalanced")
        }
        return reading
    }
}
