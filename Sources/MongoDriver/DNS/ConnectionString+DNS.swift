internal import BSON
internal import MongoProtocol

extension ConnectionString {
    /// Asks the DNS for the hosts and options of `mongodb+srv:`; gives a `mongodb:` string as it is.
    /// - Throws: ``MongoError`` where the records are missing, of another domain, or hold what they must not.
    public func resolved(by resolver: any DNSResolver) async throws -> ConnectionString {
        var random = SystemRandomNumberGenerator()
        return try await resolved(by: resolver, using: &random)
    }

    /// As ``resolved(by:)``, with the hosts of `srvMaxHosts` picked by a given generator.
    func resolved(
        by resolver: any DNSResolver, using random: inout some RandomNumberGenerator
    ) async throws -> ConnectionString {
        guard let srvHost else { return self }
        let service = SeedlistRules.recordName(srvHost, service: options.srvServiceName)
        let records = try await resolver.serviceRecords(of: service)
        let found = try SeedlistRules.options(try await resolver.textRecords(of: srvHost), of: srvHost)

        var result = self
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
        result.hosts = try SeedlistRules.hosts(
            records, of: srvHost, limit: options.srvMaxHosts ?? 0, using: &random)
        try result.finish()
        return result
    }
}
