import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Files of a folder")
struct StaticFilesTests {
    /// Runs requests against a folder with some files, beside which there is a secret.
    private func withFolder(
        _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString)")
        let root = folder.appending(path: "public")
        let manager = FileManager.default
        try manager.createDirectory(at: root.appending(path: "css"), withIntermediateDirectories: true)
        try manager.createDirectory(at: root.appending(path: ".git"), withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: folder) }
        let files = [
            "secret.txt": "secret", "public/css/a b.css": "body {}", "public/page.html": "<p>hi",
            "public/.env": "secret",
            "public/.git/config": "secret", "public/large.bin": String(repeating: "0123456789", count: 50_000),
            "public-secret.txt": "secret",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        try manager.createSymbolicLink(
            at: root.appending(path: "link.txt"), withDestinationURL: folder.appending(path: "secret.txt"))
        let served = try StaticFiles(root.path)
        try await withRoutes { router, _ in
            router.get("static/**") { request, context in
                try await served.response(context.parameters.getCatchAll().joined(separator: "/"), for: request)
            }
        } _: { client, _ in
            try await test(client)
        }
    }

    @Test("A file goes out with its type and its version, and answers the same conditions and ranges as GridFS's")
    func whole() async throws {
        try await withFolder { client in
            let uri = "/static/css/a%20b.css"
            let (tag, date) = try await client.execute(uri: uri, method: .get) { response in
                #expect(response.status == .ok && String(buffer: response.body) == "body {}")
                #expect(response.headers[.contentType] == "text/css")
                #expect(response.headers[.cacheControl] == "public, max-age=300")
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                return (response.headers[.eTag] ?? "", response.headers[.lastModified] ?? "")
            }
            let cases: [(fields: HTTPFields, status: HTTPResponse.Status, body: String?)] = [
                ([.ifNoneMatch: tag], .notModified, ""), ([.ifModifiedSince: date], .notModified, ""),
                ([.ifMatch: "\"x\""], .preconditionFailed, nil), ([.range: "bytes=1-3"], .partialContent, "ody"),
                ([.range: "bytes=1-3", .ifRange: tag], .partialContent, "ody"),
                ([.range: "bytes=1-3", .ifRange: "\"x\""], .ok, "body {}"),
                ([.range: "bytes=9-"], .rangeNotSatisfiable, ""),
            ]
            for (fields, status, body) in cases {
                try await client.execute(uri: uri, method: .get, headers: fields) { response in
                    #expect(response.status == status, "\(fields)")
                    if let body { #expect(String(buffer: response.body) == body) }
                }
            }
            try await client.execute(uri: "/static/large.bin", method: .get) { response in
                #expect(response.body.readableBytes == 500_000)
                #expect(String(buffer: response.body).hasSuffix("0123456789"))
            }
            try await client.execute(uri: "/static/large.bin", method: .head) { response in
                #expect(response.body.readableBytes == 0 && response.headers[.contentLength] == "500000")
            }
            try await client.execute(uri: "/static/page.html", method: .get) { response in
                #expect(response.headers[.contentSecurityPolicy] == nil)
            }
        }
    }

    @Test(
        "Nothing outside of the folder is sent, and nothing hidden",
        arguments: [
            "../secret.txt", "..%2Fsecret.txt", "%2e%2e/secret.txt", "css/../../secret.txt",
            "css%2F..%2F..%2Fsecret.txt",
            "..%5Csecret.txt", "%2Fetc%2Fpasswd", "link.txt", ".env", ".git/config", "css/", "css", "",
            "page.html%00.png",
            "none", "%2e%2e%2fpublic-secret.txt", "css/%2e/a%20b.css", "%zz",
        ])
    func outside(path: String) async throws {
        try await withFolder { client in
            try await client.execute(uri: "/static/\(path)", method: .get) { response in
                #expect(response.status == .notFound, "\(response.status)")
                #expect(!String(buffer: response.body).contains("secret"))
            }
        }
    }

    @Test("A folder that is not there is an error at the start")
    func missing() {
        #expect(throws: MongoError.self) { try StaticFiles("no/such/folder") }
    }
}
