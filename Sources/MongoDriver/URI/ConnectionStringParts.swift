internal import MongoProtocol

/// A connection string cut at its separators: `[user[:password]@]hosts[/database][?options]`.
struct ConnectionStringParts {
    private let user: Substring?
    private let hosts: Substring
    private let database: Substring?
    /// What follows the question mark.
    let options: Substring

    /// Cuts what follows the scheme.
    init(_ text: Substring) {
        let end = text.firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
        let authority = text[..<end]
        if let at = authority.lastIndex(of: "@") {
            user = authority[..<at]
            hosts = authority[authority.index(after: at)...]
        } else {
            user = nil
            hosts = authority
        }
        let mark = text[end...].firstIndex(of: "?") ?? text.endIndex
        database = end < mark ? text[text.index(after: end)..<mark] : nil
        options = mark < text.endIndex ? text[text.index(after: mark)...] : ""
    }

    private static func fault(_ text: String) -> MongoError { ConnectionString.fault(text) }

    /// The user and the password; both nil where there is none.
    func userInfo() throws(MongoError) -> (String?, String?) {
        guard let user else { return (nil, nil) }
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isWhole =
            !user.contains("@") && parts.last?.contains(":") != true || parts.count == 1 && !user.contains("@")
        guard isWhole, let name = parts.first.flatMap(PercentEncoding.decode),
            let password = parts.count == 1 ? .some(nil) : PercentEncoding.decode(parts[1]).map(Optional.some)
        else {
            throw Self.fault(
                "has user and password percent-encoded: write %40 for @, %3A for :, %2F for / and %25 for %")
        }
        guard !name.isEmpty else { throw Self.fault("names a user before the @") }
        return (name, password)
    }

    /// The database; nil where none is named.
    func databaseName() throws(MongoError) -> String? {
        guard let database, !database.isEmpty else { return nil }
        guard !database.contains("/"), let name = PercentEncoding.decode(database) else {
            throw Self.fault("has the database percent-encoded after the hosts and one slash")
        }
        guard name == "$external" || !name.contains(where: { "/\\ \"$".contains($0) }) else {
            throw Self.fault("names a database without any of / \\ \" $ and space")
        }
        return name
    }

    /// The hosts of `mongodb:`.
    func addresses() throws(MongoError) -> [ServerAddress] {
        guard !hosts.isEmpty else { throw Self.fault("names at least one host after the scheme") }
        var addresses: [ServerAddress] = []
        for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try Self.address(host))
        }
        return addresses
    }

    /// The one host of `mongodb+srv:`.
    func srvHost() throws(MongoError) -> String {
        guard !hosts.contains(","), !hosts.contains(":"), !hosts.contains("["), !hosts.isEmpty,
            let name = PercentEncoding.decode(hosts), !name.contains("/")
        else { throw Self.fault("of mongodb+srv names one host, without a port: its SRV records list the servers") }
        return name.lowercased()
    }

    private static func address(_ text: Substring) throws(MongoError) -> ServerAddress {
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]"), close > text.index(after: text.startIndex) else {
                throw fault("has an IPv6 address in brackets: [::1]:27017")
            }
            let rest = text[text.index(after: close)...]
            let host = text[text.index(after: text.startIndex)..<close]
            guard !rest.isEmpty else { return ServerAddress(host: String(host)) }
            guard rest.first == ":" else { throw fault("has nothing but a port after a bracket") }
            return ServerAddress(host: String(host), port: try port(rest.dropFirst()))
        }
        if text.range(of: "%2F") || text.range(of: "%2f") {
            guard let path = PercentEncoding.decode(text), path.hasSuffix(".sock") else {
                throw fault("names a Unix socket by a percent-encoded path that ends in .sock")
            }
            return ServerAddress(socketPath: path)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first.flatMap(PercentEncoding.decode), !host.isEmpty else {
            throw fault("names each host as HOST, HOST:PORT or [IPv6]:PORT")
        }
        return parts.count == 2 ? ServerAddress(host: host, port: try port(parts[1])) : ServerAddress(host: host)
    }

    private static func port(_ text: Substring) throws(MongoError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65535).contains(port)
        else { throw fault("has a number from 1 to 65535 as port") }
        return port
    }
}

extension Substring {
    /// Whether the text is part of this one.
    fileprivate func range(of text: String) -> Bool {
        var rest = self
        while !rest.isEmpty {
            if rest.hasPrefix(text) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
