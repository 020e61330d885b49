public import Logging
internal import MongoProtocol
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
///
/// It works as soon as it is made. As a service it only waits, and closes the client when the application has answered
/// its last request; scripts use ``withMongo(_:prefix:names:applicationName:logger:isolation:_:)``, which closes it behind them.
public struct Mongo: Service, CustomStringConvertible {
    /// The client. Names on one server share one: see ``init(_:prefix:names:applicationName:required:logger:)``.
    public let client: MongoClient
    /// The application's database.
    public let db: MongoDatabase
    /// Where the data is, without user and password: `embedded:library.db`.
    public let description: String
    let logger: Logger
    private let lease: ClientRegistry.Lease

    /// Connects as settings say: `Docs/configuration.md` lists them, with their defaults and what counts more than what.
    ///
    /// With nothing configured the database is the embedded engine in a file of the application's name. A host, a port, a
    /// user or a replica set makes it one over the network, and a connection string (`MONGO_URI`) counts more than all
    /// of them. `MONGO_CONNECT=false` lets the first operation open it.
    ///
    /// A second database in one application has a prefix of its own: `Mongo(.environment, prefix: "ARCHIVE")` reads
    /// `ARCHIVE_URI`, `ARCHIVE_DBNAME` and so on. Where two have the same server, user and options, they share one client
    /// with its pool.
    /// - Parameters:
    ///   - source: Where the settings are.
    ///   - prefix: What their names begin with.
    ///   - names: Whose names they bear; by default Flask-MongoAlchemy's for the prefix `MONGOALCHEMY`, and else
    ///     Flask-PyMongo's.
    ///   - applicationName: Names the default file and database; the executable's name by default.
    ///   - required: Whether it is an error where nothing is configured; in production (`ENVIRONMENT=production`) it
    ///     always is.
    ///   - logger: Told which database is used, of settings that have no effect, and of answers that break off.
    /// - Throws: ``MongoError`` of kind `usage` that lists all settings that cannot be used, with what to set them to.
    public init(
        _ source: Source, prefix: String = "MONGO", names: SettingNames? = nil, applicationName: String? = nil,
        required: Bool = false, logger: Logger = Logger(label: "mongo")
    ) async throws {
        let found = try SettingReading(
            await source.load(), prefix: prefix,
            names: names ?? (prefix == "MONGOALCHEMY" ? .mongoAlchemy : .pyMongo))
        let settings = try MongoSettings(
            found, applicationName: applicationName ?? Self.executableName, required: required)
        try await self.init(settings, unset: found.name(.uri), logger: logger)
    }

    /// Connects to a database named in the program.
    /// - Parameters:
    ///   - uri: The connection string.
    ///   - databaseName: The database; by default the one in the string's path, or the executable's name.
    ///   - cursorKey: Signs the cursors of keyset pages; by default a key of this process alone. Give one where several
    ///     processes serve one list, or cursors are to survive a restart.
    ///   - logger: Told which database is used, and of answers that break off.
    /// - Throws: ``MongoError`` for a string that cannot be used.
    public init(
        uri: String, databaseName: String? = nil, cursorKey: CursorKey? = nil, logger: Logger = Logger(label: "mongo")
    ) async throws {
        var settings = try MongoSettings(
            uri: uri, databaseName: databaseName, applicationName: Self.executableName)
        settings.cursorKey = cursorKey
        try await self.init(settings, unset: "", logger: logger)
    }

    private init(_ settings: MongoSettings, unset: String, logger: Logger) async throws {
        LargeBlocks.areKept
        for warning in settings.warnings { logger.warning("\(warning)") }
        do {
            (client, lease) = try await ClientRegistry.client(
                settings.uri, isDeferred: settings.isDeferred, logger: logger)
        } catch var error as MongoError where error.kind == .usage && !settings.origin.isEmpty {
            error.message = "\(settings.origin) cannot be used: \(error.message)"
            throw error
        }
        var database = client[settings.databaseName]
        if let isSafe = settings.isSafe {
            do {
                try Self.setSafety(isSafe, &database.defaults.writeConcern)
            } catch {
                await lease.end()
                throw error
            }
        }
        if let key = settings.cursorKey { database.defaults.cursorKey = key }
        db = database
        description = settings.location
        self.logger = logger
        let kind = settings.uri.hasPrefix("mongodb") ? "the network" : "the embedded engine"
        logger.info(
            "\(settings.isDefault ? "\(unset) is not set: using" : "Using") \(kind), \(settings.location)",
            metadata: ["database": "\(settings.databaseName)"])
    }

    /// Makes writes acknowledged, or not. Where they are already, however strictly, they stay so.
    private static func setSafety(_ isSafe: Bool, _ concern: inout WriteConcern) throws {
        guard isSafe else {
            guard concern.journal != true else {
                throw MongoError(
                    .usage,
                    "SAFE_SESSION is false, so that nobody acknowledges a write, and journal=true asks to wait for the "
                        + "disk: drop one")
            }
            concern.w = .members(0)
            return
        }
        if concern.w == nil || concern.w == .members(0) { concern.w = .members(1) }
    }

    /// Waits until the application stops and then closes the client, unless another name still uses it.
    public func run() async throws {
        // Being cancelled is another way of being told to stop: the client closes all the same.
        try? await gracefulShutdown()
        await close()
    }

    /// Closes the client, unless another name still uses it. Doing so twice is no error.
    public func close() async { await lease.end() }

    /// The last part of the executable's path, without what no database's name may hold.
    static var executableName: String {
        let path = CommandLine.arguments.first ?? ""
        let name = path.split(separator: "/").last.map(String.init) ?? "app"
        let kept = String(name.map { MongoSettings.isDatabaseName(String($0)) ? $0 : "-" }.prefix(60))
        return MongoSettings.isDatabaseName(kept) ? kept : "app"
    }
}

/// Connects as settings say, hands the database to `body` and closes it behind it, whatever happens: for scripts.
///
/// ```swift
/// try await withMongo { mongo in
///     print(try await mongo.db["books"].countDocuments())
/// }
/// ```
/// The parameters are those of ``Mongo/init(_:prefix:names:applicationName:required:logger:)``.
public func withMongo<R>(
    _ source: Mongo.Source = .environment, prefix: String = "MONGO", names: Mongo.SettingNames? = nil,
    applicationName: String? = nil, logger: Logger = Logger(label: "mongo"),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Mongo) async throws -> R
) async throws -> R {
    let mongo = try await Mongo(
        source, prefix: prefix, names: names, applicationName: applicationName, logger: logger)
    do {
        let result = try await body(mongo)
        await mongo.close()
        return result
    } catch {
        await mongo.close()
        throw error
    }
}
