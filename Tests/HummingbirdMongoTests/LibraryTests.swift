import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import Testing

@testable import LibraryExample

@Suite("The library example")
struct LibraryTests {
    private static let json: HTTPFields = [.accept: "application/json", .contentType: "application/json"]
    private static let html: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]

    private func withLibrary(
        _ test: @escaping @Sendable (any TestClientProtocol, Mongo) async throws -> Void
    ) async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "library")
        try await App.build(mongo: mongo).test(.router) { try await test($0, mongo) }
    }

    private static func page(
        _ client: any TestClientProtocol, _ uri: String, status: HTTPResponse.Status = .ok
    ) async throws -> String {
        try await client.execute(uri: uri, method: .get, headers: html) { response in
            #expect(response.status == status, "\(uri)")
            #expect(response.headers[.contentType] == "text/html; charset=utf-8")
            return String(buffer: response.body)
        }
    }

    /// Sends a form as browsers do and gives the status with where it leads or what it shows.
    private static func post(
        _ client: any TestClientProtocol, _ uri: String, _ fields: [(String, String)], file: [UInt8]? = nil
    ) async throws -> (status: HTTPResponse.Status, text: String) {
        var body = ByteBuffer()
        for (name, value) in fields {
            body.writeString("--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
        }
        if let file {
            body.writeString("--B\r\nContent-Disposition: form-data; name=\"cover\"; filename=\"c\"\r\n\r\n")
            body.writeBytes(file)
            body.writeString("\r\n")
        }
        body.writeString("--B--\r\n")
        let headers: HTTPFields = [.accept: "text/html", .contentType: "multipart/form-data; boundary=B"]
        return try await client.execute(uri: uri, method: .post, headers: headers, body: body) { response in
            (response.status, response.headers[.location] ?? String(buffer: response.body))
        }
    }

    @Test("Every page of a new library is there, with its books and their covers")
    func pages() async throws {
        try await withLibrary { client, mongo in
            let list = try await Self.page(client, "/books")
            #expect(list.contains("Moby-Dick") && list.contains("Herman Melville") && list.contains("700 BC"))
            let book = try #require(try await mongo.db["books"].findOne(["title": "Emma"]))
            let (id, author) = (book["_id"]?.objectID ?? ObjectID(), book["author"]?.objectID ?? ObjectID())
            for path in ["/books/\(id)", "/books/\(id)/edit", "/books/\(id)/delete"] {
                #expect(try await Self.page(client, path).contains("Emma"))
            }
            for path in ["/authors", "/authors/\(author)", "/authors/\(author)/edit", "/authors/\(author)/delete"] {
                #expect(try await Self.page(client, path).contains("Jane Austen"))
            }
            for path in ["/books/new", "/authors/new"] { _ = try await Self.page(client, path) }
            try await client.execute(uri: "/books/\(id)/cover", method: .get) { response in
                #expect(response.headers[.contentType] == "image/svg+xml")
                #expect(response.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
            }
            let tag = try await client.execute(uri: "/static/style.css", method: .get) { response in
                #expect(response.status == .ok && response.headers[.contentType]?.hasPrefix("text/css") == true)
                return response.headers[.eTag] ?? ""
            }
            try await client.execute(uri: "/static/style.css", method: .get, headers: [.ifNoneMatch: tag]) {
                #expect($0.status == .notModified)
            }
            try await client.execute(uri: "/static/%2e%2e/Seed/books.json", method: .get) {
                #expect($0.status == .notFound)
            }
            for bad in ["/books/abcdefghijkl", "/authors/abcdefghijkl", "/books/\(ObjectID())", "/nothing"] {
                #expect(try await Self.page(client, bad, status: .notFound).contains("nothing at this address"))
            }
        }
    }

    @Test("Search finds by title, by author, by year, and takes its text literally")
    func search() async throws {
        try await withLibrary { client, _ in
            let cases: [(query: String, titles: [String])] = [
                ("q=DICK", ["Moby-Dick"]), ("q=austen&sort=year", ["Pride and Prejudice", "Emma"]),
                (
                    "from=1870&to=1872&sort=-year",
                    [
                        "Around the World in Eighty Days", "Twenty Thousand Leagues Under the Seas",
                    ]
                ), ("q=.%2A", []), ("q=%28", []), ("q=austen&from=1815", ["Emma"]),
            ]
            for (query, titles) in cases {
                try await client.execute(uri: "/books?\(query)", method: .get, headers: Self.json) { response in
                    let list = try BSONValue(json: response.body.readableBytesView).array ?? []
                    #expect(list.compactMap { $0.document?["title"]?.string } == titles, "\(query)")
                }
            }
            #expect(try await Self.page(client, "/books?q=.%2A").contains("No book is like that"))
        }
    }

    @Test("The authors come a page at a time, each with the number of their books")
    func authorPages() async throws {
        try await withLibrary { client, mongo in
            let total = try await mongo.db["authors"].countDocuments()
            var names: [String] = []
            for page in 1...(total + 4) / 5 {
                let uri = "/authors?per_page=5&page=\(page)"
                try await client.execute(uri: uri, method: .get, headers: Self.json) { response in
                    let list = try BSONValue(json: response.body.readableBytesView).array ?? []
                    names += list.compactMap { $0.document?["name"]?.string }
                }
            }
            #expect(names.count == total && names == names.sorted() && Set(names).count == total)
            let first = try await Self.page(client, "/authors?per_page=5")
            #expect(first.contains("href=\"/authors?per_page=5&amp;page=2\"") && first.contains("1 book<"))
            #expect(try await Self.page(client, "/authors?per_page=5&page=2").contains("2 books"))
            _ = try await Self.page(client, "/authors?page=99", status: .notFound)
        }
    }

    @Test("A book is added, edited with a cover and deleted in a browser")
    func browser() async throws {
        try await withLibrary { client, mongo in
            let fields = [("title", "Solaris"), ("author", "Stanisław Lem"), ("year", "1961"), ("description", "")]
            let added = try await Self.post(client, "/books", fields)
            #expect(added.status == .seeOther)
            #expect(try await Self.page(client, added.text).contains("Stanisław Lem"))

            let again = try await Self.post(client, "/books", fields)
            #expect(again.status == .unprocessableContent && again.text.contains("this book by this author already"))

            let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
            for round in 0..<2 {
                let edited = try await Self.post(client, "\(added.text)/edit", fields, file: png + [UInt8(round)])
                #expect(edited.status == .seeOther && edited.text == added.text)
                try await client.execute(uri: "\(added.text)/cover", method: .get) { response in
                    #expect(response.headers[.contentType] == "image/png")
                    #expect(Array(response.body.readableBytesView) == png + [UInt8(round)])
                }
            }
            #expect(try await mongo.db["covers.files"].countDocuments(["filename": "Solaris"]) == 1)
            let text = try await Self.post(client, "\(added.text)/edit", fields, file: Array("<svg/>".utf8))
            #expect(text.status == .unprocessableContent && text.text.contains("PNG, JPEG, GIF or WebP"))

            #expect(try await Self.post(client, "\(added.text)/delete", []).text == "/books")
            _ = try await Self.page(client, added.text, status: .notFound)
            #expect(try await mongo.db["covers.files"].countDocuments(["filename": "Solaris"]) == 0)
        }
    }

    @Test("What is wrong with a form stands beside the field, and what was typed stays")
    func validation() async throws {
        try await withLibrary { client, _ in
            let book = try await Self.post(
                client, "/books", [("title", ""), ("author", "Kept"), ("year", "19x"), ("description", "")])
            #expect(book.status == .unprocessableContent)
            for text in ["Please give the title.", "whole number", #"value="Kept""#, #"id="year-error""#] {
                #expect(book.text.contains(text), "\(text)")
            }
            let author = try await Self.post(client, "/authors", [("name", "X"), ("born", "1900"), ("died", "1800")])
            #expect(author.text.contains("Nobody dies before being born."))
        }
    }

    @Test("Text is escaped in elements and in attributes, whatever follows its quotation marks")
    func escaping() async throws {
        try await withLibrary { client, _ in
            let title = "<script>1</script>\"\u{301} onfocus=\"x"
            let added = try await Self.post(client, "/books", [("title", title), ("author", "A"), ("year", "1")])
            for path in ["/books?q=script", added.text, "\(added.text)/edit"] {
                let page = try await Self.page(client, path)
                #expect(!page.utf8.elementsEqual([]) && !page.contains("<script>"))
                let scalars = String(page.unicodeScalars.map { $0 == "\u{301}" ? "^" : Character($0) })
                #expect(scalars.contains("&quot;^") && !scalars.contains("\"^"))
            }
        }
    }

    @Test("JSON clients create, replace, change and delete")
    func jsonClients() async throws {
        try await withLibrary { client, _ in
            func send(_ method: HTTPRequest.Method, _ uri: String, _ body: String) async throws -> TestResponse {
                try await client.execute(uri: uri, method: method, headers: Self.json, body: ByteBuffer(string: body)) {
                    $0
                }
            }
            let added = try await send(.post, "/books", #"{"title":"Ulysses","author":"James Joyce","year":1922}"#)
            #expect(added.status == .created)
            let place = added.headers[.location] ?? ""
            let changed = try await send(.patch, place, #"{"year":1923}"#)
            let document = try BSONDocument(json: changed.body.readableBytesView)
            #expect(document["title"] == "Ulysses" && document["year"]?.int == 1923)
            let invalid = try await send(.put, place, #"{"title":1,"author":"J","colour":"red"}"#)
            #expect(invalid.status == .unprocessableContent)
            let errors = try BSONDocument(json: invalid.body.readableBytesView)["errors"]?.document
            #expect(errors?.keys == ["colour", "title", "year"])
            let publishers: [(json: String, stored: String?)] = [
                (#"{"name":" Faber ","city":null}"#, #"{"name":"Faber"}"#),
                (#"{"name":"Faber","city":"London"}"#, #"{"name":"Faber","city":"London"}"#), ("null", nil),
            ]
            for (json, stored) in publishers {
                let answer = try await send(.patch, place, #"{"publisher":\#(json)}"#)
                let publisher = try BSONDocument(json: answer.body.readableBytesView)["publisher"]
                #expect(publisher.map { String(decoding: $0.json(), as: UTF8.self) } == stored)
            }
            for wrong in [#"{"city":"London"}"#, #"{"name":1}"#, #"{"town":"x"}"#, "3"] {
                let answer = try await send(.patch, place, #"{"publisher":\#(wrong)}"#)
                #expect(answer.status == .unprocessableContent, "\(wrong)")
            }
            let twice = try await send(.post, "/books", #"{"title":"Ulysses","author":"James Joyce","year":1}"#)
            #expect(twice.status == .conflict)

            let author = try BSONDocument(json: added.body.readableBytesView)["author"]?.string ?? ""
            #expect(try await send(.delete, "/authors/\(author)", "").status == .conflict)
            #expect(try await send(.delete, place, "").status == .noContent)
            #expect(try await send(.get, place, "").status == .notFound)
            #expect(try await send(.delete, "/authors/\(author)", "").status == .noContent)
        }
    }

    @Test(
        "Control characters are no part of what somebody types", arguments: ["%00", "a%00b%1B", "a%C2%85b", "%09a%0Ab"])
    func controls(text: String) async throws {
        let title = FormFields(encoded: "title=\(text)").line("title")
        #expect(title == (text == "%00" ? "" : text.hasPrefix("%09") ? "a b" : "ab"))
    }

    @Test("A form that another site sends is refused")
    func otherSites() async throws {
        try await withLibrary { client, mongo in
            var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            if let name = HTTPField.Name("Sec-Fetch-Site") { headers[name] = "cross-site" }
            try await client.execute(
                uri: "/authors", method: .post, headers: headers, body: ByteBuffer(string: "name=Mallory")
            ) { #expect($0.status == .forbidden) }
            #expect(try await mongo.db["authors"].findOne(["name": "Mallory"]) == nil)
        }
    }

    @Test(
        "The title on a drawn cover stays between its ornaments and within its frame",
        arguments: [
            "Emma", "Frankenstein", "Crime and Punishment", "Twenty Thousand Leagues Under the Seas",
            "The Surprisingly Long and Winding History of One Very Small Book",
        ])
    func drawnCovers(title: String) {
        let drawing = Seed.drawing(title, "Author", colour: "#555555")
        var lines = 0
        for line in drawing.matches(of: /y="([0-9]+)" font-size="([0-9]+)">([^<]*)/) {
            lines += 1
            let (base, size) = (Double(line.1) ?? 0, Double(line.2) ?? 0)
            #expect(size >= 10 && base - size * 0.75 > 110 && base + size * 0.25 < 342, "\(line.3)")
            #expect(size * 0.66 * Double(line.3.count) < 226, "\(line.3)")
        }
        #expect(lines > 0)
    }
}
