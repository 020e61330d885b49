import Logging
import Nectar
import Synchronization

@testable import HummingbirdMongo

/// Reads settings that the program gives, as an application named "shop" does.
func readSettings(
    _ variables: [String: String], prefix: String = "MONGO", names: Mongo.SettingNames = .pyMongo,
    required: Bool = false
) throws -> MongoSettings {
    try MongoSettings(
        SettingReading([.variables(variables, place: "the program")], prefix: prefix, names: names),
        applicationName: "shop", required: required)
}

/// Reads settings of Flask-MongoAlchemy's names; a database is named where the caller names none.
func readAlchemySettings(_ variables: [String: String]) throws -> MongoSettings {
    let all = ["MONGOALCHEMY_DATABASE": "library"].merging(variables) { $1 }
    return try readSettings(all, prefix: "MONGOALCHEMY", names: .mongoAlchemy)
}

/// Gives the message of a usage error that `body` throws, empty where it throws none.
func usageMessage(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        guard let error = error as? MongoError, error.kind == .usage else { return "another error: \(error)" }
        return error.message
    }
}

/// Keeps what is logged, a line each.
struct LogLines: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message) \(event.metadata ?? [:])") }

    /// A logger, and what it was told.
    static func logger() -> (Logger, Lines) {
        let lines = Lines()
        return (Logger(label: "test") { _ in LogLines(lines: lines) }, lines)
    }
}
