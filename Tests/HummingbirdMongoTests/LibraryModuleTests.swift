import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import Testing

@testable import LibraryExample

@Suite("The library example as a module")
struct LibraryModuleTests {
    @Test("It stands below a path of another application, with all its links")
    func below() async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "town")
        let router = Router()
        try await router.mount(LibraryModule(shelf: Shelf(mongo: mongo)), at: "town/library", in: mongo.db)
        let book = try await mongo.db[Book.self].find { $0.title == "Emma" }.first()
        let id = try #require(book?.id)
        try await Application(router: router, services: [mongo]).test(.router) { client in
            let pages = [
                "books", "books/new", "books/\(id)", "books/\(id)/edit", "books/\(id)/delete", "authors", "authors/new",
                "books?q=emma&sort=year&page=1",
            ]
            for page in pages {
                try await client.execute(
                    uri: "/town/library/\(page)", method: .get, headers: [.accept: "text/html"]
                ) { response in
                    #expect(response.status == .ok, "\(page)")
                    let links = String(buffer: response.body).matches(of: /(?:href|src|action)="([^"]*)"/).map(\.1)
                    #expect(links.count > 4)
                    for link in links where !link.hasPrefix("/static/") && link != "#main" {
                        #expect(link.hasPrefix("/town/library/"), "\(page): \(link)")
                    }
                }
            }
            try await client.execute(uri: "/town/library", method: .get) {
                #expect($0.headers[.location] == "/town/library/books")
            }
        }
    }

    @Test("A part of it is tested alone, on a database with nothing in it")
    func alone() async throws {
        let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "part")
        let router = Router()
        let module = AuthorsModule(shelf: Shelf(mongo: mongo))
        let templates = try LibraryModule(shelf: Shelf(mongo: mongo)).templates()
        try await router.mount(module, at: "authors", in: mongo.db, templates: templates)
        try await mongo.db[Author.self].insert(Author(name: "Ada"))
        await #expect(throws: MongoError.self) { try await mongo.db[Author.self].insert(Author(name: "Ada")) }
        try await Application(router: router, services: [mongo]).test(.router) { client in
            try await client.execute(uri: "/authors", method: .get, headers: [.accept: "text/html"]) { response in
                #expect(String(buffer: response.body).contains("Ada"))
            }
            try await client.execute(uri: "/books", method: .get) { #expect($0.status == .notFound) }
        }
    }
}
