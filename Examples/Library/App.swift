internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import Logging
internal import NIOCore

/// Puts the application together; tests build the same one on a database in memory.
enum App {
    /// Prepares the database and makes the application.
    /// - Parameter onServerRunning: Called when the server answers.
    static func build(
        mongo: Mongo, configuration: ApplicationConfiguration = .init(),
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) async throws -> Application<RouterResponder<BasicRequestContext>> {
        let shelf = Shelf(mongo: mongo)
        try await shelf.prepare()
        try await Seed.plant(in: shelf)
        var logger = Logger(label: "library")
        logger.logLevel = .notice
        return Application(
            router: try await router(for: shelf), configuration: configuration, services: [mongo],
            onServerRunning: onServerRunning, logger: logger)
    }

    /// The routes and what stands before them.
    static func router(for shelf: Shelf) async throws -> Router<BasicRequestContext> {
        let pages = try Pages()
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            ErrorPages(pages: pages)
            FileMiddleware(
                Resources.path("Static"), urlBasePath: "/static",
                cacheControl: .init([(MediaType(type: .any), [.maxAge(300)])]))
            SameOriginForms()
        }
        router.get("/") { _, _ in Response.redirect(to: "/books", type: .normal) }
        BooksController(shelf: shelf, pages: pages).addRoutes(to: router.group("books"))
        AuthorsController(shelf: shelf, pages: pages).addRoutes(to: router.group("authors"))
        return router
    }
}

/// The files that come with the executable.
enum Resources {
    /// The path of a file or folder.
    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appendingPathComponent(name).path
    }
}
