internal import MongoProtocol
internal import Nectar

/// What ``Mongo`` connects to: read from variables, before anything is opened.
struct MongoSettings: Sendable, Equatable {
    /// The connection string, which may hold a password: shown only as ``location``.
    var uri: String
    /// The database's name.
    var databaseName: String
    /// Whether nothing was configured and ``uri`` is the default.
    var isDefault: Bool

    /// Gives a variable by its name.
    typealias Lookup = @Sendable (String) throws -> String?

    /// Reads `PREFIX_URI` and `PREFIX_DBNAME`, and for the prefix `MONGO` also `MONGODB_URI` and `MONGODB_DB`.
    ///
    /// An empty variable counts as none, as in a `.env` file whose values are still to be filled in.
    init(variables: Lookup, prefix: String, applicationName: String, required: Bool) throws {
        func first(_ names: [String]) throws -> String? {
            for name in names {
                if let value = try variables(name), !value.isEmpty { return value }
            }
            return nil
        }
        let common = prefix == "MONGO"
        let uri = try first(["\(prefix)_URI"] + (common ? ["MONGODB_URI"] : []))
        let name = try first(["\(prefix)_DBNAME"] + (common ? ["MONGODB_DB"] : []))
        let inProduction = try variables("ENVIRONMENT")?.lowercased() == "production"
        if uri == nil, required || inProduction {
            let reason = required ? "this application needs a database" : "ENVIRONMENT is production"
            throw MongoError(
                .usage, "\(prefix)_URI is not set and \(reason): set it, e.g. \(prefix)_URI=embedded:data.db")
        }
        self.uri = uri ?? "embedded:\(applicationName).db"
        self.isDefault = uri == nil
        self.databaseName = name ?? Self.databaseName(inPathOf: self.uri) ?? applicationName
        guard Self.isDatabaseName(self.databaseName) else {
            throw MongoError(
                .usage,
                "'\(self.databaseName)' is no database name: set \(prefix)_DBNAME to one of at most 63 bytes "
                    + "without spaces and any of /\\.\"$*<>:|?")
        }
    }

    /// Takes a connection string as it is.
    init(uri: String, databaseName: String?, applicationName: String) throws {
        try self.init(
            variables: { $0 == "MONGO_URI" ? uri : $0 == "MONGO_DBNAME" ? databaseName : nil }, prefix: "MONGO",
            applicationName: applicationName, required: true)
    }

    /// The connection string without user, password and options: fit for logs and banners.
    var location: String {
        guard let parts = URIParts(uri) else { return String(uri.prefix { $0 != "?" }) }
        // An '@' after the hosts may well be the end of a password that nobody encoded: then nothing is shown.
        guard !parts.rest.utf8.contains(UInt8(ascii: "@")) else { return "\(parts.scheme)…" }
        return "\(parts.scheme)\(parts.hosts)\(parts.path)"
    }

    /// The database that the path of a `mongodb://` string names.
    static func databaseName(inPathOf uri: String) -> String? {
        guard let path = URIParts(uri)?.path.dropFirst(), !path.isEmpty else { return nil }
        return PercentEncoding.decode(path)
    }

    /// A `scheme://user:password@hosts/path?options` in its parts.
    private struct URIParts {
        /// The scheme with its `://`.
        let scheme: Substring
        /// The hosts, without user and password.
        let hosts: Substring
        /// The path with its slash.
        let path: Substring
        /// Everything after the hosts.
        let rest: Substring

        /// Nil for a string without `://`. Compares bytes, so that no combining mark hides a separator.
        init?(_ uri: String) {
            guard let mark = uri.firstRange(of: "://") else { return nil }
            scheme = uri[..<mark.upperBound]
            let after = uri[mark.upperBound...]
            let end = after.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? after.endIndex
            let authority = after[..<end]
            let at = authority.utf8.lastIndex(of: UInt8(ascii: "@"))
            hosts = at.map { authority[authority.utf8.index(after: $0)...] } ?? authority
            rest = after[end...]
            path = rest[..<(rest.utf8.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex)]
        }
    }

    /// Whether MongoDB takes a name for a database.
    static func isDatabaseName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 63
            && !name.utf8.contains { byte in
                byte == 0 || "/\\. \"$*<>:|?".utf8.contains(byte)
            }
    }
}
