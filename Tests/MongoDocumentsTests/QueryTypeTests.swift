import ClientFixture
import MongoDocuments
import MongoProtocol
import Synchronization
import Testing

// What Flask-MongoAlchemy has `query_class` and `BaseQuery` for: words of one's own in the queries of one type.
extension DocumentQuery where Root == Book {
    fileprivate func old() -> DocumentQuery { filter { $0.year < 1900 } }
    fileprivate func tagged(_ tag: String) -> DocumentQuery { filter { $0.tags.contains(tag) } }
    fileprivate var byAge: DocumentQuery { sort(\.year) }
}

@Suite("Queries with words of one's own, and writes that nobody acknowledges")
struct QueryTypeTests {
    @Test("An extension adds words to the queries of one type, and they go on as others do")
    func words() async throws {
        try await withBooks(on: .embedded) { books in
            try await books.insert([
                book("Babička", year: 1855, tags: ["village"]), book("Máj", year: 1836, tags: ["poem"]),
                book("R.U.R.", year: 1920, tags: ["robots"]), book("Kytice", year: 1853, tags: ["poem"]),
            ])
            #expect(try await books.find().old().byAge.all().map(\.title) == ["Máj", "Kytice", "Babička"])
            #expect(try await books.find().old().tagged("poem").byAge.first()?.title == "Máj")
            let page = try await books.find().tagged("poem").byAge.paginate(page: 2, perPage: 1)
            #expect(page.items.map(\.title) == ["Kytice"] && page.total == 2)
        }
    }

    @Test("The directions of an order are MongoDB's numbers")
    func directions() {
        #expect(SortOrder.ascending.rawValue == 1 && SortOrder.descending.rawValue == -1)
    }

    @Test(
        "save, insert and remove may do without the acknowledgement: then they are done all the same and tell of no failure",
        arguments: TestDeployment.allCases)
    func unacknowledged(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            try await books.ensureIndexes()
            var momo = book("Momo", year: 1973)
            try await books.save(momo, safe: true)
            let twin = book("Momo", year: 1974)
            let error = await #expect(throws: MongoError.self) { try await books.save(twin, safe: true) }
            #expect(error?.isDuplicateKey == true)
            try await books.save(twin, safe: false)
            try await books.insert(momo, safe: false)

            momo.year = 1975
            try await books.save(momo, safe: false)
            try await Self.wait { try await books.get(momo.id)?.year == 1975 }
            #expect(try await books.find().count() == 1)
            try await books.remove(momo, safe: false)
            try await Self.wait { try await books.get(momo.id) == nil }
            // A rule is checked here, before anything is sent.
            let wrong = book("", year: 1)
            await #expect(throws: DocumentError.self) { try await books.save(wrong, safe: false) }
        }
    }

    @Test("What safe says of one write is what is sent, and nothing else is")
    func concerns() async throws {
        let sent = Mutex<[String]>([])
        let listener: @Sendable (CommandEvent) -> Void = { event in
            guard case .started(let event) = event else { return }
            let w = event.command[path: "writeConcern.w"].map { "\($0.int ?? -1)" } ?? "none"
            sent.withLock { $0.append("\(event.commandName) \(w)") }
        }
        try await withTestClient(on: .embedded, listeners: [listener]) { client in
            let books = client["library"][Book.self]
            for safe in [false, true, nil] {
                let momo = book("Momo", year: 1973)
                try await books.insert(momo, safe: safe)
                try await books.save(momo, safe: safe)
                try await books.remove(momo, safe: safe)
                try await books.remove(id: momo.id, safe: safe)
            }
        }
        let expected = ["0", "1", "none"].flatMap { w in ["insert", "update", "delete", "delete"].map { "\($0) \(w)" } }
        #expect(sent.withLock { $0 } == expected)
    }

    /// Waits for a write that nobody tells of.
    private static func wait(until isDone: () async throws -> Bool) async throws {
        for _ in 0..<200 {
            if try await isDone() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the write was not done")
    }
}
