import Foundation
import Nectar
import Testing

@testable import HummingbirdMongo

/// A row of the tables below: what is set, and the connection string that comes of it.
struct SettingCase: Sendable, CustomTestStringConvertible {
    let row: String
    let set: [String: String]
    let uri: String
    let database: String

    init(_ row: String, _ set: [String: String], _ uri: String, _ database: String = "shop") {
        (self.row, self.set, self.uri, self.database) = (row, set, uri, database)
    }

    var testDescription: String { "\(row) → \(uri)" }
}

@Suite("Settings")
struct MongoSettingsTests {
    private static let local = "mongodb://localhost:27017/"

    static let pyMongo: [SettingCase] = [
        SettingCase("", [:], "embedded:shop.db"),
        SettingCase("URI", ["URI": "mongodb://h/books?w=1"], "mongodb://h/books?w=1", "books"),
        SettingCase("URI", ["URI": "embedded:a.b.db"], "embedded:a.b.db"),
        SettingCase("URI", ["URI": "mongodb://h/", "HOST": "g", "PORT": "1"], "mongodb://h/"),
        SettingCase("HOST", ["HOST": "db"], "mongodb://db:27017/"),
        SettingCase("HOST", ["HOST": "a, b:1,::1,[::2]:3"], "mongodb://a:27017,b:1,[::1]:27017,[::2]:3/"),
        SettingCase("PORT", ["PORT": "27018"], "mongodb://localhost:27018/"),
        SettingCase("DBNAME", ["DBNAME": "books"], "embedded:shop.db", "books"),
        SettingCase("DBNAME", ["DBNAME": "books", "HOST": "h"], "mongodb://h:27017/", "books"),
        SettingCase("DBNAME", ["DBNAME": "x", "URI": "mongodb://h/books"], "mongodb://h/books", "books"),
        SettingCase("DBNAME", ["DBNAME": "x", "URI": "mongodb://h"], "mongodb://h", "x"),
        SettingCase(
            "USERNAME", ["USERNAME": "k@m", "PASSWORD": "p:/?#[]@%é"],
            "mongodb://k%40m:p%3A%2F%3F%23%5B%5D%40%25%C3%A9@localhost:27017/?authSource=admin"),
        SettingCase(
            "PASSWORD", ["USERNAME": "kim", "PASSWORD": "p", "DBNAME": "books"],
            "mongodb://kim:p@localhost:27017/?authSource=books", "books"),
        SettingCase(
            "AUTH_SOURCE", ["USERNAME": "kim", "PASSWORD": "p", "AUTH_SOURCE": "users", "DBNAME": "books"],
            "mongodb://kim:p@localhost:27017/?authSource=users", "books"),
        SettingCase(
            "AUTH_MECHANISM", ["USERNAME": "kim", "PASSWORD": "p", "AUTH_MECHANISM": "scram-sha-256"],
            "mongodb://kim:p@localhost:27017/?authSource=admin&authMechanism=SCRAM-SHA-256"),
        SettingCase(
            "AUTH_MECHANISM", ["USERNAME": "kim", "PASSWORD": "p", "AUTH_MECHANISM": "DEFAULT"],
            "mongodb://kim:p@localhost:27017/?authSource=admin"),
        SettingCase(
            "AUTH_MECHANISM", ["AUTH_MECHANISM": "MONGODB-X509"], local + "?authMechanism=MONGODB-X509"),
        SettingCase("REPLICA_SET", ["REPLICA_SET": "rs0"], local + "?replicaSet=rs0"),
        SettingCase("REPLICA_SET", ["REPLICA_SET": ""], "embedded:shop.db"),
        SettingCase(
            "READ_PREFERENCE", ["HOST": "localhost", "READ_PREFERENCE": "SECONDARY_PREFERRED"],
            local + "?readPreference=secondaryPreferred"),
        SettingCase("MAX_POOL_SIZE", ["PORT": "27017", "MAX_POOL_SIZE": "7"], local + "?maxPoolSize=7"),
        SettingCase(
            "SOCKET_TIMEOUT_MS", ["PORT": "27017", "SOCKET_TIMEOUT_MS": "500"], local + "?socketTimeoutMS=500"),
        SettingCase(
            "CONNECT_TIMEOUT_MS", ["PORT": "27017", "CONNECT_TIMEOUT_MS": "501"], local + "?connectTimeoutMS=501"),
        SettingCase(
            "SERVER_SELECTION_TIMEOUT_MS", ["PORT": "27017", "SERVER_SELECTION_TIMEOUT_MS": "502"],
            local + "?serverSelectionTimeoutMS=502"),
        SettingCase("CONNECT", ["CONNECT": "false"], "embedded:shop.db"),
        SettingCase("DOCUMENT_CLASS", ["DOCUMENT_CLASS": "dict"], "embedded:shop.db"),
        SettingCase("CURSOR_KEY", ["CURSOR_KEY": keys[0]], "embedded:shop.db"),
        SettingCase("AUTO_START_REQUEST", ["AUTO_START_REQUEST": "true"], "embedded:shop.db"),
        SettingCase("TZ_AWARE", ["TZ_AWARE": "false"], "embedded:shop.db"),
        SettingCase("TZ", ["TZ": "Europe/Prague"], "embedded:shop.db"),
    ]

    static let mongoAlchemy: [SettingCase] = [
        SettingCase("DATABASE", [:], "embedded:shop.db", "library"),
        SettingCase("CONNECTION_STRING", ["CONNECTION_STRING": "mongodb://h"], "mongodb://h", "library"),
        SettingCase(
            "CONNECTION_STRING", ["CONNECTION_STRING": "mongodb://h/x", "SERVER": "g"], "mongodb://h/x", "x"),
        SettingCase("SERVER", ["SERVER": "db"], "mongodb://db:27017/", "library"),
        SettingCase("PORT", ["PORT": "1"], "mongodb://localhost:1/", "library"),
        SettingCase(
            "USER", ["USER": "kim", "PASSWORD": "a b"], "mongodb://kim:a%20b@localhost:27017/?authSource=admin",
            "library"),
        SettingCase(
            "PASSWORD", ["USER": "kim", "PASSWORD": "/", "SERVER_AUTH": "true"],
            "mongodb://kim:%2F@localhost:27017/?authSource=admin", "library"),
        SettingCase(
            "SERVER_AUTH", ["USER": "kim", "PASSWORD": "p", "SERVER_AUTH": "false"],
            "mongodb://kim:p@localhost:27017/?authSource=library", "library"),
        SettingCase("REPLICA_SET", ["REPLICA_SET": "rs0"], local + "?replicaSet=rs0", "library"),
        SettingCase("SAFE_SESSION", ["SAFE_SESSION": "false"], "embedded:shop.db", "library"),
        SettingCase(
            "OPTIONS", ["SERVER": "localhost", "OPTIONS": "safe=true&maxPoolSize=3"], local + "?maxPoolSize=3",
            "library"),
        SettingCase("CURSOR_KEY", ["CURSOR_KEY": keys[1]], "embedded:shop.db", "library"),
        SettingCase("TIMEZONE", ["TIMEZONE": "Europe/Prague"], "embedded:shop.db", "library"),
    ]

    /// One key in its spellings.
    private static let keys = [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1efb",
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1EFB",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvs=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvs",
    ]

    @Test("A cursor key is 32 bytes or more in hexadecimal digits or base64, and no description shows it")
    func cursorKeys() throws {
        for text in Self.keys + [String(repeating: "-_", count: 22), String(repeating: "ab", count: 64)] {
            let key = try #require(CursorKey(encoded: text), "\(text)")
            var shown = "\(key)"
            dump(key, to: &shown)
            #expect(!shown.lowercased().contains(text.lowercased()) && !shown.contains("12, 13"))
            #expect(try readSettings(["MONGO_CURSOR_KEY": text]).cursorKey != nil)
        }
        for text in [
            "", "secret", String(repeating: "0", count: 62), String(repeating: "0", count: 65),
            String(repeating: "A", count: 42), String(repeating: "A-", count: 20),
            String(repeating: "é", count: 64), "\(Self.keys[2])==", " \(Self.keys[0])",
        ] { #expect(CursorKey(encoded: text) == nil, "\(text)") }
        #expect(try readSettings([:]).cursorKey == nil)
    }

    @Test("Flask-PyMongo's settings become a connection string", arguments: pyMongo)
    func pyMongoSettings(_ test: SettingCase) throws {
        for prefix in ["MONGO", "MONGO2"] {
            let set = Dictionary(uniqueKeysWithValues: test.set.map { ("\(prefix)_\($0.key)", $0.value) })
            let found = try readSettings(set, prefix: prefix)
            #expect(found.uri == test.uri)
            #expect(found.databaseName == test.database)
            #expect(found.isDefault == (test.uri == "embedded:shop.db"))
        }
    }

    @Test("Flask-MongoAlchemy's settings become a connection string", arguments: mongoAlchemy)
    func mongoAlchemySettings(_ test: SettingCase) throws {
        let set = Dictionary(uniqueKeysWithValues: test.set.map { ("MONGOALCHEMY_\($0.key)", $0.value) })
        let found = try readAlchemySettings(set)
        #expect(found.uri == test.uri)
        #expect(found.databaseName == test.database)
    }

    @Test("Every setting has a case above and a row in the documentation", arguments: Mongo.SettingNames.allCases)
    func complete(names: Mongo.SettingNames) throws {
        let tested = Set((names == .pyMongo ? Self.pyMongo : Self.mongoAlchemy).map(\.row))
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: package.appending(path: "Docs/configuration.md"), encoding: .utf8)
        let prefix = names == .pyMongo ? "MONGO" : "MONGOALCHEMY"
        for row in SettingTable.rows(names) {
            #expect(tested.contains(row.name), "\(row.name) has no case")
            let line = "| `\(prefix)_\(row.name)`\(row.commonName.map { ", `\($0)`" } ?? "") | \(row.fallback) |"
            #expect(text.contains(line), "the documentation lacks: \(line)")
        }
    }

    @Test("The names without a prefix are the first connection's alone")
    func commonNames() throws {
        #expect(try readSettings(["MONGODB_URI": "mongodb://h", "MONGODB_DB": "y"]).databaseName == "y")
        #expect(try readSettings(["MONGODB_URI": "mongodb://a", "MONGO_URI": "mongodb://b"]).uri == "mongodb://b")
        #expect(try readSettings(["MONGODB_URI": "mongodb://h"], prefix: "A").isDefault)
        let both = try readSettings(["MONGODB_DB": "a", "MONGO_DBNAME": "b"])
        #expect(both.databaseName == "b")
        #expect(both.warnings == ["MONGODB_DB in the program is not used, since MONGO_DBNAME is set"])
        #expect(try readSettings(["MONGODB_DB": "b", "MONGO_DBNAME": "b"]).warnings.isEmpty)
    }

    @Test("Without a prefix the names are the settings' own, and other names of the environment's are no mistakes")
    func noPrefix() throws {
        let found = try readSettings(["HOST": "h", "DBNAME": "x", "HOTS": "y", "MONGODB_DB": "z"], prefix: "")
        #expect(found.uri == "mongodb://h:27017/" && found.databaseName == "x" && found.warnings.isEmpty)
        #expect(usageMessage { _ = try readSettings(["PORT": "x"], prefix: "") }.hasPrefix("PORT in the program is"))
        #expect(usageMessage { _ = try readSettings([:], prefix: "", required: true) }.hasPrefix("URI is not set"))
    }

    @Test("Writes are acknowledged unless a setting says otherwise")
    func safety() throws {
        let cases: [(set: [String: String], safe: Bool?)] = [
            ([:], nil), (["SAFE_SESSION": "true"], true), (["SAFE_SESSION": "no"], false),
            (["SERVER": "h", "OPTIONS": "safe=true"], true), (["SERVER": "h", "OPTIONS": "safe=false"], false),
            // The embedded engine's writes too.
            (["OPTIONS": "safe=false"], false), (["CONNECTION_STRING": "embedded:a.db", "OPTIONS": "safe=false"], nil),
        ]
        for (set, safe) in cases {
            let whole = Dictionary(uniqueKeysWithValues: set.map { ("MONGOALCHEMY_\($0.key)", $0.value) })
            #expect(try readAlchemySettings(whole).isSafe == safe, "\(set)")
        }
    }

    @Test("The first operation opens the database where CONNECT is false")
    func deferred() throws {
        #expect(try readSettings(["MONGO_CONNECT": "false"]).isDeferred)
        #expect(try !readSettings(["MONGO_CONNECT": "1"]).isDeferred)
        #expect(try !readSettings([:]).isDeferred)
    }

    @Test(
        "What is shown of a connection string holds no password",
        arguments: [
            ("mongodb://me:secret@h:1,g:2/db?appName=x", "mongodb://h:1,g:2/db"),
            ("mongodb://me:s@cr@h/db", "mongodb://h/db"),
            ("mongodb://me:s/cret@h/db", "mongodb://…"),
            ("mongodb://me:s?cret@h/db", "mongodb://…"),
            ("mongodb://me:secret@\u{301}h/db", "mongodb://\u{301}h/db"),
            ("embedded:library.db?readOnly=true", "embedded:library.db"),
        ])
    func location(uri: String, shown: String) throws {
        let found = try MongoSettings(uri: uri, databaseName: "d", applicationName: "shop")
        #expect(found.location == shown)
        #expect(!"\(found)".contains("cr"))
        var dumped = ""
        dump(found, to: &dumped)
        #expect(!dumped.contains("cret") && !dumped.contains("s@cr"))
    }

    @Test(
        "Two connection strings are of one server where they differ in the database only",
        arguments: [
            ("mongodb://h/a", "mongodb://H/b", true), ("mongodb://h", "mongodb://h/b", true),
            ("mongodb://u:p@h/a", "mongodb://u:p@h/b", false),
            ("mongodb://u:p@h/a", "mongodb://u:p@h/?authSource=a", true),
            ("mongodb://u:p@h/a?authSource=x", "mongodb://u:p@h/b?authSource=x", true),
            ("mongodb://h/a?w=1", "mongodb://h/a", false), ("mongodb://h", "mongodb://g", false),
        ])
    func servers(a: String, b: String, same: Bool) {
        #expect((ConnectionText.server(a) == ConnectionText.server(b)) == same)
        #expect(ConnectionText.server("embedded:a.db") == nil)
    }
}
