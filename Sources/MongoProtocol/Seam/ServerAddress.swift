/// Where a server listens: a host with a port, or a Unix domain socket.
///
/// Hosts compare in lower case, as the [discovery specification][sdam] asks.
///
/// [sdam]: https://github.com/mongodb/specifications/tree/master/source/server-discovery-and-monitoring
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// The host's name in lower case, its IP address without brackets, or the path of a socket.
    public let host: String
    /// The port; nil for a Unix domain socket.
    public let port: Int?

    /// The port of a server that names none.
    public static let defaultPort = 27017

    /// A server on the network.
    public init(host: String, port: Int = ServerAddress.defaultPort) {
        self.host = host.lowercased()
        self.port = port
    }

    /// A server behind a Unix domain socket.
    public init(socketPath: String) {
        host = socketPath
        port = nil
    }

    /// Reads `host`, `host:port`, `[IPv6]:port` or the path of a socket, as servers name each other; nil for a port that
    /// is none.
    public init?(_ text: some StringProtocol) {
        if text.hasSuffix(".sock") {
            self.init(socketPath: String(text))
            return
        }
        var host = text[...]
        var port = Self.defaultPort
        let end = text.lastIndex(of: "]")
        if let colon = text.lastIndex(of: ":"), end.map({ $0 < colon }) ?? (text.firstIndex(of: ":") == colon) {
            guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else { return nil }
            host = text[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    /// `host:port`, `[IPv6]:port` or the socket's path.
    public var description: String {
        guard let port else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension ServerAddress: Comparable {
    /// Orders addresses by host and port.
    public static func < (a: Self, b: Self) -> Bool { (a.host, a.port ?? 0) < (b.host, b.port ?? 0) }
}
