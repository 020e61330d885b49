internal import MongoProtocol
internal import Nectar

/// The settings of one connection as they were found, with all that is wrong with them.
struct SettingReading {
    /// A setting that was found.
    struct Found {
        /// The whole name that it was found under.
        let name: String
        /// The text, in its one spelling.
        let text: String
        let row: SettingRow
    }

    let prefix: String
    let rows: [SettingRow]
    /// Whether the environment says that this is production.
    let isProduction: Bool
    /// By the rows' names: several obsolete ones share a role.
    private var found: [String: Found] = [:]
    /// What stops the start, a sentence each.
    var faults: [String] = []
    /// What does not.
    var warnings: [String] = []

    /// Reads every row; a setting that is set to nothing counts as none, as in a `.env` file that is to be filled in.
    init(_ layers: [SettingLayer], prefix: String, names: Mongo.SettingNames) throws {
        self.prefix = prefix
        rows = SettingTable.rows(names)
        let environment = SettingKey(prefix: "", name: "ENVIRONMENT")
        isProduction = try layers.lazy.compactMap { try $0.lookup(environment) }.first?.lowercased() == "production"
        for row in rows {
            if let found = try read(row, layers) { self.found[row.name] = found }
        }
        warnOfUnknownNames(layers)
    }

    subscript(role: SettingRow.Role) -> Found? { rows.first { $0.role == role }.flatMap { found[$0.name] } }

    /// The settings that are there, in the table's order.
    var all: [Found] { rows.compactMap { found[$0.name] } }

    /// The name of a setting behind the prefix.
    func name(_ role: SettingRow.Role) -> String {
        SettingKey(prefix: prefix, name: rows.first { $0.role == role }?.name ?? "").variable
    }

    private mutating func read(_ row: SettingRow, _ layers: [SettingLayer]) throws -> Found? {
        var keys = [SettingKey(prefix: prefix, name: row.name)]
        if prefix == "MONGO", let common = row.commonName { keys.append(SettingKey(prefix: "", name: common)) }
        for layer in layers {
            let texts = try keys.map { key in try layer.lookup(key).flatMap { $0.isEmpty ? nil : $0 } }
            if keys.count > 1, let first = texts[0], let second = texts[1], first != second {
                warnings.append("\(keys[1].variable) in \(layer.place) is not used, since \(keys[0].variable) is set")
            }
            for (key, text) in zip(keys, texts) {
                guard let text else { continue }
                guard let value = row.value.read(text) else {
                    faults.append(
                        "\(key.variable) in \(layer.place) is \(SettingHints.shape(of: text)): set it to "
                            + row.value.wanted)
                    return nil
                }
                return Found(name: key.variable, text: value, row: row)
            }
        }
        return nil
    }

    private mutating func warnOfUnknownNames(_ layers: [SettingLayer]) {
        // Without a prefix every name there is would be a misspelt setting.
        guard !prefix.isEmpty else { return }
        let known = rows.map(\.name)
        let others = Mongo.SettingNames.allCases.flatMap { SettingTable.rows($0) }
        let connections = otherConnections(layers)
        for layer in layers {
            for name in layer.names.sorted() where name.hasPrefix("\(prefix)_") {
                let rest = String(name.dropFirst(prefix.count + 1))
                let isAnothers = connections.contains { rest.hasPrefix("\($0)_") }
                guard !known.contains(rest), !isAnothers else { continue }
                // A name of the other extension's stands for the setting with its role.
                let role = others.first { $0.name == rest }?.role
                let nearest = rows.first { $0.role == role }?.name ?? SettingHints.nearest(rest, of: known) ?? ""
                warnings.append("\(name) in \(layer.place) is no setting: did you mean \(prefix)_\(nearest)?")
            }
        }
    }

    /// What stands between this prefix and a setting's name, as in `MONGO_ARCHIVE_DBNAME`: another connection has the
    /// prefix `MONGO_ARCHIVE`. No word of a setting's name does, so that `MONGO_AUTH_PASSWORD` stays a mistake.
    private func otherConnections(_ layers: [SettingLayer]) -> Set<String> {
        let tables = Mongo.SettingNames.allCases.flatMap { SettingTable.rows($0) }
        let words = Set(tables.flatMap { ($0.name + "_" + ($0.commonName ?? "")).split(separator: "_") })
        var found: Set<String> = []
        for name in layers.flatMap(\.names) where name.hasPrefix("\(prefix)_") {
            let rest = name.dropFirst(prefix.count + 1)
            for row in rows where rest.hasSuffix("_\(row.name)") {
                let middle = rest.dropLast(row.name.count + 1)
                let isWordless = words.isDisjoint(with: middle.split(separator: "_"))
                if isWordless, !middle.isEmpty { found.insert(String(middle)) }
            }
        }
        return found
    }
}
