import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import Testing

@testable import LibraryExample
@testable import WikiExample

@Suite("Methods that a path does not take")
struct OtherMethodTests {
    private struct Shelf: MongoModule {
        func addRoutes(to routes: RouterGroup<BasicRequestContext>, at mount: ModuleMount) {
            routes.get { _, _ in "shelf" }
            routes.post { _, _ in "added" }
            routes.delete("{id}") { _, _ in HTTPResponse.Status.noContent }
        }
    }

    private func withShelf(
        _ options: RouterOptions = [], _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "test")
        let router = Router(options: options)
        router.add(middleware: ProblemDetails())
        try await router.mount(Shelf(), at: "shelf", in: mongo.db)
        router.put("files/**") { _, _ in "put" }
        if let lock = HTTPRequest.Method("LOCK") { router.on("lock", method: lock) { _, _ in "locked" } }
        let refusing = router.refusingOtherMethods()
        // As often as it is built, it is the same router.
        _ = refusing.buildResponder()
        try await Application(router: refusing, services: [mongo]).test(.router) { try await test($0) }
    }

    private static let cases: [(method: String, path: String, status: HTTPResponse.Status, allow: String?)] = [
        ("GET", "/shelf", .ok, nil), ("POST", "/shelf", .ok, nil), ("DELETE", "/shelf/1", .noContent, nil),
        ("PUT", "/shelf", .methodNotAllowed, "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/shelf/", .methodNotAllowed, "GET, HEAD, OPTIONS, POST"),
        ("TRACE", "/shelf", .methodNotAllowed, "GET, HEAD, OPTIONS, POST"),
        ("LOCK", "/shelf", .methodNotAllowed, "GET, HEAD, OPTIONS, POST"),
        ("GET", "/shelf/1", .methodNotAllowed, "DELETE, OPTIONS"),
        ("HEAD", "/shelf/1", .methodNotAllowed, "DELETE, OPTIONS"),
        ("PATCH", "/files/a/b", .methodNotAllowed, "OPTIONS, PUT"), ("PUT", "/files/a/b", .ok, nil),
        ("GET", "/lock", .methodNotAllowed, "LOCK, OPTIONS"), ("LOCK", "/lock", .ok, nil),
        ("OPTIONS", "/shelf", .noContent, "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/shelf/1/2", .notFound, nil), ("OPTIONS", "/nothing", .notFound, nil),
        // Neither HTTP nor a route has this one.
        ("BREW", "/shelf", .notFound, nil),
    ]

    @Test("They are 405 with what the path takes, and OPTIONS tells it; an unknown path is 404")
    func answers() async throws {
        try await withShelf(.autoGenerateHeadEndpoints) { client in
            for (name, path, status, allow) in Self.cases {
                let method = try #require(HTTPRequest.Method(name))
                try await client.execute(uri: path, method: method) { response in
                    #expect(response.status == status, "\(name) \(path)")
                    #expect(response.headers[.allow] == allow, "\(name) \(path)")
                    guard status == .methodNotAllowed else { return }
                    #expect(response.headers[.contentType] == "application/problem+json")
                    if method != .head {
                        #expect(String(buffer: response.body).contains("This address does not take \(name)."))
                    }
                }
            }
            try await client.execute(uri: "/shelf", method: .head) { response in
                #expect(response.status == .ok && response.headers[.contentLength] == "5")
            }
        }
    }

    @Test("HEAD is refused like others where the router makes none")
    func withoutHead() async throws {
        try await withShelf { client in
            try await client.execute(uri: "/shelf", method: .head) { response in
                #expect(response.status == .methodNotAllowed && response.headers[.allow] == "GET, OPTIONS, POST")
            }
        }
    }

    @Test("The examples refuse them, too: as a page to browsers")
    func examples() async throws {
        let library = try await App.build(mongo: Mongo(uri: "embedded::memory:", databaseName: "library"))
        try await library.test(.router) { client in
            try await client.execute(uri: "/books", method: .delete, headers: [.accept: "application/json"]) {
                #expect($0.status == .methodNotAllowed && $0.headers[.allow] == "GET, HEAD, OPTIONS, POST")
                #expect($0.headers[.contentType] == "application/problem+json")
            }
            try await client.execute(uri: "/books", method: .put, headers: [.accept: "text/html"]) {
                #expect($0.status == .methodNotAllowed && $0.headers[.allow] == "GET, HEAD, OPTIONS, POST")
                #expect($0.headers[.contentType]?.hasPrefix("text/html") == true)
            }
        }
        let wiki = try await WikiApp.build(mongo: Mongo(uri: "embedded::memory:", databaseName: "wiki"))
        try await wiki.test(.router) { client in
            try await client.execute(uri: "/wiki/Home/history", method: .post) {
                #expect($0.status == .methodNotAllowed && $0.headers[.allow] == "GET, HEAD, OPTIONS")
            }
        }
    }
}
