internal import MongoProtocol

/// Where a client on the embedded engine finds its data.
enum MongoURI {
    case file(path: String, readOnly: Bool)
    case memory

    /// Reads `embedded:FILE`, `embedded:FILE?readOnly=true` or `embedded::memory:`.
    /// - Throws: ``MongoError`` of kind `usage` that says what is allowed. It never repeats what follows the scheme,
    ///   which may hold a password.
    init(_ text: String) throws {
        guard let colon = text.firstIndex(of: ":") else {
            throw MongoError(
                .usage, "A database URI starts with its scheme: use embedded:FILE, embedded::memory: or mongodb://HOST")
        }
        let scheme = text[..<colon]
        var rest = String(text[text.index(after: colon)...])
        guard scheme == "embedded" else {
            throw MongoError(
                .usage,
                "The URI's scheme is none of a database's: use embedded:FILE, embedded::memory: or mongodb://HOST")
        }
        var readOnly = false
        if let mark = rest.firstIndex(of: "?") {
            for option in rest[rest.index(after: mark)...].split(separator: "&") {
                switch option {
                case "readOnly=true": readOnly = true
                case "readOnly=false": readOnly = false
                default:
                    throw MongoError(
                        .usage,
                        "An embedded database has one option, readOnly=true, and the URI holds another one")
                }
            }
            rest = String(rest[..<mark])
        }
        if rest == ":memory:" {
            self = .memory
            return
        }
        if rest.hasPrefix("//") { rest.removeFirst(2) }
        guard !rest.isEmpty else { throw MongoError(.usage, "embedded: needs a file's name behind it") }
        self = .file(path: rest, readOnly: readOnly)
    }
}
