internal import MongoProtocol
internal import Nectar

/// Which server the settings choose: the one that a connection string names, or one that single settings describe.
struct ServerChoice {
    /// The connection string.
    let uri: String
    /// The settings that it is of, for messages.
    let origin: String

    /// Nil where nothing chooses a server, so that the embedded engine's default counts. What contradicts itself becomes a
    /// fault.
    init?(_ found: inout SettingReading, applicationName: String) {
        if let setting = found[.uri] {
            uri = setting.text
            origin = setting.name
            let unused = found.all.filter { Self.isSingle($0.row) }.map(\.name)
            if !unused.isEmpty {
                found.warnings.append("\(unused.joined(separator: ", ")): not used, since \(setting.name) is set")
            }
            return
        }
        let mechanism = found[.authMechanism]
        let selecting = found.all.filter { $0.row.selectsNetwork }
        let hasLoginOfItsOwn = mechanism.map { Self.needsNoUser.contains($0.text) } ?? false
        Self.checkLogin(&found, hasLoginOfItsOwn: hasLoginOfItsOwn)
        guard !selecting.isEmpty || hasLoginOfItsOwn else { return nil }

        var options: [(String, String)] = []
        if found[.user] != nil || hasLoginOfItsOwn {
            if let source = Self.authSource(found, applicationName: applicationName, isExternal: hasLoginOfItsOwn) {
                options.append(("authSource", source))
            }
            if let mechanism, mechanism.text != "DEFAULT" { options.append(("authMechanism", mechanism.text)) }
        }
        for setting in found.all {
            if case .option(let name) = setting.row.role { options.append((name, setting.text)) }
        }
        let query = options.map { "\($0)=\(PercentEncoding.encode($1))" } + Self.pairs(found).others
        let user = found[.user].map { user in
            let password = found[.password].map { ":\(PercentEncoding.encode($0.text))" } ?? ""
            return "\(PercentEncoding.encode(user.text))\(password)@"
        }
        let question = query.isEmpty ? "" : "?"
        uri = "mongodb://\(user ?? "")\(Self.hosts(found))/\(question)\(query.joined(separator: "&"))"
        origin = (selecting.map(\.name) + (selecting.isEmpty ? [mechanism?.name ?? ""] : [])).joined(separator: ", ")
    }

    /// The pairs of the setting for further options: `safe`, which is the session's and no server's, and the others.
    static func pairs(_ found: SettingReading) -> (safe: Substring?, others: [String]) {
        var safe: Substring?
        var others: [String] = []
        for pair in found[.options]?.text.split(separator: "&") ?? [] {
            let name = pair.prefix { $0 != "=" }
            if name.lowercased() == "safe" {
                safe = pair.dropFirst(name.count + 1)
            } else {
                others.append(String(pair))
            }
        }
        return (safe, others)
    }

    /// Whether writes are acknowledged, where the further options say so. They count without a server too: a database
    /// that is embedded has writes as well.
    static func isSafe(_ found: inout SettingReading) -> Bool? {
        guard found[.uri] == nil, let safe = pairs(found).safe else { return nil }
        if let flag = SettingValue.flag.read(String(safe)) { return flag == "true" }
        found.faults.append("safe in \(found.name(.options)) is neither true nor false: set it to one of them")
        return nil
    }

    /// Mechanisms by which somebody may log in without a user's name.
    private static let needsNoUser: Set<String> = ["MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC"]
    /// Mechanisms whose users the database does not keep.
    private static let external: Set<String> = ["MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI", "PLAIN"]

    /// Whether a setting describes a server, so that a connection string makes it void.
    private static func isSingle(_ row: SettingRow) -> Bool {
        switch row.role {
        case .host, .port, .user, .password, .authSource, .authMechanism, .option, .options, .serverAuth: true
        case .uri, .database, .connect, .documentClass, .safeSession, .cursorKey, .obsolete: false
        }
    }

    private static func checkLogin(_ found: inout SettingReading, hasLoginOfItsOwn: Bool) {
        let (user, password) = (found[.user], found[.password])
        if user == nil, let password {
            found.faults.append("\(password.name) is set without \(found.name(.user)): set both or neither")
        }
        if let user, password == nil, !hasLoginOfItsOwn, found[.authMechanism]?.text != "GSSAPI" {
            found.faults.append("\(user.name) is set without \(found.name(.password)): set both or neither")
        }
        for setting in [found[.authSource], found[.authMechanism]].compactMap({ $0 })
        where user == nil && !hasLoginOfItsOwn {
            found.faults.append(
                "\(setting.name) is set without \(found.name(.user)): set the user too, or drop \(setting.name)")
        }
    }

    /// The database that the user is looked up in: Flask-PyMongo took the one that is used, Flask-MongoAlchemy asked.
    private static func authSource(
        _ found: SettingReading, applicationName: String, isExternal: Bool
    ) -> String? {
        if let source = found[.authSource] { return source.text }
        if external.contains(found[.authMechanism]?.text ?? "") { return nil }
        let asksForDatabase = found.rows.contains { $0.role == .serverAuth }
        if asksForDatabase, found[.serverAuth]?.text != "false" { return "admin" }
        return found[.database]?.text ?? "admin"
    }

    private static func hosts(_ found: SettingReading) -> String {
        let port = found[.port]?.text ?? "27017"
        let hosts = (found[.host]?.text ?? "localhost").split(separator: ",").map { host in
            host.hasSuffix("]") || !host.contains(":") ? "\(host):\(port)" : String(host)
        }
        return hosts.joined(separator: ",")
    }
}
