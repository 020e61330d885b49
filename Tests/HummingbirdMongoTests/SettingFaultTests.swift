import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Settings that cannot be used")
struct SettingFaultTests {
    /// What is set for Flask-PyMongo's names, and what the message says.
    static let faults: [(set: [String: String], message: String)] = [
        (["PORT": "abc"], "MONGO_PORT in the program is 3 letters: set it to a whole number from 1 to 65535"),
        (["PORT": "0"], "MONGO_PORT in the program is 1 digit: set it to"),
        (["PORT": "99999"], "MONGO_PORT in the program is a number of 5 digits: set it to"),
        (["PORT": "-1"], "MONGO_PORT in the program is a negative number: set it to"),
        (["HOST": "mongodb://h"], "MONGO_HOST in the program is 11 characters (letters, signs): set it to a host"),
        (["HOST": "a,,b"], "MONGO_HOST in the program is"), (["DBNAME": "a b"], "MONGO_DBNAME in the program is"),
        (
            ["DBNAME": "a.b"],
            "MONGO_DBNAME in the program is 3 characters (letters, signs): set it to a database's name"
        ),
        (["URI": "mongodb://h/a b"], "MONGO_URI names a database by 3 characters (letters, spaces)"),
        (["USERNAME": "kim"], "MONGO_USERNAME is set without MONGO_PASSWORD: set both or neither"),
        (["PASSWORD": "s3cret"], "MONGO_PASSWORD is set without MONGO_USERNAME: set both or neither"),
        (["AUTH_SOURCE": "admin"], "MONGO_AUTH_SOURCE is set without MONGO_USERNAME"),
        (["AUTH_MECHANISM": "PLAIN"], "MONGO_AUTH_MECHANISM is set without MONGO_USERNAME"),
        (
            ["AUTH_MECHANISM": "MD5"],
            "MONGO_AUTH_MECHANISM in the program is 3 characters (letters, digits): set it to one"
        ),
        (["READ_PREFERENCE": "any"], "MONGO_READ_PREFERENCE in the program is 3 letters: set it to one of primary, "),
        (["MAX_POOL_SIZE": "1.5"], "MONGO_MAX_POOL_SIZE in the program is 3 characters (digits, signs): set it to"),
        (["SOCKET_TIMEOUT_MS": "2s"], "MONGO_SOCKET_TIMEOUT_MS in the program is"),
        (["CONNECT_TIMEOUT_MS": " "], "MONGO_CONNECT_TIMEOUT_MS in the program is 1 spaces"),
        (
            ["SERVER_SELECTION_TIMEOUT_MS": "99999999999999999999"],
            "MONGO_SERVER_SELECTION_TIMEOUT_MS in the program is"
        ),
        (["CONNECT": "maybe"], "MONGO_CONNECT in the program is 5 letters: set it to true or false"),
        (
            ["CURSOR_KEY": "hunter2"],
            "MONGO_CURSOR_KEY in the program is 7 characters (letters, digits): set it to at least 32 random bytes in"
        ),
        (["CURSOR_KEY": String(repeating: "0", count: 62)], "MONGO_CURSOR_KEY in the program is a number of 62 digits"),
        (["DOCUMENT_CLASS": "Row"], "MONGO_DOCUMENT_CLASS in the program is 3 letters: set it to one of BSONDocument"),
        (["AUTO_START_REQUEST": "x"], "MONGO_AUTO_START_REQUEST in the program is 1 letter: set it to true or false"),
    ]

    @Test("stop the start, with their name, their shape and what to do", arguments: faults)
    func stop(set: [String: String], message: String) {
        let whole = Dictionary(uniqueKeysWithValues: set.map { ("MONGO_\($0.key)", $0.value) })
        let found = usageMessage { _ = try readSettings(whole) }
        #expect(found.contains(message), "\(found)")
        for value in set.values where value.count > 4 && !"primary admin".contains(value) {
            #expect(!found.contains(value), "\(found)")
        }
    }

    @Test("are all named at once")
    func together() {
        let found = usageMessage {
            _ = try readSettings(["MONGO_PORT": "x", "MONGO_CONNECT": "y", "MONGO_PASSWORD": "hunter2"])
        }
        #expect(found.split(separator: "\n").count == 3, "\(found)")
        #expect(!found.contains("hunter2"))
    }

    @Test("of Flask-MongoAlchemy's names are named by those")
    func alchemy() {
        let none = usageMessage { _ = try readSettings([:], prefix: "MONGOALCHEMY", names: .mongoAlchemy) }
        #expect(none.contains("MONGOALCHEMY_DATABASE is not set: set it to"))
        let cases: [(set: [String: String], message: String)] = [
            (["USER": "kim"], "MONGOALCHEMY_USER is set without MONGOALCHEMY_PASSWORD"),
            (["SERVER": "h", "OPTIONS": "safe"], "MONGOALCHEMY_OPTIONS in the program is 4 letters: set it to pairs"),
            (["SERVER": "h", "OPTIONS": "safe=perhaps"], "safe in MONGOALCHEMY_OPTIONS is neither true nor false"),
            (["OPTIONS": "safe=perhaps"], "safe in MONGOALCHEMY_OPTIONS is neither true nor false"),
            (
                ["OPTIONS": "safe=true", "SAFE_SESSION": "false"],
                "MONGOALCHEMY_SAFE_SESSION and safe in MONGOALCHEMY_OPTIONS contradict each other"
            ),
            (
                ["SERVER": "h", "OPTIONS": "safe=true", "SAFE_SESSION": "false"],
                "MONGOALCHEMY_SAFE_SESSION and safe in MONGOALCHEMY_OPTIONS contradict each other"
            ),
            (["SERVER_AUTH": "x"], "MONGOALCHEMY_SERVER_AUTH in the program is 1 letter: set it to true or false"),
        ]
        for (set, message) in cases {
            let whole = Dictionary(uniqueKeysWithValues: set.map { ("MONGOALCHEMY_\($0.key)", $0.value) })
            let found = usageMessage { _ = try readAlchemySettings(whole) }
            #expect(found.contains(message), "\(found)")
        }
    }

    @Test("include a missing connection string in production, unless a server is described")
    func obligatory() throws {
        let inProduction = ["ENVIRONMENT": "Production"]
        #expect(usageMessage { _ = try readSettings(inProduction) }.contains("MONGO_URI is not set and ENVIRONMENT"))
        #expect(usageMessage { _ = try readSettings([:], required: true) }.contains("MONGO_URI is not set"))
        #expect(try readSettings(inProduction.merging(["MONGO_HOST": "h"]) { $1 }).uri == "mongodb://h:27017/")
        #expect(try readSettings(["MONGO_URI": "embedded:a.db"], required: true).uri == "embedded:a.db")
    }

    @Test("include connection strings that the driver refuses, by the setting's name and without a password")
    func refusedStrings() async throws {
        let cases: [(set: [String: String], name: String)] = [
            (["MONGO_URI": "postgres://kim:hunter2@h"], "MONGO_URI cannot be used: "),
            (["MONGO_URI": "mongodb://kim:hunter2@h:99999"], "MONGO_URI cannot be used: "),
            (["MONGO_URI": "mongodb://kim:hun/ter2@h"], "MONGO_URI cannot be used: "),
            (["MONGO_HOST": "a:1,b:hunter2"], "MONGO_HOST cannot be used: "),
        ]
        for (set, name) in cases {
            for connect in ["true", "false"] {
                let all = set.merging(["MONGO_CONNECT": connect]) { $1 }
                let error = await #expect(throws: MongoError.self) { try await Mongo(.settings(all)) }
                #expect(error?.message.hasPrefix(name) == true, "\(error?.message ?? "")")
                #expect(error.map { !"\($0)".contains("hunter2") && !"\($0)".contains("hun") } == true)
            }
        }
    }

    @Test("Settings without an effect and unknown names are warned of")
    func warnings() throws {
        let cases: [(set: [String: String], warning: String)] = [
            (["MONGO_AUTO_START_REQUEST": "true"], "MONGO_AUTO_START_REQUEST is obsolete and has no effect: "),
            (["MONGO_TZ_AWARE": "false"], "MONGO_TZ_AWARE is obsolete"), (["MONGO_TZ": "CET"], "MONGO_TZ is obsolete"),
            (["MONGO_DOCUMENT_CLASS": "SON"], "MONGO_DOCUMENT_CLASS has no effect"),
            (["MONGO_MAX_POOL_SIZE": "3"], "MONGO_MAX_POOL_SIZE has no effect: the embedded engine has no network"),
            (["MONGO_URI": "mongodb://h", "MONGO_HOST": "g", "MONGO_PORT": "1"], "MONGO_HOST, MONGO_PORT: not used"),
            (["MONGO_URI": "mongodb://h/a", "MONGO_DBNAME": "b"], "MONGO_DBNAME is not used: MONGO_URI names"),
            (["MONGO_PROT": "1"], "MONGO_PROT in the program is no setting: did you mean MONGO_PORT?"),
            (["MONGO_MAXPOOLSIZE": "1"], "did you mean MONGO_MAX_POOL_SIZE?"),
            (["MONGO_DATABASE": "b"], "did you mean MONGO_DBNAME?"),
            (["MONGO_SERVER": "b"], "did you mean MONGO_HOST?"),
        ]
        for (set, warning) in cases {
            let found = try readSettings(set).warnings
            #expect(found.count == 1 && found[0].contains(warning), "\(found)")
        }
        let alchemy = try readAlchemySettings(["MONGOALCHEMY_TIMEZONE": "CET"]).warnings
        #expect(alchemy.count == 1 && alchemy[0].contains("MONGOALCHEMY_TIMEZONE is obsolete"), "\(alchemy)")
        let options = try readAlchemySettings(["MONGOALCHEMY_OPTIONS": "safe=true&maxPoolSize=3&w=1"]).warnings
        #expect(options == ["maxPoolSize, w in MONGOALCHEMY_OPTIONS: no effect, the embedded engine has no network"])
        #expect(try readAlchemySettings(["MONGOALCHEMY_OPTIONS": "safe=true"]).warnings.isEmpty)
        #expect(try readSettings(["MONGO2_PROT": "1", "MONGODB_URI": "mongodb://h", "MONGO_URI": ""]).warnings.isEmpty)
    }

    @Test("Names of a connection whose prefix begins with this one's are no mistakes, and misspelt ones still are")
    func otherConnections() throws {
        let archive = [
            "MONGO_ARCHIVE_DBNAME": "old", "MONGO_ARCHIVE_MAX_POOL_SIZE": "3", "MONGO_ARCHIVE_PROT": "1",
            "MONGO_COLD_STORE_URI": "mongodb://h",
        ]
        #expect(try readSettings(archive).warnings.isEmpty)
        let own = try readSettings(archive, prefix: "MONGO_ARCHIVE").warnings
        #expect(own.contains { $0.hasSuffix("is no setting: did you mean MONGO_ARCHIVE_PORT?") })
        #expect(own.count == 2 && own.contains { $0.contains("MAX_POOL_SIZE has no effect") })
        for name in [
            "MONGO_AUTH_PASSWORD", "MONGO_SERVER_PORT", "MONGO_DB_HOST", "MONGO_MAX_URI", "MONGO__URI",
            "MONGO_ARCHIVE_NAME", "MONGO_URI_RO", "MONGO_ARCHIVEURI",
        ] {
            let warnings = try readSettings([name: "1"]).warnings
            #expect(warnings.count == 1 && warnings[0].hasPrefix("\(name) in the program is no"), "\(warnings)")
        }
    }
}
