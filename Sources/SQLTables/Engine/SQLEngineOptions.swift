/// How an engine connects and how many connections it keeps.
public struct SQLEngineOptions: Sendable {
    /// How the connection to a server is encrypted.
    public enum TLS: String, Sendable {
        /// Not at all.
        case disabled
        /// Encrypted where the server can.
        case preferred
        /// Encrypted, whoever the server is.
        case required
        /// Encrypted, and the server's certificate is signed by a known authority for its name.
        case verified
    }

    /// Connections that are kept open.
    public var poolSize = 5
    /// Connections beyond these while all are in use.
    public var maxOverflow = 10
    /// How long a caller waits for a free connection.
    public var poolTimeout: Duration = .seconds(10)
    /// After which age a connection is renewed; nil for never.
    public var recycle: Duration? = .seconds(3600)
    /// Whether a connection is looked at before each use, so that one that the server closed is never used.
    public var prePing = true
    /// How long opening a connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a statement's answer may take; nil for any time.
    public var statementTimeout: Duration? = .seconds(60)
    /// How long a SQLite connection waits for another process's lock.
    public var busyTimeout: Duration = .seconds(5)
    /// How the connection is encrypted.
    public var tls = TLS.preferred
    /// The file with the certificates of authorities to trust; the system's by default.
    public var tlsCAFile: String?

    /// The defaults.
    public init() {}

    /// What a URL's options say. Each has a row here: its name, and what it sets.
    private static let table: [String: @Sendable (inout SQLEngineOptions, String) -> Bool] = [
        "charset": { _, value in value.lowercased() == "utf8mb4" },
        "pool_size": { options, value in set(&options.poolSize, value, 1) },
        "max_overflow": { options, value in set(&options.maxOverflow, value, 0) },
        "pool_timeout": { options, value in seconds(value).map { options.poolTimeout = $0 } != nil },
        "pool_recycle": { options, value in seconds(value).map { options.recycle = $0 } != nil },
        "connect_timeout": { options, value in seconds(value).map { options.connectTimeout = $0 } != nil },
        "read_timeout": { options, value in seconds(value).map { options.statementTimeout = $0 } != nil },
        "pool_pre_ping": { options, value in
            options.prePing = value != "false"
            return value == "true" || value == "false"
        },
        "tls": { options, value in TLS(rawValue: value).map { options.tls = $0 } != nil },
        "ssl_ca": { options, value in
            options.tlsCAFile = value
            options.tls = .verified
            return !value.isEmpty
        },
    ]

    /// Takes a URL's options.
    mutating func apply(_ options: [(name: String, value: String)]) throws(SQLError) {
        for (name, value) in options {
            guard let set = Self.table[name] else {
                let known = Self.table.keys.sorted().joined(separator: ", ")
                throw SQLError(.usage, "'\(name)' is no option of a database's URL: there are \(known), unix_socket")
            }
            guard set(&self, value) else { throw SQLError(.usage, "'\(value)' is no value for \(name)") }
        }
    }

    private static func set(_ field: inout Int, _ value: String, _ least: Int) -> Bool {
        guard let number = Int(value), (least...10_000).contains(number) else { return false }
        field = number
        return true
    }

    private static func seconds(_ value: String) -> Duration? {
        guard let number = Double(value), number > 0, number < 10_000_000 else { return nil }
        return .milliseconds(Int64(number * 1000))
    }
}
