internal import MongoProtocol

/// Reads the part of a connection string after the question mark, or a TXT record of the same form.
struct OptionReading {
    /// What was read.
    var options = ConnectionOptions()
    /// The names of the options that were given and taken.
    var given: Set<String> = []
    /// The names of the options whose values were not taken.
    var refused: Set<String> = []
    /// What was left out and why.
    var warnings: [String] = []

    /// Reads `name=value&…`.
    /// - Throws: ``MongoError`` of kind `usage` where the form is not that, or a value must not be left out.
    mutating func read(_ text: Substring) throws(MongoError) {
        var values: [(row: ConnectionOption, name: String, value: String)] = []
        for part in text.split(separator: "&") {
            guard let equals = part.firstIndex(of: "="), equals != part.startIndex else {
                throw ConnectionString.fault("has options as name=value, with & between them")
            }
            let name = String(part[..<equals])
            guard let value = PercentEncoding.decode(part[part.index(after: equals)...]) else {
                throw ConnectionString.fault("has the values of options percent-encoded: check \(name)")
            }
            guard let row = ConnectionOptionTable.row(name) else {
                warnings.append("The option '\(name)' is not known and left out")
                continue
            }
            values.append((row, name.lowercased(), value))
        }
        let rows = Set(values.map(\.row.name))
        for name in rows.sorted() {
            let all = values.filter { $0.row.name == name }
            guard let row = all.first?.row else { continue }
            try read(row, all.map { ($0.name, $0.value) })
        }
    }

    private mutating func read(_ row: ConnectionOption, _ all: [(name: String, value: String)]) throws(MongoError) {
        let old = Set(row.deprecated.map { $0.lowercased() })
        if let name = all.first(where: { old.contains($0.name) })?.name {
            warnings.append("The option '\(name)' has a new name: use \(row.name)")
        }
        // An older name counts only where the newer is not there.
        let newer = all.filter { !old.contains($0.name) }
        var values = (newer.isEmpty ? all : newer).map(\.value)
        if values.count > 1 {
            switch row.repetition {
            case .adds: break
            case .fails: throw ConnectionString.fault("has \(row.name) once only")
            case .warns:
                if row.name == "tls", Set(values).count > 1 {
                    throw ConnectionString.fault("says one thing of tls and ssl")
                }
                if row.name != "tls" { warnings.append("The option \(row.name) is there twice: the last counts") }
                values = values.suffix(1)
            }
        }
        for value in values {
            do {
                try row.read(value, &options)
                given.insert(row.name)
            } catch {
                if row.isStrict { throw ConnectionString.fault("has a wrong \(row.name): it \(error.reason)") }
                refused.insert(row.name)
                warnings.append("The option \(row.name) \(error.reason): it is left out")
            }
        }
    }
}
