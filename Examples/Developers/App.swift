internal import Hummingbird
internal import HummingbirdMongo
internal import Logging
internal import NIOCore
internal import SQLTables

/// Puts the application together; tests build the same one on databases in memory.
struct App {
    let store: DeveloperStore
    let mongo: Mongo
    let logs: MongoLogs
    let legacy: Bool

    init(engine: SQLEngine, mongo: Mongo, legacy: Bool = false, logOptions: MongoLogs.Options = .init()) {
        store = DeveloperStore(engine: engine)
        self.mongo = mongo
        self.legacy = legacy
        var options = logOptions
        // The tutorial keeps its records, which have no time.
        if legacy { options.retention = nil }
        logs = MongoLogs(mongo.db["logs"], options: options)
    }

    /// The application with its services. It starts whether the databases answer or not.
    func application(
        _ configuration: ApplicationConfiguration,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) async throws -> Application<RouterResponder<BasicRequestContext>> {
        var logger = Logger(label: "developers")
        logger.logLevel = .notice
        do {
            try await store.prepare()
        } catch {
            logger.warning("The SQL database does not answer yet", metadata: ["error": "\(error)"])
        }
        return Application(
            router: try router(), configuration: configuration, services: [mongo, logs],
            onServerRunning: onServerRunning, logger: logger)
    }

    /// The routes and what stands before them.
    func router() throws -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        if legacy {
            router.addMiddleware { LegacyRequests(logs: logs, routes: .tutorial) }
            LegacyController(store: store, logs: logs).addRoutes(to: router)
        } else {
            router.addMiddleware {
                LogMiddleware(logs) { request in
                    // Who reads the logs should find there what others did.
                    !((request.method == .get || request.method == .head) && request.uri.path.hasPrefix("/logs"))
                }
                APIErrors(logs: logs)
                AllowedMethods(routes: .strict)
                AcceptsJSON()
            }
            DevelopersController(store: store, logs: logs).addRoutes(to: router)
            LogsController(logs: logs).addRoutes(to: router.group("logs"))
            PageController(store: store, mongo: mongo).addRoutes(to: router)
        }
        return router
    }
}
