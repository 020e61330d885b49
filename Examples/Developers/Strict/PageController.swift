internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore
internal import SQLTables

/// The page in the browser, and whether the application is ready.
struct PageController {
    let store: DeveloperStore
    let mongo: Mongo

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("page") { _, _ in try Self.file("page.html", type: "text/html; charset=utf-8") }
        router.get("page/page.js") { _, _ in try Self.file("page.js", type: "text/javascript; charset=utf-8") }
        router.get("page/page.css") { _, _ in try Self.file("page.css", type: "text/css; charset=utf-8") }
        router.get("page/icon.svg") { _, _ in try Self.file("icon.svg", type: "image/svg+xml") }
        router.get("ready") { _, _ -> Response in
            // The rows are what the application is for; it works without its logs.
            try await store.prepare()
            try await store.engine.ping()
            var logs = true
            do { try await mongo.db.runCommand(["ping": 1]) } catch { logs = false }
            return Envelope.data(["sql": true, "logs": .bool(logs)])
        }
    }

    private static func file(_ name: String, type: String) throws -> Response {
        let url = Bundle.module.bundleURL.appendingPathComponent("Page").appendingPathComponent(name)
        let data = try Data(contentsOf: url)
        return Response(
            status: .ok,
            headers: [
                .contentType: type, .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'self'; frame-ancestors 'none'",
            ], body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}
