import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import Testing

@testable import WikiExample

@Suite("The wiki example")
struct WikiTests {
    private func withWiki(
        _ test: @escaping @Sendable (any TestClientProtocol, Mongo) async throws -> Void
    ) async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "wiki")
        try await WikiApp.build(mongo: mongo).test(.router) { try await test($0, mongo) }
    }

    private static func page(
        _ client: any TestClientProtocol, _ uri: String, status: HTTPResponse.Status = .ok
    ) async throws -> String {
        try await client.execute(uri: uri, method: .get) { response in
            #expect(response.status == status, "\(uri)")
            #expect(response.headers[.contentType] == "text/html; charset=utf-8")
            return String(buffer: response.body)
        }
    }

    /// Sends a form as browsers do and gives the status with where it leads or what it shows.
    private static func save(
        _ client: any TestClientProtocol, _ uri: String, _ body: String, base: Int, headers: HTTPFields = [:]
    ) async throws -> (status: HTTPResponse.Status, text: String) {
        let text = body.utf8.map { byte in "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        let buffer = ByteBuffer(string: "base=\(base)&note=a+note&body=\(text)")
        return try await client.execute(uri: uri, method: .post, headers: headers, body: buffer) { response in
            (response.status, response.headers[.location] ?? String(buffer: response.body))
        }
    }

    @Test("A new wiki has its first pages, and each page of it is there")
    func pages() async throws {
        try await withWiki { client, mongo in
            #expect(try await Self.page(client, "/wiki/Home").contains("<h1>Home</h1>"))
            for path in ["/wiki", "/files", "/wiki/Home/edit", "/wiki/Home/history", "/wiki/Home/history/1"] {
                #expect(try await Self.page(client, path).contains("</html>"))
            }
            #expect(try await Self.page(client, "/wiki/Sailing_ships").contains("/wiki/Home\">Home</a>"))
            #expect(try await mongo.db["wiki.pages"].countDocuments() == 3)
            try await client.execute(uri: "/", method: .get) { #expect($0.headers[.location] == "/wiki/Home") }
            let second = try await Self.page(client, "/wiki?page=2&per_page=2")
            #expect(second.contains("href=\"/wiki?per_page=2\"") && second.contains("aria-current"))
            _ = try await Self.page(client, "/wiki?page=3&per_page=2", status: .notFound)
            try await client.execute(uri: "/wiki?go=How%20to%20write", method: .get) {
                #expect($0.headers[.location] == "/wiki/How_to_write")
            }
            try await client.execute(uri: "/static/wiki.css", method: .get) {
                #expect($0.headers[.contentType] == "text/css")
            }
        }
    }

    @Test("A page that is not there offers to be written, and is there then, with all its revisions")
    func writing() async throws {
        try await withWiki { client, _ in
            let uri = "/wiki/Caf%C3%A9_%26_bar"
            #expect(try await Self.page(client, uri, status: .notFound).contains("Nobody has written this page yet"))
            let first = try await Self.save(client, uri, "See [[Home]].\n\n* one\n* two", base: 0)
            #expect(first.status == .found && first.text == "/wiki/Caf%C3%A9_%26_bar")
            #expect(try await Self.page(client, uri).contains("<li>one</li>"))
            #expect(try await Self.page(client, "/wiki/Home").contains("Café &amp; bar"))
            #expect(try await Self.save(client, uri, "Another text", base: 1).status == .found)
            #expect(try await Self.page(client, "\(uri)/history/1").contains("<li>one</li>"))
            #expect(try await Self.page(client, "\(uri)/history").contains("a note"))
            #expect(try await Self.page(client, "/wiki/Home").contains("Café") == false)
            for path in ["\(uri)/history/9", "\(uri)/history/x", "/wiki/None/history"] {
                _ = try await Self.page(client, path, status: .notFound)
            }
        }
    }

    @Test("Of two writers of one page the second is told, and nothing is lost")
    func conflict() async throws {
        try await withWiki { client, mongo in
            #expect(try await Self.save(client, "/wiki/Home", "first", base: 1).status == .found)
            let second = try await Self.save(client, "/wiki/Home", "second", base: 1)
            #expect(second.status == .conflict && second.text.contains("second"))
            #expect(second.text.contains("name=\"base\" value=\"2\""))
            #expect(try await Self.save(client, "/wiki/Home", "new", base: 0).status == .conflict)
            let page = try await mongo.db["wiki.pages"].findOne(["_id": "Home"])
            #expect(page?["body"]?.string == "first" && page?["revision"]?.int == 2)
            #expect(try await Self.save(client, "/wiki/Home", " \n", base: 2).status == .unprocessableContent)
        }
    }

    @Test("Files come in by a form and go out, each upload of a name a new version")
    func files() async throws {
        try await withWiki { client, _ in
            for text in ["first", "second"] {
                let body = """
                    --B\r\nContent-Disposition: form-data; name="files"; filename="a b.txt"\r\n\r\n\(text)\r\n\
                    --B\r\nContent-Disposition: form-data; name="files"; filename="p.png"\r\n\r\npng\r\n--B--
                    """
                let headers: HTTPFields = [.contentType: "multipart/form-data; boundary=B"]
                let buffer = ByteBuffer(string: body)
                try await client.execute(uri: "/files", method: .post, headers: headers, body: buffer) {
                    #expect($0.status == .found && $0.headers[.location] == "/files")
                }
            }
            let cases = [
                ("", "second", "no-cache"), ("?version=0", "first", "public, max-age=31536000"),
                // These change with the next upload.
                ("?version=-1", "second", "no-cache"), ("?version=-2", "first", "no-cache"),
            ]
            for (query, text, cache) in cases {
                try await client.execute(uri: "/files/a%20b.txt\(query)", method: .get) { response in
                    #expect(String(buffer: response.body) == text)
                    #expect(response.headers[.cacheControl] == cache)
                    #expect(response.headers[.contentType] == "text/plain")
                }
            }
            let list = try await Self.page(client, "/files")
            #expect(list.contains("a b.txt") && list.contains("1 older") && list.contains("<img src=\"/files/p.png\""))
            #expect(list.contains("href=\"/files/a%20b.txt/versions\">1 older</a>"))
            let versions = try await Self.page(client, "/files/a%20b.txt/versions")
            #expect(versions.contains("?version=0\">1</a></td>") && versions.contains("?version=1\">2</a> (newest)"))
            for path in ["a%20b.txt?version=2", "a%20b.txt?version=-3", "a%20b.txt?version=x", "none/versions"] {
                _ = try await Self.page(client, "/files/\(path)", status: .notFound)
            }
            let empty = ByteBuffer(
                string: "--B\r\nContent-Disposition: form-data; name=files; filename=\"\"\r\n\r\n\r\n--B--")
            let headers: HTTPFields = [.contentType: "multipart/form-data; boundary=B"]
            try await client.execute(uri: "/files", method: .post, headers: headers, body: empty) {
                #expect($0.status == .unprocessableContent)
            }
            _ = try await Self.page(client, "/files/none", status: .notFound)
        }
    }

    @Test("While the database is away, pages say when to try again")
    func away() async throws {
        try await withWiki { client, mongo in
            await mongo.close()
            try await client.execute(uri: "/wiki/Home", method: .get) { response in
                #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] == "1")
                #expect(response.headers[.contentType] == "text/html; charset=utf-8")
            }
        }
    }

    @Test("What other sites send in a visitor's name, and names that no page has, are refused")
    func refused() async throws {
        try await withWiki { client, mongo in
            for origin in ["https://evil.example", "null"] {
                let answer = try await Self.save(client, "/wiki/Home", "x", base: 1, headers: [.origin: origin])
                #expect(answer.status == .forbidden)
            }
            for name in ["..%2Fx", ".hidden", "a%2Fb", "%3Cscript%3E", "a%00b", "%7B%22$ne%22:1%7D", "%FF"] {
                let answer = try await Self.save(client, "/wiki/\(name)", "x", base: 0)
                #expect(answer.status == .notFound, "\(name)")
            }
            #expect(try await mongo.db["wiki.pages"].countDocuments() == 3)
        }
    }

    @Test(
        "Markup becomes HTML, and everything else is text",
        arguments: [
            ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"), ("= T =", "<h2>T</h2>\n"), ("=== T", "<h4>T</h4>\n"),
            ("* a\n* b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"), ("# a", "<ol>\n<li>a</li>\n</ol>\n"),
            ("```\n<b>\n\nx\n```", "<pre>&lt;b&gt;\n\nx</pre>\n"),
            ("**a //b//**", "<p><strong>a <em>b</em></strong></p>\n"),
            ("[[Home|<i>]]", "<p><a href=\"/wiki/Home\">&lt;i&gt;</a></p>\n"),
            ("[[https://x/?a=\"b|w]]", "<p><a href=\"https://x/?a=&quot;b\" rel=\"noopener\">w</a></p>\n"),
            (
                "[[javascript:alert(1)]]",
                "<p><a href=\"/wiki/javascript%3Aalert%281%29\" class=\"missing\" "
                    + "title=\"Nobody has written this page yet\">javascript:alert(1)</a></p>\n"
            ),
            ("{{a b.png|\"x}}", "<p><img src=\"/files/a%20b.png\" alt=\"&quot;x\" loading=\"lazy\"></p>\n"),
            ("**open [[x `y", "<p>**open [[x `y</p>\n"), ("<script>&'", "<p>&lt;script&gt;&amp;&#39;</p>\n"),
            ("", ""), ("```", "<pre></pre>\n"), ("****", "<p>****</p>\n"),
        ])
    func markup(text: String, html: String) {
        #expect(Markup(isPage: { $0 == "Home" }).html(text) == html)
    }
}
