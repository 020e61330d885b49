import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import Testing

@Suite("Modules")
struct ResponseModuleTests {
    @Document("shelves")
    struct Plank {
        var id: String
        @Field(.unique) var label: String
    }

    /// Counts its visits, and has a module within.
    struct Planks: MongoModule {
        var inner: String?
        var template = "plank"

        var documents: [any Document.Type] { [Plank.self] }
        var modules: [Submodule<BasicRequestContext>] { inner.map { [Submodule($0, Planks(template: "inner"))] } ?? [] }
        func templates() -> [String: String] { [template: "a \(template)"] }
        func prepare(in db: MongoDatabase) async throws {
            try await db["prepared"].insertOne(["template": .string(template)])
        }
        func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) {
            routes.get { _, _ in mount.db[Plank.self].find() }
            routes.get("{id}") { _, context in try await mount.db[Plank.self].getOr404("id", in: context) }
            routes.get("at") { _, _ in
                [mount.prefix, mount.address(), mount.address("x"), mount.address("?y")].description
            }
            routes.get("templates") { _, _ in mount.templates.keys.sorted().description }
        }
    }

    private func withModule(
        _ mount: (Router<BasicRequestContext>, MongoDatabase) async throws -> Void,
        _ test: @escaping @Sendable (any TestClientProtocol, MongoDatabase) async throws -> Void
    ) async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "test")
        let router = Router()
        try await mount(router, mongo.db)
        try await Application(router: router, services: [mongo]).test(.router) { try await test($0, mongo.db) }
    }

    private static func text(_ client: any TestClientProtocol, _ path: String) async throws -> String {
        try await client.execute(uri: path, method: .get) { response in
            #expect(response.status == .ok, "\(path)")
            return String(buffer: response.body)
        }
    }

    @Test("A module has its routes under its prefix, knows where it is, and has made its indexes")
    func prefix() async throws {
        try await withModule {
            try await $0.mount(Planks(inner: "deep"), at: "a/planks", in: $1, templates: ["outer": ""])
        } _: { client, db in
            try await db[Plank.self].insert(Plank(id: "x", label: "l"))
            await #expect(throws: MongoError.self) { try await db[Plank.self].insert(Plank(id: "y", label: "l")) }
            for base in ["/a/planks", "/a/planks/deep"] {
                #expect(try await Self.text(client, base) == #"[{"_id":"x","label":"l"}]"#)
                #expect(try await Self.text(client, "\(base)/x") == #"{"_id":"x","label":"l"}"#)
                let addresses = [base, base, "\(base)/x", "\(base)?y"]
                #expect(try await Self.text(client, "\(base)/at") == addresses.description)
                #expect(try await Self.text(client, "\(base)/templates") == #"["inner", "outer", "plank"]"#)
            }
            let prepared = try await db["prepared"].find().toArray().map { $0["template"] }
            #expect(prepared == ["inner", "plank"])
        }
    }

    @Test("A module is tested alone, at the root; and in a group of a router")
    func alone() async throws {
        try await withModule {
            try await $0.mount(Planks(), in: $1)
            try await $0.group("v1").mount(Planks(), at: "planks", in: $1, below: "v1")
        } _: { client, db in
            let root = try await Self.text(client, "/")
            #expect(root == "[]")
            #expect(try await Self.text(client, "/at") == ["", "/", "/x", "/?y"].description)
            #expect(try await Self.text(client, "/v1/planks/at").contains("/v1/planks/x"))
        }
    }

    @Test("Two templates of one name are refused before there is any route")
    func templates() async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "test")
        let error = await #expect(throws: MongoError.self) {
            try await Router().mount(Planks(inner: "a", template: "inner"), in: mongo.db)
        }
        #expect(error?.kind == .usage && error?.message.contains("'inner'") == true)
        await mongo.client.close()
    }
}
