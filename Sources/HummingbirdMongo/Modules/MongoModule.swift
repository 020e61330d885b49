public import Hummingbird
public import MongoDocuments
public import Nectar

/// A part of an application that can be mounted, moved and tested by itself: routes, the documents they work on with
/// their indexes, and templates. What Flask calls a blueprint.
///
/// ```swift
/// struct Books: MongoModule {
///     var documents: [any Document.Type] { [Book.self] }
///
///     func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) {
///         routes.get { request, _ in try await mount.db[Book.self].find().sort(\.title).paginate(request) }
///         routes.get("{id}") { _, context in try await mount.db[Book.self].getOr404("id", in: context) }
///     }
/// }
///
/// try await router.mount(Books(), at: "books", in: mongo.db)
/// ```
///
/// A module mounted on a router of its own is one to test alone.
public protocol MongoModule<Context>: Sendable {
    /// What routes get beside the request.
    associatedtype Context: RequestContext = BasicRequestContext

    /// The types whose indexes are made when the module is mounted; none by default.
    var documents: [any Document.Type] { get }
    /// The modules within this one, with their paths below its own; none by default.
    var modules: [Submodule<Context>] { get }

    /// The templates, by name; none by default.
    func templates() throws -> [String: String]
    /// What else has to be there before the first request; nothing by default. The indexes have been made by then.
    func prepare(in db: MongoDatabase) async throws
    /// Adds the routes.
    /// - Parameters:
    ///   - routes: Takes the routes, with paths below the module's own.
    ///   - mount: Where the module is.
    func addRoutes(to routes: RouterGroup<Context>, at mount: ModuleMount) throws
}

extension MongoModule {
    /// None.
    public var documents: [any Document.Type] { [] }
    /// None.
    public var modules: [Submodule<Context>] { [] }
    /// None.
    public func templates() throws -> [String: String] { [:] }
    /// Nothing.
    public func prepare(in db: MongoDatabase) async throws {}
}

/// A module within another one.
public struct Submodule<Context: RequestContext>: Sendable {
    let path: String
    let module: any MongoModule<Context>

    /// Places a module.
    /// - Parameter path: The path below that of the module around it.
    public init(_ path: String, _ module: some MongoModule<Context>) {
        (self.path, self.module) = (path, module)
    }
}

/// Where a module is mounted.
public struct ModuleMount: Sendable {
    /// The path of the module, which its links begin with: `/library/books`, and nothing at the root.
    public let prefix: String
    /// The path of what the module is mounted on: of the module around it, or of the router.
    public let outer: String
    /// The database.
    public let db: MongoDatabase
    /// The templates of all modules that were mounted together, by name, so that they can use each other's.
    public let templates: [String: String]

    /// The address of a path below the module's: `mount.address("new")`.
    public func address(_ path: String = "") -> String {
        let address = path.isEmpty || path.hasPrefix("?") ? prefix + path : "\(prefix)/\(path)"
        return address.hasPrefix("/") ? address : "/\(address)"
    }
}

extension RouterMethods {
    /// Mounts a module: makes the indexes of its documents, prepares it, and adds its routes, and so for the modules
    /// within it.
    /// - Parameters:
    ///   - module: The module.
    ///   - path: The path of the module: `books`, or nothing for the router's own.
    ///   - db: The database it works on.
    ///   - templates: Further templates, which the module's own can use.
    ///   - prefix: The path that the router itself has, where it is a group.
    /// - Throws: ``MongoError`` where an index cannot be made, and for two templates of one name.
    public func mount(
        _ module: some MongoModule<Context>, at path: String = "", in db: MongoDatabase,
        templates: [String: String] = [:], below prefix: String = ""
    ) async throws {
        var all = templates
        try Mounting.gather(module, into: &all)
        try await Mounting.prepare(module, db)
        try Mounting.addRoutes(of: module, to: self, path, prefix, db, all)
    }
}

/// Walks the modules within modules.
private enum Mounting {
    static func gather(_ module: some MongoModule, into templates: inout [String: String]) throws {
        for (name, text) in try module.templates() {
            guard templates.updateValue(text, forKey: name) == nil else {
                throw MongoError(.usage, "There are two templates named '\(name)': call one of them something else")
            }
        }
        for inner in module.modules { try gather(inner.module, into: &templates) }
    }

    static func prepare(_ module: some MongoModule, _ db: MongoDatabase) async throws {
        for type in module.documents { try await ensureIndexes(of: type, db) }
        for inner in module.modules { try await prepare(inner.module, db) }
        try await module.prepare(in: db)
    }

    private static func ensureIndexes<Root: Document>(of type: Root.Type, _ db: MongoDatabase) async throws {
        try await db[type].ensureIndexes()
    }

    static func addRoutes<Context: RequestContext>(
        of module: some MongoModule<Context>, to routes: some RouterMethods<Context>, _ path: String,
        _ prefix: String, _ db: MongoDatabase, _ templates: [String: String]
    ) throws {
        func joined(_ path: String) -> String { path.split(separator: "/").map { "/\($0)" }.joined() }
        let mount = ModuleMount(
            prefix: joined("\(prefix)/\(path)"), outer: joined(prefix), db: db, templates: templates)
        let group = routes.group(RouterPath(path))
        try module.addRoutes(to: group, at: mount)
        for inner in module.modules {
            try addRoutes(of: inner.module, to: group, inner.path, mount.prefix, db, templates)
        }
    }
}
