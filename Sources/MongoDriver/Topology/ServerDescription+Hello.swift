internal import BSON
internal import MongoProtocol

extension ServerDescription {
    /// What a server's answer to `hello` (or the older `isMaster`) tells.
    init(_ address: ServerAddress, hello: BSONDocument, at now: ContinuousClock.Instant? = nil) {
        self.init(unknown: address, topologyVersion: TopologyVersion(hello["topologyVersion"]?.document))
        lastUpdate = now
        guard hello["ok"]?.double == 1 else {
            error = hello["errmsg"]?.string ?? "hello failed"
            return
        }
        kind = Self.kind(hello)
        minWireVersion = hello["minWireVersion"]?.int ?? 0
        maxWireVersion = hello["maxWireVersion"]?.int ?? 0
        if let size = hello["maxBsonObjectSize"]?.int, size > 0 { maxDocumentSize = size }
        if let size = hello["maxMessageSizeBytes"]?.int, size > 0 { maxMessageSize = size }
        if let size = hello["maxWriteBatchSize"]?.int, size > 0 { maxWriteBatchSize = size }
        logicalSessionTimeoutMinutes = hello["logicalSessionTimeoutMinutes"]?.int
        lastWrite = hello["lastWrite"]?.document?["lastWriteDate"]?.date

        setName = hello["setName"]?.string
        setVersion = hello["setVersion"]?.int64
        electionID = hello["electionId"]?.objectID
        primary = hello["primary"]?.string.flatMap { ServerAddress($0) }
        me = hello["me"]?.string.flatMap { ServerAddress($0) }
        hosts = Self.addresses(hello["hosts"])
        passives = Self.addresses(hello["passives"])
        arbiters = Self.addresses(hello["arbiters"])
        for (name, value) in hello["tags"]?.document ?? [:] { tags[name] = value.string }
    }

    private static func addresses(_ value: BSONValue?) -> [ServerAddress] {
        value?.array?.compactMap { $0.string.flatMap { ServerAddress($0) } } ?? []
    }

    /// The specification's table "Type".
    private static func kind(_ hello: BSONDocument) -> Kind {
        if hello["msg"]?.string == "isdbgrid" { return .mongos }
        guard hello["setName"]?.string != nil else {
            return hello["isreplicaset"]?.bool == true ? .ghost : .standalone
        }
        if hello["hidden"]?.bool == true { return .other }
        if (hello["isWritablePrimary"] ?? hello["ismaster"])?.bool == true { return .primary }
        if hello["secondary"]?.bool == true { return .secondary }
        if hello["arbiterOnly"]?.bool == true { return .arbiter }
        return .other
    }
}
