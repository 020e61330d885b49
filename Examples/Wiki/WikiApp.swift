internal import ExampleSupport
internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import Logging
internal import NIOCore

/// Puts the wiki together; tests build the same one on a database in memory.
enum WikiApp {
    /// Prepares the database and makes the application.
    /// - Parameter onServerRunning: Called when the server answers.
    static func build(
        mongo: Mongo, configuration: ApplicationConfiguration = .init(),
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) async throws -> Application<RouterResponder<BasicRequestContext>> {
        let store = WikiStore(mongo: mongo)
        try await store.prepare()
        try await WikiSeed.plant(in: store)
        var logger = Logger(label: "wiki")
        logger.logLevel = .notice
        return Application(
            router: try router(for: store).refusingOtherMethods(), configuration: configuration, services: [mongo],
            onServerRunning: onServerRunning, logger: logger)
    }

    private static func router(for store: WikiStore) throws -> Router<BasicRequestContext> {
        let pages = try Pages()
        let files = try StaticFiles(Resources.path("Static"))
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            ErrorPages(pages: pages)
            SameOriginForms()
        }
        router.get("/") { _, _ in Response.redirect(to: "/wiki/Home", type: .normal) }
        router.get("static/**") { request, context in
            try await files.response(context.parameters.getCatchAll().joined(separator: "/"), for: request)
        }
        PagesController(store: store, pages: pages).addRoutes(to: router.group("wiki"))
        FilesController(store: store, pages: pages).addRoutes(to: router.group("files"))
        return router
    }
}

/// The files that come with the executable.
enum Resources {
    /// The path of a file or folder.
    static func path(_ name: String) -> String { Bundle.module.bundleURL.appendingPathComponent(name).path }
}

/// The first pages, so that a new wiki is not empty.
enum WikiSeed {
    static func plant(in store: WikiStore) async throws {
        guard try await store.pages.estimatedDocumentCount() == 0 else { return }
        for (name, body) in pages { _ = try await store.save(name, body: body, note: "The first words", base: 0) }
    }

    private static let pages = [
        (
            "Home",
            """
            Welcome. This wiki keeps **its pages as documents** in the collection `wiki.pages`, their older states in `wiki.revisions`, \
            and //files// in GridFS: see **Files** above.

            = Where to begin
            * [[How to write]] shows the marks that make headings, lists and links.
            * [[Sailing ships]] is a page with some of them.
            * A link to a page that nobody has written yet, like [[Lighthouses]], is an invitation.

            > Nothing is ever overwritten: each page has its history, and each file its versions.
            """
        ),
        (
            "How_to_write",
            """
            * `= Title`, `== Title` and `=== Title` begin headings.
            * `* item` and `# item` begin items of lists, `> words` a quotation.
            * `**strong**` is **strong**, `//emphasis//` is //emphasis//, and a backquote makes `code`.
            * `[[Sailing ships]]` links to [[Sailing ships]], `[[Sailing ships|a page]]` to [[Sailing ships|a page]].
            * `{{photo.jpg|What is to be seen}}` shows a picture from the files.

            ```
            Lines between three backquotes
              stay as they are.
            ```
            """
        ),
        (
            "Sailing_ships",
            """
            Most large ships had **three masts**: the //fore//, the //main// and the //mizzen//.

            = Rigs
            # A //barque// has square sails on all masts but the last.
            # A //brig// has two masts.
            # A //schooner// has its sails along the ship.

            Back to [[Home]].
            """
        ),
    ]
}
