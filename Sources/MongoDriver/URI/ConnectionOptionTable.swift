internal import BSON
internal import MongoProtocol

/// Every option of connection strings, a row each (driver specification "URI Options").
enum ConnectionOptionTable {
    static let rows: [ConnectionOption] = topology + time + pool + compression + concerns + login + tls + proxy

    /// The row of a name in any case.
    static func row(_ name: String) -> ConnectionOption? { byName[name.lowercased()] }

    private static let byName: [String: ConnectionOption] = {
        var all: [String: ConnectionOption] = [:]
        for row in rows {
            for name in [row.name] + row.aliases + row.deprecated { all[name.lowercased()] = row }
        }
        return all
    }()

    private static let any = 0...Int(Int32.max)

    private static let topology: [ConnectionOption] = [
        .text("appName", \.appName),
        .text("replicaSet", \.replicaSet),
        .bool("directConnection", \.directConnection),
        .bool("loadBalanced", \.loadBalanced),
        .int("srvMaxHosts", \.srvMaxHosts, any),
        .text("srvServiceName", \.srvServiceName),
    ]

    private static let time: [ConnectionOption] = [
        .time("connectTimeoutMS", \.connectTimeout),
        .time("socketTimeoutMS", \.socketTimeout),
        .time("timeoutMS", \.timeout),
        .time("serverSelectionTimeoutMS", \.serverSelectionTimeout),
        .bool("serverSelectionTryOnce", \.serverSelectionTryOnce),
        .time("localThresholdMS", \.localThreshold),
        .time("heartbeatFrequencyMS", \.heartbeatFrequency, from: 500),
        .word("serverMonitoringMode", \.serverMonitoringMode, "auto, stream and poll"),
    ]

    private static let pool: [ConnectionOption] = [
        .int("maxPoolSize", \.maxPoolSize, any),
        .int("minPoolSize", \.minPoolSize, any),
        .int("maxConnecting", \.maxConnecting, 1...Int(Int32.max)),
        .time("maxIdleTimeMS", \.maxIdleTime),
        .time("waitQueueTimeoutMS", \.waitQueueTimeout),
    ]

    private static let compression: [ConnectionOption] = [
        ConnectionOption(
            name: "compressors",
            read: { text, options throws(ConnectionOption.InvalidValue) in
                var list: [ConnectionOptions.Compressor] = []
                for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                    guard let compressor = ConnectionOptions.Compressor(rawValue: String(word)) else {
                        throw .init(reason: "is a list of snappy, zlib and zstd between commas")
                    }
                    if !list.contains(compressor) { list.append(compressor) }
                }
                options.compressors = list
            },
            show: { $0.compressors.map { list in .array(BSONArray(list.map { .string($0.rawValue) })) } }),
        .int("zlibCompressionLevel", \.zlibCompressionLevel, -1...9),
    ]

    private static let concerns: [ConnectionOption] = [
        ConnectionOption(
            name: "readConcernLevel",
            read: { text, options throws(ConnectionOption.InvalidValue) in
                guard !text.isEmpty else { throw .init(reason: "is empty") }
                options.readConcern.level = ReadConcern.Level(rawValue: text)
            },
            show: { $0.readConcern.level.map { .string($0.rawValue) } }),
        ConnectionOption(
            name: "w",
            read: { text, options throws(ConnectionOption.InvalidValue) in
                if text == "majority" {
                    options.writeConcern.w = .majority
                } else if Int(text) != nil {
                    options.writeConcern.w = .members(try ConnectionOption.number(text, in: any))
                } else if text.isEmpty {
                    throw .init(reason: "is empty")
                } else {
                    options.writeConcern.w = .mode(text)
                }
            },
            show: { $0.writeConcern.document?["w"] }),
        .int("wTimeoutMS", \.writeConcern.wTimeoutMS, any).with(deprecated: ["wtimeout"]),
        .bool("journal", \.writeConcern.journal),
        .word("readPreference", \.readPreferenceMode, "the modes, such as primary and nearest"),
        ConnectionOption(
            name: "readPreferenceTags", repetition: .adds,
            read: { text, options throws(ConnectionOption.InvalidValue) in
                let set = text.isEmpty ? [:] : try ConnectionOption.pairs(text)
                options.readPreferenceTags = (options.readPreferenceTags ?? []) + [set]
            },
            show: {
                $0.readPreferenceTags.map { sets in .array(BSONArray(sets.map { ConnectionOption.document($0) })) }
            }
        ),
        ConnectionOption(
            name: "maxStalenessSeconds",
            read: { text, options throws(ConnectionOption.InvalidValue) in
                guard let seconds = Int(text), seconds == -1 || (90...Int(Int32.max)).contains(seconds) else {
                    throw .init(reason: "is -1, or a whole number from 90")
                }
                options.maxStalenessSeconds = seconds
            },
            show: { $0.maxStalenessSeconds.map { .int($0) } }),
        .bool("retryReads", \.retryReads),
        .bool("retryWrites", \.retryWrites),
        .text("uuidRepresentation", \.uuidRepresentation),
    ]

    private static let login: [ConnectionOption] = [
        .word("authMechanism", \.authMechanism, AuthMechanism.allCases.map(\.rawValue).joined(separator: ", "))
            .with(isStrict: true),
        .text("authSource", \.authSource).with(isStrict: true),
        ConnectionOption(
            name: "authMechanismProperties", isSecret: true,
            read: { text, options throws(ConnectionOption.InvalidValue) in
                options.authMechanismProperties = try ConnectionOption.pairs(text)
            },
            show: { $0.authMechanismProperties.map { ConnectionOption.document($0) } }),
    ]

    private static let tls: [ConnectionOption] = [
        .bool("tls", \.tls.isEnabled).with(aliases: ["ssl"]),
        .text("tlsCAFile", \.tls.caFile),
        .text("tlsCertificateKeyFile", \.tls.certificateKeyFile),
        .text("tlsCertificateKeyFilePassword", \.tls.certificateKeyFilePassword).with(isSecret: true),
        .bool("tlsInsecure", \.tls.isInsecure),
        .bool("tlsAllowInvalidCertificates", \.tls.allowsInvalidCertificates),
        .bool("tlsAllowInvalidHostnames", \.tls.allowsInvalidHostnames),
        .bool("tlsDisableOCSPEndpointCheck", \.tls.disablesOCSPEndpointCheck),
        .bool("tlsDisableCertificateRevocationCheck", \.tls.disablesCertificateRevocationCheck),
    ]

    private static let proxy: [ConnectionOption] = [
        .text("proxyHost", \.proxy.host).with(repetition: .fails),
        .int("proxyPort", \.proxy.port, 1...65535).with(repetition: .fails),
        .text("proxyUsername", \.proxy.username).with(repetition: .fails),
        .text("proxyPassword", \.proxy.password).with(isSecret: true, repetition: .fails),
    ]
}
