extension Mongo {
    /// Whose names the settings bear.
    public enum SettingNames: Sendable, Hashable, CaseIterable {
        /// Those of Flask-PyMongo: `MONGO_URI`, `MONGO_HOST`, `MONGO_DBNAME`…
        case pyMongo
        /// Those of Flask-MongoAlchemy: `MONGOALCHEMY_DATABASE`, `MONGOALCHEMY_SERVER`…
        case mongoAlchemy
    }
}

/// Every setting, a row each. `Docs/configuration.md` has the same rows; a test compares them.
enum SettingTable {
    static func rows(_ names: Mongo.SettingNames) -> [SettingRow] {
        switch names {
        case .pyMongo: pyMongo
        case .mongoAlchemy: mongoAlchemy
        }
    }

    private static let count = 0...Int(Int32.max)

    private static let pyMongo: [SettingRow] = [
        SettingRow(
            name: "URI", role: .uri, value: .secret, fallback: "embedded:<application>.db", commonName: "MONGODB_URI"),
        SettingRow(name: "HOST", role: .host, value: .hosts, fallback: "localhost", selectsNetwork: true),
        SettingRow(name: "PORT", role: .port, value: .number(1...65535), fallback: "27017", selectsNetwork: true),
        SettingRow(
            name: "DBNAME", role: .database, value: .databaseName, fallback: "the application's name",
            commonName: "MONGODB_DB"),
        SettingRow(name: "USERNAME", role: .user, value: .secret, fallback: "nobody", selectsNetwork: true),
        SettingRow(name: "PASSWORD", role: .password, value: .secret, fallback: "none"),
        SettingRow(
            name: "AUTH_SOURCE", role: .authSource, value: .text, fallback: "the database that DBNAME names, or admin"),
        SettingRow(
            name: "AUTH_MECHANISM", role: .authMechanism, value: .word(mechanisms),
            fallback: "the strongest that the server has"),
        SettingRow(
            name: "REPLICA_SET", role: .option("replicaSet"), value: .text, fallback: "none", selectsNetwork: true),
        SettingRow(
            name: "READ_PREFERENCE", role: .option("readPreference"), value: .word(readPreferences),
            fallback: "primary", isNetworkOnly: true),
        SettingRow(
            name: "MAX_POOL_SIZE", role: .option("maxPoolSize"), value: .number(count), fallback: "100",
            isNetworkOnly: true),
        SettingRow(
            name: "SOCKET_TIMEOUT_MS", role: .option("socketTimeoutMS"), value: .number(count), fallback: "no limit",
            isNetworkOnly: true),
        SettingRow(
            name: "CONNECT_TIMEOUT_MS", role: .option("connectTimeoutMS"), value: .number(count), fallback: "10000",
            isNetworkOnly: true),
        SettingRow(
            name: "SERVER_SELECTION_TIMEOUT_MS", role: .option("serverSelectionTimeoutMS"), value: .number(count),
            fallback: "30000", isNetworkOnly: true),
        SettingRow(name: "CONNECT", role: .connect, value: .flag, fallback: "true"),
        SettingRow(
            name: "DOCUMENT_CLASS", role: .documentClass,
            value: .word(["BSONDocument", "dict", "OrderedDict", "SON", "RawBSONDocument"]), fallback: "BSONDocument"),
        SettingRow(name: "CURSOR_KEY", role: .cursorKey, value: .key, fallback: "a new one in each process"),
        SettingRow(
            name: "AUTO_START_REQUEST", role: .obsolete("requests hold no connection of their own any more"),
            value: .flag, fallback: "obsolete"),
        SettingRow(
            name: "TZ_AWARE", role: .obsolete("dates are instants, which no time zone changes"), value: .flag,
            fallback: "obsolete"),
        SettingRow(
            name: "TZ", role: .obsolete("dates are instants, which no time zone changes"), value: .text,
            fallback: "obsolete"),
    ]

    private static let mongoAlchemy: [SettingRow] = [
        SettingRow(name: "CONNECTION_STRING", role: .uri, value: .secret, fallback: "embedded:<application>.db"),
        SettingRow(name: "DATABASE", role: .database, value: .databaseName, fallback: "required"),
        SettingRow(name: "SERVER", role: .host, value: .hosts, fallback: "localhost", selectsNetwork: true),
        SettingRow(name: "PORT", role: .port, value: .number(1...65535), fallback: "27017", selectsNetwork: true),
        SettingRow(name: "USER", role: .user, value: .secret, fallback: "nobody", selectsNetwork: true),
        SettingRow(name: "PASSWORD", role: .password, value: .secret, fallback: "none"),
        SettingRow(name: "SERVER_AUTH", role: .serverAuth, value: .flag, fallback: "true"),
        SettingRow(
            name: "REPLICA_SET", role: .option("replicaSet"), value: .text, fallback: "none", selectsNetwork: true),
        SettingRow(name: "SAFE_SESSION", role: .safeSession, value: .flag, fallback: "true"),
        SettingRow(name: "OPTIONS", role: .options, value: .pairs, fallback: "none"),
        SettingRow(name: "CURSOR_KEY", role: .cursorKey, value: .key, fallback: "a new one in each process"),
        SettingRow(
            name: "TIMEZONE", role: .obsolete("dates are instants, which no time zone changes"), value: .text,
            fallback: "obsolete"),
    ]

    private static let mechanisms = [
        "DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256", "MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI", "PLAIN",
    ]
    private static let readPreferences = [
        "primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest",
    ]
}
