internal import BSON
internal import MongoProtocol

extension ConnectionString {
    /// Asks the DNS for the hosts and options of `mongodb+srv:`; gives a `mongodb:` string as it is.
    /// - Throws: ``MongoError`` where the records are missing, of another domain, or hold what they must not.
    public func resolved(by resolver: any DNSResolver) async throws -> ConnectionString {
        guard let srvHost else { return self }
        let service = SeedlistRules.recordName(srvHost, service: options.srvServiceName)
        let records = try await resolver.serviceRecords(of: service)
        let texts = try await resolver.textRecords(of: srvHost)
        var random = SystemRandomNumberGenerator()
        return try resolved(records, texts, using: &random)
    }

    /// Takes the hosts and options of `mongodb+srv:` from records.
    func resolved(
        _ records: [ServiceRecord], _ texts: [String], using random: inout some RandomNumberGenerator
    ) throws(MongoError) -> ConnectionString {
        guard let srvHost else { return self }
        let found = try SeedlistRules.options(texts, of: srvHost)
        var result = self
        // What the string itself says counts more.
        for name in found.given.subtracting(given).sorted() {
            guard let row = ConnectionOptionTable.row(name), let value = row.show(found.options) else { continue }
            let text = value.string ?? (value.bool == true ? "true" : "false")
            do {
                try row.read(text, &result.options)
            } catch {
                throw MongoError(.usage, "The TXT record of \(srvHost): \(name) \(error.reason)")
            }
            result.given.insert(name)
        }
        result.hosts = try SeedlistRules.hosts(records, of: srvHost, limit: options.srvMaxHosts ?? 0, using: &random)
        result.rescanInterval = SeedlistRules.rescanInterval(records)
        try result.finish()
        return result
    }
}
