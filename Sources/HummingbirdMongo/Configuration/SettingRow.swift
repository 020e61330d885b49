internal import Nectar

/// One setting: its name, how its text is read, and what it becomes.
struct SettingRow: Sendable {
    /// What a setting says. Settings of both extensions with one role mean the same.
    enum Role: Sendable, Hashable {
        case uri, host, port, database, user, password, authSource, authMechanism, connect, documentClass
        case safeSession, options, serverAuth, cursorKey
        /// An option of connection strings, by its name there.
        case option(String)
        /// Nothing any more; the text says why.
        case obsolete(String)
    }

    /// The name behind the prefix.
    let name: String
    /// What it says.
    let role: Role
    /// How its text is read.
    let value: SettingValue
    /// What counts where it is not set, in the words of the documentation.
    let fallback: String
    /// Names without a prefix that mean the same to the connection with the prefix `MONGO`.
    var commonName: String?
    /// Whether setting it makes the database one over the network.
    var selectsNetwork = false
    /// Whether it means nothing to the embedded engine.
    var isNetworkOnly = false
}

/// How the text of a setting is read.
enum SettingValue: Sendable {
    case text
    /// A text that no message repeats and whose shape no message tells.
    case secret
    case databaseName
    /// Hosts between commas, each with a port or without.
    case hosts
    case number(ClosedRange<Int>)
    case flag
    /// One of these words, in any case and with or without underscores.
    case word([String])
    /// Pairs `name=value` between `&` or commas.
    case pairs
    /// At least 32 bytes as text.
    case key

    /// What is asked for, behind "set it to".
    var wanted: String {
        switch self {
        case .text, .secret: "a text"
        case .databaseName: #"a database's name, at most 63 bytes without spaces and any of /\."$*<>:|?"#
        case .hosts:
            "a host such as localhost or [::1], or several between commas; a URI belongs into the setting for URIs"
        case .number(let range) where range.upperBound == Int(Int32.max): "a whole number from \(range.lowerBound)"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .word(let words): words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
        case .pairs: "pairs such as safe=true&maxPoolSize=10"
        case .key: "at least 32 random bytes in hexadecimal digits or base64, as `openssl rand -hex 32` makes them"
        }
    }

    /// The text in its one spelling; nil where it is no such value.
    func read(_ text: String) -> String? {
        switch self {
        case .text, .secret: return text
        case .databaseName: return MongoSettings.isDatabaseName(text) ? text : nil
        case .hosts: return Self.hosts(text)
        case .number(let range): return Int(text).flatMap { range.contains($0) ? String($0) : nil }
        case .flag:
            switch text.lowercased() {
            case "true", "yes", "on", "1": return "true"
            case "false", "no", "off", "0": return "false"
            default: return nil
            }
        case .word(let words):
            let folded = Self.folded(text)
            return words.first { Self.folded($0) == folded }
        case .pairs:
            let pairs = text.split { $0 == "&" || $0 == "," }
            let isWhole =
                !pairs.isEmpty && pairs.allSatisfy { ($0.firstIndex(of: "=") ?? $0.startIndex) > $0.startIndex }
            return isWhole ? pairs.joined(separator: "&") : nil
        case .key: return CursorKey(encoded: text) == nil ? nil : text
        }
    }

    private static func folded(_ text: String) -> String { text.filter { $0 != "_" && $0 != "-" }.lowercased() }

    private static func hosts(_ text: String) -> String? {
        var hosts: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let host = part.filter { $0 != " " }
            guard !host.isEmpty, !host.utf8.contains(where: { "/@?#%".utf8.contains($0) || $0 < 0x21 }) else {
                return nil
            }
            // An address of IPv6 without its brackets.
            let isBareAddress = host.filter { $0 == ":" }.count > 1 && !host.hasPrefix("[")
            hosts.append(isBareAddress ? "[\(host)]" : host)
        }
        return hosts.joined(separator: ",")
    }
}
