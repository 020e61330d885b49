internal import MongoProtocol
internal import Nectar

/// What ``Mongo`` connects to: read from settings, before anything is opened.
struct MongoSettings: Sendable, CustomStringConvertible, CustomReflectable {
    /// The connection string, which may hold a password: shown only as ``location``.
    let uri: String
    /// The database's name.
    let databaseName: String
    /// Whether nothing was configured and ``uri`` is the default.
    let isDefault: Bool
    /// Whether the first operation opens the database.
    var isDeferred = false
    /// Whether writes are acknowledged; nil for the deployment's default, which they are by.
    var isSafe: Bool?
    /// What signs the cursors of keyset pages; nil for a key of this process alone.
    var cursorKey: CursorKey?
    /// The settings that the connection string is of, for messages.
    let origin: String
    /// What is to be logged.
    var warnings: [String] = []

    /// Decides by the settings that were found.
    /// - Throws: ``MongoError`` of kind `usage` that lists everything that is wrong.
    init(_ found: SettingReading, applicationName: String, required: Bool) throws {
        var found = found
        let choice = ServerChoice(&found, applicationName: applicationName)
        if choice == nil, required || found.isProduction {
            let reason = required ? "this application needs a database" : "ENVIRONMENT is production"
            let name = found.name(.uri)
            found.faults.append("\(name) is not set and \(reason): set it, e.g. \(name)=mongodb://localhost:27017")
        }
        uri = choice?.uri ?? "embedded:\(applicationName).db"
        origin = choice?.origin ?? ""
        isDefault = choice == nil
        databaseName = Self.database(&found, uri: uri, applicationName: applicationName)
        isDeferred = found[.connect]?.text == "false"
        isSafe = found[.safeSession].map { $0.text == "true" }
        cursorKey = found[.cursorKey].flatMap { CursorKey(encoded: $0.text) }
        if let safe = ServerChoice.isSafe(&found) {
            if let isSafe, isSafe != safe {
                found.faults.append(
                    "\(found.name(.safeSession)) and safe in \(found.name(.options)) contradict each other: drop one")
            }
            isSafe = safe
        }
        warnings = found.warnings + Self.notes(of: found, isNetwork: uri.hasPrefix("mongodb"))
        guard found.faults.isEmpty else { throw MongoError(.usage, found.faults.joined(separator: "\n")) }
    }

    /// Takes a connection string as it is.
    /// - Throws: ``MongoError`` of kind `usage` for a name that no database has.
    init(uri: String, databaseName: String?, applicationName: String) throws {
        self.uri = uri
        self.databaseName = databaseName ?? ConnectionText(uri)?.database ?? applicationName
        isDefault = false
        origin = "The connection string"
        guard Self.isDatabaseName(self.databaseName) else {
            let shape = SettingHints.shape(of: self.databaseName)
            throw MongoError(
                .usage, "The database's name is \(shape): make it \(SettingValue.databaseName.wanted)")
        }
    }

    /// The connection string without user, password and options: fit for logs and banners.
    var location: String { ConnectionText.location(uri) }

    /// The location and the database: no password.
    var description: String { "\(location), database \(databaseName)" }

    /// What `dump` shows: the description.
    var customMirror: Mirror { Mirror(self, children: ["text": description]) }

    /// The database: the connection string's, then the setting's, then the application's name.
    private static func database(
        _ found: inout SettingReading, uri: String, applicationName: String
    ) -> String {
        let setting = found[.database]
        if setting == nil, found.rows.contains(where: { $0.role == .database && $0.fallback == "required" }),
            ConnectionText(uri)?.database == nil
        {
            let name = found.name(.database)
            if !found.faults.contains(where: { $0.hasPrefix("\(name) ") }) {
                found.faults.append("\(name) is not set: set it to \(SettingValue.databaseName.wanted)")
            }
            return applicationName
        }
        guard let named = found[.uri] == nil ? nil : ConnectionText(uri)?.database else {
            return setting?.text ?? applicationName
        }
        if !isDatabaseName(named) {
            found.faults.append(
                "\(found[.uri]?.name ?? "") names a database by \(SettingHints.shape(of: named)): "
                    + "name \(SettingValue.databaseName.wanted)")
        } else if let setting, setting.text != named {
            found.warnings.append(
                "\(setting.name) is not used: \(found[.uri]?.name ?? "") names the database '\(named)'. To log in by one "
                    + "database and use another, write ?authSource=\(named) in place of /\(named)")
        }
        return named
    }

    /// What the log is told of settings that are good and mean nothing.
    private static func notes(of found: SettingReading, isNetwork: Bool) -> [String] {
        found.all.compactMap { setting in
            switch setting.row.role {
            case .obsolete(let reason): return "\(setting.name) is obsolete and has no effect: \(reason)"
            case .documentClass where setting.text != "BSONDocument":
                return
                    "\(setting.name) has no effect: documents are BSONDocument here, which keep the order of their fields"
            case .options where !isNetwork && found[.uri] == nil:
                let others = ServerChoice.pairs(found).others.map { $0.prefix { $0 != "=" } }
                guard !others.isEmpty else { return nil }
                let names = others.joined(separator: ", ")
                return "\(names) in \(setting.name): no effect, the embedded engine has no network"
            default:
                guard setting.row.isNetworkOnly, !isNetwork, found[.uri] == nil else { return nil }
                return "\(setting.name) has no effect: the embedded engine has no network"
            }
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
