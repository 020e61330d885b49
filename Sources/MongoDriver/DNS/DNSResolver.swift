/// Asks the domain name system for the records behind `mongodb+srv:`.
public protocol DNSResolver: Sendable {
    /// The SRV records of a name; empty where there are none.
    /// - Throws: ``MongoError`` of kind `network` where no server answers.
    func serviceRecords(of name: String) async throws -> [ServiceRecord]

    /// The TXT records of a name, the strings of each put together; empty where there are none.
    /// - Throws: ``MongoError`` of kind `network` where no server answers.
    func textRecords(of name: String) async throws -> [String]
}

/// A SRV record (RFC 2782), without its priority and weight, which MongoDB does not use.
public struct ServiceRecord: Sendable, Hashable {
    /// The host that offers the service.
    public var target: String
    /// The port it offers it on.
    public var port: Int
    /// For how many seconds the record counts.
    public var timeToLive: Int

    /// Makes a record.
    public init(target: String, port: Int, timeToLive: Int = 60) {
        self.target = target
        self.port = port
        self.timeToLive = timeToLive
    }
}
