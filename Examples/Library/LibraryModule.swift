internal import Hummingbird
internal import HummingbirdMongo

/// The whole library: it can stand at the root, or below a path of another application.
struct LibraryModule: MongoModule {
    let shelf: Shelf

    var modules: [Submodule<BasicRequestContext>] {
        [Submodule("books", BooksModule(shelf: shelf)), Submodule("authors", AuthorsModule(shelf: shelf))]
    }

    func templates() throws -> [String: String] { try Resources.templates("shared") }

    func prepare(in db: MongoDatabase) async throws { try await Seed.plant(in: shelf) }

    func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) {
        let books = mount.address("books")
        routes.get { _, _ in Response.redirect(to: books, type: .normal) }
    }
}

/// The books and their pages.
struct BooksModule: MongoModule {
    let shelf: Shelf

    var documents: [any Document.Type] { [Book.self] }

    func templates() throws -> [String: String] { try Resources.templates("books") }

    func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) throws {
        BooksController(shelf: shelf, pages: try Pages(mount.templates, root: mount.outer)).addRoutes(to: routes)
    }
}

/// The authors and their pages, which show their books, too.
struct AuthorsModule: MongoModule {
    let shelf: Shelf

    var documents: [any Document.Type] { [Author.self] }

    func templates() throws -> [String: String] { try Resources.templates("authors") }

    func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) throws {
        AuthorsController(shelf: shelf, pages: try Pages(mount.templates, root: mount.outer)).addRoutes(to: routes)
    }
}
