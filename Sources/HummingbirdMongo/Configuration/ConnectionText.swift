internal import MongoProtocol

/// A `scheme://user:password@hosts/path?options` in its parts, as far as names and logs need it; nothing is checked.
struct ConnectionText {
    /// The scheme with its `://`.
    let scheme: Substring
    /// User and password, or nil.
    let userInfo: Substring?
    /// The hosts, without user and password.
    let hosts: Substring
    /// The path with its slash.
    let path: Substring
    /// The options with their question mark.
    let query: Substring

    /// Nil for a string without `://`. Compares bytes, so that no combining mark hides a separator.
    init?(_ uri: String) {
        guard let mark = uri.firstRange(of: "://") else { return nil }
        scheme = uri[..<mark.upperBound]
        let after = uri[mark.upperBound...]
        let end = after.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? after.endIndex
        let authority = after[..<end]
        let at = authority.utf8.lastIndex(of: UInt8(ascii: "@"))
        hosts = at.map { authority[authority.utf8.index(after: $0)...] } ?? authority
        userInfo = at.map { authority[..<$0] }
        let rest = after[end...]
        let question = rest.utf8.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        path = rest[..<question]
        query = rest[question...]
    }

    /// The database that the path names.
    var database: String? {
        guard scheme.hasPrefix("mongodb") else { return nil }
        let name = path.dropFirst()
        return name.isEmpty ? nil : PercentEncoding.decode(name)
    }

    /// The string without user, password and options: fit for logs and banners.
    static func location(_ uri: String) -> String {
        guard let parts = ConnectionText(uri) else { return String(uri.prefix { $0 != "?" }) }
        // An '@' after the hosts may well be the end of a password that nobody encoded: then nothing is shown.
        guard !parts.path.utf8.contains(UInt8(ascii: "@")), !parts.query.utf8.contains(UInt8(ascii: "@")) else {
            return "\(parts.scheme)…"
        }
        return "\(parts.scheme)\(parts.hosts)\(parts.path)"
    }

    /// The string with the database of its path moved to where it counts: connections that differ only in it are the
    /// same, since each operation names its database. Nil for strings of the embedded engine's.
    static func server(_ uri: String) -> String? {
        guard let parts = ConnectionText(uri), parts.scheme.hasPrefix("mongodb") else { return nil }
        var query = String(parts.query)
        // The path is also where the user is looked up.
        if parts.userInfo != nil, parts.path.count > 1, !query.lowercased().contains("authsource=") {
            query += "\(query.isEmpty ? "?" : "&")authSource=\(parts.path.dropFirst())"
        }
        let user = parts.userInfo.map { "\($0)@" } ?? ""
        return "\(parts.scheme)\(user)\(parts.hosts.lowercased())/\(query)"
    }
}
