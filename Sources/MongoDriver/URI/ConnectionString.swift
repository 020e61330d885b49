internal import BSON
public import MongoProtocol

/// A connection string, `mongodb://` or `mongodb+srv://`, read into values.
///
/// It follows the driver specifications "Connection String", "URI Options", "Authentication" and "Initial DNS Seedlist
/// Discovery". Reading one asks no network: ``resolved(by:)`` asks the DNS for the hosts of `mongodb+srv:`.
public struct ConnectionString: Sendable, CustomStringConvertible, CustomReflectable {
    /// The servers to start with; empty for `mongodb+srv:` until it is resolved.
    public internal(set) var hosts: [ServerAddress]
    /// The name whose SRV records list the servers; nil for `mongodb:`.
    public internal(set) var srvHost: String?
    /// Who logs in, and how; nil for nobody.
    public internal(set) var credential: MongoCredential?
    /// The database that is named after the hosts, or nil.
    public internal(set) var database: String?
    /// The options.
    public internal(set) var options: ConnectionOptions
    /// What was left out and why: unknown options, and values that options do not take. For a log; no secrets in it.
    public internal(set) var warnings: [String]

    /// How long the SRV records of `mongodb+srv:` count before they are asked for again.
    var rescanInterval = SeedlistRules.shortestRescan
    let username: String?
    let password: String?
    /// The options that the string itself gives, which count more than those of TXT records.
    var given: Set<String>
    var propertiesAreUnreadable: Bool

    /// Reads a connection string.
    /// - Throws: ``MongoError`` of kind `usage` that says what is wrong; it never repeats a user or a password.
    public init(_ text: String) throws(MongoError) {
        let isSRV: Bool
        let rest: Substring
        if text.hasPrefix("mongodb://") {
            (isSRV, rest) = (false, text.dropFirst("mongodb://".count))
        } else if text.hasPrefix("mongodb+srv://") {
            (isSRV, rest) = (true, text.dropFirst("mongodb+srv://".count))
        } else {
            throw Self.fault("starts with mongodb:// or mongodb+srv://")
        }
        let parts = ConnectionStringParts(rest)
        (username, password) = try parts.userInfo()
        database = try parts.databaseName()
        var read = OptionReading()
        try read.read(parts.options)
        options = read.options
        warnings = read.warnings
        given = read.given
        propertiesAreUnreadable = read.refused.contains("authMechanismProperties")
        if isSRV {
            hosts = []
            srvHost = try parts.srvHost()
            if options.tls.isEnabled == nil { options.tls.isEnabled = true }
        } else {
            hosts = try parts.addresses()
            srvHost = nil
        }
        try finish()
    }

    /// Checks the options together and puts the credential together.
    mutating func finish() throws(MongoError) {
        try options.checkRules(isSRV: srvHost != nil, hostCount: hosts.isEmpty ? nil : hosts.count)
        credential = try MongoCredential(
            username: username, password: password, database: database, options: options,
            propertiesAreUnreadable: propertiesAreUnreadable)
    }

    static func fault(_ text: String) -> MongoError { MongoError(.usage, "A connection string \(text)") }

    /// The string as it could be written, with `***` for a password and whatever else is secret.
    public var description: String {
        var text = srvHost == nil ? "mongodb://" : "mongodb+srv://"
        if let username {
            text += PercentEncoding.encode(username)
            if password != nil { text += ":***" }
            text += "@"
        }
        text +=
            srvHost
            ?? hosts.map { $0.port == nil ? PercentEncoding.encode($0.host) : $0.description }.joined(separator: ",")
        let shown = ConnectionOptionTable.rows.flatMap { row -> [String] in
            guard let value = row.show(options), given.contains(row.name) else { return [] }
            if row.isSecret { return ["\(row.name)=***"] }
            guard row.repetition == .adds, let array = value.array else { return ["\(row.name)=\(Self.text(value))"] }
            return array.map { "\(row.name)=\(Self.text($0))" }
        }
        if database != nil || !shown.isEmpty { text += "/" + PercentEncoding.encode(database ?? "") }
        if !shown.isEmpty { text += "?" + shown.joined(separator: "&") }
        return text
    }

    /// Shows what the description shows: `dump` of a connection string has no secrets either.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }

    private static func text(_ value: BSONValue) -> String {
        switch value {
        case .string(let text): PercentEncoding.encode(text)
        case .array(let values): values.map { Self.text($0) }.joined(separator: ",")
        case .document(let pairs):
            pairs.map { "\(PercentEncoding.encode($0.key)):\(Self.text($0.value))" }.joined(separator: ",")
        default: "\(value)"
        }
    }
}
