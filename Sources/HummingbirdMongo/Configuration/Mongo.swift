internal import Configuration
public import Logging
public import Nectar
public import ServiceLifecycle

/// A web application's database: the client, the database it uses, and the service that closes them in the end.
///
/// ```swift
/// let mongo = try await Mongo(.environment)
/// let router = Router()
/// router.get("books") { _, _ in mongo.db["books"].find() }
/// try await Application(router: router, services: [mongo]).runService()
/// ```
public struct Mongo: Service, CustomStringConvertible {
    /// Where the configuration comes from.
    public struct Source: Sendable {
        let load: @Sendable () async throws -> MongoSettings.Lookup

        /// The process's environment, and below it the file `.env` in the working directory if there is one.
        public static let environment = Source {
            let process = EnvironmentVariablesProvider()
            let file = try await EnvironmentVariablesProvider(environmentFilePath: literal(".env"), allowMissing: true)
            return { name in try process.environmentValue(forName: name) ?? file.environmentValue(forName: name) }
        }

        /// Makes the file's path, whose type is of a module that this one does not depend on.
        private static func literal<Path: ExpressibleByStringLiteral>(_ text: Path.StringLiteralType) -> Path {
            Path(stringLiteral: text)
        }

        /// Variables given by the caller, e.g. in tests.
        public static func variables(_ variables: [String: String]) -> Source {
            Source { { name in variables[name] } }
        }
    }

    /// The client.
    public let client: MongoClient
    /// The application's database.
    public let db: MongoDatabase
    /// Where the data is, without user and password: `embedded:library.db`.
    public let description: String
    let logger: Logger

    /// Connects as variables say.
    ///
    /// | variable | meaning | default |
    /// |---|---|---|
    /// | `MONGO_URI`, `MONGODB_URI` | the connection string | `embedded:<application's name>.db` |
    /// | `MONGO_DBNAME`, `MONGODB_DB` | the database | the one in the string's path, or the application's name |
    /// | `ENVIRONMENT` | `production` makes the connection string obligatory | |
    ///
    /// A second database in one application has a prefix of its own: `Mongo(.environment, prefix: "ARCHIVE")` reads
    /// `ARCHIVE_URI` and `ARCHIVE_DBNAME`.
    /// - Parameters:
    ///   - source: Where the variables are.
    ///   - prefix: What the variables' names begin with.
    ///   - applicationName: Names the default file and database; the executable's name by default.
    ///   - required: Whether a missing connection string is an error; in production it always is.
    ///   - logger: Told which database is used, and of answers that break off.
    /// - Throws: ``MongoError`` for a configuration that cannot be used.
    public init(
        _ source: Source, prefix: String = "MONGO", applicationName: String? = nil, required: Bool = false,
        logger: Logger = Logger(label: "mongo")
    ) async throws {
        let variables = try await source.load()
        try await self.init(
            MongoSettings(
                variables: variables, prefix: prefix, applicationName: applicationName ?? Self.executableName,
                required: required),
            prefix: prefix, logger: logger)
    }

    /// Connects to a database named in the program.
    /// - Parameters:
    ///   - uri: The connection string.
    ///   - databaseName: The database; by default the one in the string's path, or the executable's name.
    ///   - logger: Told which database is used, and of answers that break off.
    /// - Throws: ``MongoError`` for a string that cannot be used.
    public init(uri: String, databaseName: String? = nil, logger: Logger = Logger(label: "mongo")) async throws {
        try await self.init(
            MongoSettings(uri: uri, databaseName: databaseName, applicationName: Self.executableName),
            prefix: "MONGO", logger: logger)
    }

    private init(_ settings: MongoSettings, prefix: String, logger: Logger) async throws {
        client = try await MongoClient(settings.uri)
        db = client[settings.databaseName]
        description = settings.location
        self.logger = logger
        logger.info(
            "\(settings.isDefault ? "\(prefix)_URI is not set: using" : "Using") \(settings.location)",
            metadata: ["database": "\(settings.databaseName)"])
    }

    /// Waits until the application stops and then closes the client.
    public func run() async throws {
        // Being cancelled is another way of being told to stop: the client closes all the same.
        try? await gracefulShutdown()
        await client.close()
    }

    /// The last part of the executable's path, without what no database's name may hold.
    static var executableName: String {
        let path = CommandLine.arguments.first ?? ""
        let name = path.split(separator: "/").last.map(String.init) ?? "app"
        let kept = String(name.map { MongoSettings.isDatabaseName(String($0)) ? $0 : "-" }.prefix(60))
        return MongoSettings.isDatabaseName(kept) ? kept : "app"
    }
}
