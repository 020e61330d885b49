internal import ExampleSupport
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
        var logger = Logger(label: "library")
        logger.logLevel = .notice
        return Application(
            router: try await router(on: mongo).refusingOtherMethods(), configuration: configuration, services: [mongo],
            onServerRunning: onServerRunning, logger: logger)
    }

    /// The routes and what stands before them.
    private static func router(on mongo: Mongo) async throws -> Router<BasicRequestContext> {
        let pages = try Pages(Resources.templates("shared"))
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            ProblemDetails()
            ErrorPages(pages: pages)
            SameOriginForms(except: [.get, .head, .options])
        }
        let files = try StaticFiles(Resources.path("Static"))
        router.get("static/**") { request, context in
            try await files.response(context.parameters.getCatchAll().joined(separator: "/"), for: request)
        }
        try await router.mount(LibraryModule(shelf: Shelf(mongo: mongo)), in: mongo.db)
        return router
    }
}

/// The files that come with the executable.
enum Resources {
    /// The path of a file or folder.
    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appendingPathComponent(name).path
    }

    /// The templates of a folder, by their names.
    static func templates(_ folder: String) throws -> [String: String] {
        let path = path("Templates/\(folder)")
        var templates: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: path) where file.hasSuffix(".mustache") {
            let name = String(file.dropLast(".mustache".count))
            templates[name] = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        }
        return templates
    }
}
