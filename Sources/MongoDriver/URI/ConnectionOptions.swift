public import MongoProtocol

/// The options of a connection string, as the driver specification "URI Options" names them.
///
/// What is nil was not given; the default then counts that its documentation states and ``Defaults`` has.
public struct ConnectionOptions: Sendable, Hashable {
    /// What counts where an option is not given.
    public enum Defaults {
        /// How long to wait for a TCP connection.
        public static let connectTimeout = Duration.seconds(10)
        /// How long to look for a suitable server.
        public static let serverSelectionTimeout = Duration.seconds(30)
        /// How much slower than the fastest a suitable server may be.
        public static let localThreshold = Duration.milliseconds(15)
        /// The time between two checks of a server.
        public static let heartbeatFrequency = Duration.seconds(10)
        /// The most connections to a server.
        public static let maxPoolSize = 100
        /// The connections that are kept open.
        public static let minPoolSize = 0
        /// The connections that may be opening to a server at a time.
        public static let maxConnecting = 2
        /// The service that SRV records are asked for.
        public static let srvServiceName = "mongodb"
        /// The port of a SOCKS5 proxy.
        public static let proxyPort = 1080
    }

    /// How a monitor learns of changes.
    public enum MonitoringMode: String, Sendable, Hashable {
        /// Streams, except where the program runs as a function in a cloud.
        case auto
        /// The server answers as soon as something changes.
        case stream
        /// The monitor asks again and again.
        case poll
    }

    /// A way to compress messages.
    public enum Compressor: String, Sendable, Hashable, CaseIterable {
        case snappy, zlib, zstd
    }

    // MARK: What is connected to

    /// The application's name, which the server logs (`appName`).
    public var appName: String?
    /// The name of the replica set that the servers must belong to (`replicaSet`).
    public var replicaSet: String?
    /// Whether to talk to the one given host and not to discover others (`directConnection`, default false).
    public var directConnection: Bool?
    /// Whether a load balancer stands before the servers (`loadBalanced`, default false).
    public var loadBalanced: Bool?
    /// How many hosts of the SRV records to take, 0 for all (`srvMaxHosts`, default 0).
    public var srvMaxHosts: Int?
    /// The service that SRV records are asked for (`srvServiceName`, default "mongodb").
    public var srvServiceName: String?

    // MARK: Time

    /// How long to wait for a TCP connection, 0 for ever (`connectTimeoutMS`, default 10 s).
    public var connectTimeout: Duration?
    /// How long a read or write of a socket may take, 0 for ever (`socketTimeoutMS`, default for ever).
    public var socketTimeout: Duration?
    /// How long an operation may take as a whole, 0 for ever (`timeoutMS`, default for ever).
    public var timeout: Duration?
    /// How long to look for a suitable server (`serverSelectionTimeoutMS`, default 30 s).
    public var serverSelectionTimeout: Duration?
    /// Whether single-threaded drivers look but once (`serverSelectionTryOnce`); has no effect here.
    public var serverSelectionTryOnce: Bool?
    /// How much slower than the fastest a suitable server may be (`localThresholdMS`, default 15 ms).
    public var localThreshold: Duration?
    /// The time between two checks of a server, 500 ms or more (`heartbeatFrequencyMS`, default 10 s).
    public var heartbeatFrequency: Duration?
    /// How monitors learn of changes (`serverMonitoringMode`, default auto).
    public var serverMonitoringMode: MonitoringMode?

    // MARK: The pool

    /// The most connections to a server, 0 for no limit (`maxPoolSize`, default 100).
    public var maxPoolSize: Int?
    /// The connections to a server that are kept open (`minPoolSize`, default 0).
    public var minPoolSize: Int?
    /// The connections that may be opening to a server at a time (`maxConnecting`, default 2).
    public var maxConnecting: Int?
    /// How long a connection may lie idle, 0 for ever (`maxIdleTimeMS`, default for ever).
    public var maxIdleTime: Duration?
    /// How long to wait for a free connection, 0 for ever (`waitQueueTimeoutMS`, default for ever).
    public var waitQueueTimeout: Duration?

    // MARK: Compression

    /// The compressors to offer, the preferred one first (`compressors`).
    public var compressors: [Compressor]?
    /// How hard zlib tries, -1 for its default, 0 to 9 (`zlibCompressionLevel`).
    public var zlibCompressionLevel: Int?

    // MARK: Reading and writing

    /// How far what reads see is acknowledged (`readConcernLevel`).
    public var readConcern = ReadConcern()
    /// How writes are acknowledged (`w`, `wTimeoutMS`, `journal`).
    public var writeConcern = WriteConcern()
    /// Which members answer reads (`readPreference`, default primary).
    public var readPreferenceMode: ReadPreference.Mode?
    /// Which tags they bear, the first set that some member bears counts (`readPreferenceTags`, in order).
    public var readPreferenceTags: [[String: String]]?
    /// How far a secondary may lag, in seconds, 90 or more, -1 for any lag (`maxStalenessSeconds`).
    public var maxStalenessSeconds: Int?
    /// Whether reads are tried a second time (`retryReads`, default true).
    public var retryReads: Bool?
    /// Whether writes are tried a second time (`retryWrites`, default true).
    public var retryWrites: Bool?
    /// How UUIDs of old drivers are laid out (`uuidRepresentation`); has no effect here: UUIDs are always standard.
    public var uuidRepresentation: String?

    // MARK: Login, TLS, proxy

    /// The way to log in (`authMechanism`; by default what the server offers of SCRAM).
    public var authMechanism: AuthMechanism?
    /// The database the user was made in (`authSource`).
    public var authSource: String?
    /// What the mechanism needs beside (`authMechanismProperties`).
    public var authMechanismProperties: [String: String]?
    /// TLS.
    public var tls = TLSOptions()
    /// A SOCKS5 proxy.
    public var proxy = ProxyOptions()

    /// Options of which none is given.
    public init() {}

    /// The members that answer reads, put together of the three options.
    public var readPreference: ReadPreference {
        ReadPreference(
            readPreferenceMode ?? .primary, tagSets: readPreferenceTags ?? [],
            maxStalenessSeconds: maxStalenessSeconds.flatMap { $0 < 0 ? nil : $0 })
    }
}

/// The `tls…` options of a connection string.
public struct TLSOptions: Sendable, Hashable {
    /// Whether connections are encrypted (`tls`, `ssl`; default false, and true for `mongodb+srv:`).
    public var isEnabled: Bool?
    /// A file with the certificates that the server's must come from (`tlsCAFile`, default the system's).
    public var caFile: String?
    /// A file with the client's own certificate and key (`tlsCertificateKeyFile`).
    public var certificateKeyFile: String?
    /// The password of the key (`tlsCertificateKeyFilePassword`).
    public var certificateKeyFilePassword: String?
    /// Whether nothing of the server's certificate is checked (`tlsInsecure`, default false).
    public var isInsecure: Bool?
    /// Whether a certificate of unknown origin is taken (`tlsAllowInvalidCertificates`, default false).
    public var allowsInvalidCertificates: Bool?
    /// Whether a certificate of another host is taken (`tlsAllowInvalidHostnames`, default false).
    public var allowsInvalidHostnames: Bool?
    /// Whether the issuer is not asked over the network if the certificate still holds
    /// (`tlsDisableOCSPEndpointCheck`).
    public var disablesOCSPEndpointCheck: Bool?
    /// Whether it is not checked if the certificate still holds (`tlsDisableCertificateRevocationCheck`).
    public var disablesCertificateRevocationCheck: Bool?

    /// Options of which none is given.
    public init() {}
}

/// The `proxy…` options of a connection string: a SOCKS5 proxy.
public struct ProxyOptions: Sendable, Hashable {
    /// The proxy's host (`proxyHost`); without it there is no proxy.
    public var host: String?
    /// The proxy's port (`proxyPort`, default 1080).
    public var port: Int?
    /// Who logs in at the proxy (`proxyUsername`).
    public var username: String?
    /// The password (`proxyPassword`).
    public var password: String?

    /// Options of which none is given.
    public init() {}
}
