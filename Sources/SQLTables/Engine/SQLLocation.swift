/// Where a database is: a URL's parts, with the password kept apart.
///
/// | URL | what |
/// |---|---|
/// | `sqlite:file.db` | a file, made where there is none; behind a `?` come options |
/// | `sqlite::memory:` | a database of this engine's own, gone with it |
/// | `mysql://user:password@host:3306/database` | a MySQL or MariaDB server; `mariadb://` is the same |
///
/// In a URL a password's special characters are percent-encoded; `@`, `:` and `/` may stand as they are where the rest
/// can still be told apart, and a `%` that no two hexadecimal digits follow is itself. By parts anything goes.
public struct SQLLocation: Sendable, CustomStringConvertible {
    enum Place: Sendable, Hashable {
        case file(String)
        case memory
        case server(ServerAddress)
    }

    /// A server, and who asks.
    struct ServerAddress: Sendable, Hashable {
        var host = "localhost"
        var port = 3306
        var socket: String?
        var user = ""
        var password = ""
        var database: String?
        var isMariaDB = false
    }

    let place: Place
    /// The options behind the `?`, in order.
    let options: [(name: String, value: String)]

    /// A server by its parts, which are taken as they are.
    public static func server(
        host: String = "localhost", port: Int = 3306, socket: String? = nil, user: String, password: String = "",
        database: String? = nil, options: [String: String] = [:]
    ) -> SQLLocation {
        SQLLocation(
            place: .server(
                ServerAddress(
                    host: host, port: port, socket: socket, user: user, password: password, database: database)),
            options: options.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
    }

    /// A SQLite file by its path, which is taken as it is.
    public static func file(_ path: String, options: [String: String] = [:]) -> SQLLocation {
        SQLLocation(
            place: .file(path), options: options.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
    }

    private init(place: Place, options: [(name: String, value: String)]) {
        self.place = place
        self.options = options
    }

    /// Reads a URL.
    /// - Throws: ``SQLError`` of kind `usage` that says what is wrong, without the password.
    public init(_ url: String) throws(SQLError) {
        guard let colon = url.firstIndex(of: ":") else {
            throw SQLError(.usage, "A database's URL begins with sqlite: or mysql://, as in sqlite:app.db")
        }
        let rest = url[url.index(after: colon)...]
        switch url[..<colon].lowercased() {
        case "sqlite":
            let mark = rest.firstIndex(of: "?") ?? rest.endIndex
            self.init(place: try Self.sqlite(rest[..<mark]), options: Self.options(rest[mark...].dropFirst()))
        case "mysql", "mariadb", "mysql+pymysql":
            try self.init(server: rest, isMariaDB: url.lowercased().hasPrefix("mariadb"))
        default:
            throw SQLError(.usage, "'\(url[..<colon])' is no kind of database: use sqlite:, mysql:// or mariadb://")
        }
    }

    private static func sqlite(_ rest: Substring) throws(SQLError) -> Place {
        // SQLAlchemy's form has three slashes before a relative path.
        var path = rest
        if rest.hasPrefix("///") { path = rest.dropFirst(3) } else if rest == "//" { path = ":memory:" }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SQLError(.usage, "sqlite: names no file: use sqlite:app.db or sqlite::memory:")
        }
        return path == ":memory:" ? .memory : .file(String(path))
    }

    private init(server rest: Substring, isMariaDB: Bool) throws(SQLError) {
        guard rest.hasPrefix("//") else { throw SQLError(.usage, "A server's URL is mysql://user@host/database") }
        var authority = rest.dropFirst(2)
        var query: Substring = ""
        // Behind the last '@' stands the host; before it even '?', '/' and '@' are the password's.
        let start = authority.lastIndex(of: "@") ?? authority.startIndex
        if let mark = authority[start...].firstIndex(of: "?") {
            query = authority[authority.index(after: mark)...]
            authority = authority[..<mark]
        }
        var address = ServerAddress(isMariaDB: isMariaDB)
        var place = authority
        if let at = authority.lastIndex(of: "@") {
            place = authority[authority.index(after: at)...]
            let login = authority[..<at]
            let colon = login.firstIndex(of: ":") ?? login.endIndex
            address.user = Self.decoded(login[..<colon])
            address.password = Self.decoded(login[colon...].dropFirst())
        }
        if let slash = place.firstIndex(of: "/") {
            let name = Self.decoded(place[place.index(after: slash)...])
            address.database = name.isEmpty ? nil : name
            place = place[..<slash]
        }
        try Self.readHost(place, into: &address)
        var options = Self.options(query)
        if let socket = options.first(where: { $0.name == "unix_socket" })?.value { address.socket = socket }
        options.removeAll { $0.name == "unix_socket" }
        self.init(place: .server(address), options: options)
    }

    /// The pairs behind a URL's `?`.
    private static func options(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let mark = pair.firstIndex(of: "=") ?? pair.endIndex
            return (decoded(pair[..<mark]), decoded(pair[mark...].dropFirst()))
        }
    }

    private static func readHost(_ place: Substring, into address: inout ServerAddress) throws(SQLError) {
        var host = place
        var port: Substring = ""
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = place[place.index(after: place.startIndex)..<end]
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw SQLError(.usage, "Behind a host in brackets stands nothing, or a colon and the port")
            }
            port = rest.dropFirst()
        } else if let colon = place.lastIndex(of: ":") {
            host = place[..<colon]
            port = place[place.index(after: colon)...]
        }
        if !host.isEmpty { address.host = decoded(host) }
        guard !port.isEmpty else { return }
        guard let number = Int(port), (1...65_535).contains(number) else {
            // It may be the end of a password, so it is not shown.
            throw SQLError(.usage, "The URL's port is none: a number from 1 to 65535 stands behind the host")
        }
        address.port = number
    }

    /// The text with `%41` as `A`; a `%` that begins no such pair stays.
    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16),
                bytes[index + 1] != UInt8(ascii: "+"), bytes[index + 1] != UInt8(ascii: "-")
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The URL without its password: fit for logs and messages.
    public var description: String {
        switch place {
        case .memory: return "sqlite::memory:"
        case .file(let path): return "sqlite:\(path)"
        case .server(let address):
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            let user = address.user.isEmpty ? "" : "\(address.user)@"
            let scheme = address.isMariaDB ? "mariadb" : "mysql"
            let at = address.socket.map { " at \($0)" } ?? ""
            return "\(scheme)://\(user)\(host):\(address.port)/\(address.database ?? "")\(at)"
        }
    }
}
