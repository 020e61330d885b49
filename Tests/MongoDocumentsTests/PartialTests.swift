import ClientFixture
import MongoDocuments
import Testing

@Suite("Documents with some of their fields")
struct PartialTests {
    private func withMomo(
        on deployment: TestDeployment, _ body: (DocumentCollection<Book>, Book) async throws -> Void
    ) async throws {
        try await withBooks(on: deployment) { books in
            let momo = book("Momo", year: 1973, tags: ["time"]) {
                $0.publisher = Publisher(name: "Thienemann", city: "Stuttgart", price: Price(min: 3, max: 9))
            }
            try await books.save(momo)
            try await body(books, momo)
        }
    }

    @Test("Only the fields that were asked for come, with their types", arguments: TestDeployment.allCases)
    func chosen(on deployment: TestDeployment) async throws {
        try await withMomo(on: deployment) { books, momo in
            let query = books.find().sort(\.title).fields(\.title, \.publisher.city, \.rating)
            let found = try #require(try await query.first())
            #expect(found.id == momo.id && found.retrievedFields == ["title", "publisher.town", "rating"])
            #expect(try found.get(\.title) == "Momo")
            #expect(try found.get(\.id) == momo.id)
            #expect(try found.get(\.publisher.city) == "Stuttgart")
            // Asked for and not stored is another thing than not asked for.
            #expect(try found.get(\.rating) == nil)
            #expect(found.document.keys == ["_id", "title", "publisher"])
            var titles: [String] = []
            for try await one in query { titles.append(try one.get(\.title)) }
            let all = try await query.all()
            #expect(all.count == 1 && titles == ["Momo"])
            #expect(try all[0].get(\.title) == "Momo")
        }
    }

    @Test("A field within another one that is asked for comes with it", arguments: TestDeployment.allCases)
    func within(on deployment: TestDeployment) async throws {
        try await withMomo(on: deployment) { books, momo in
            let query = books.find().fields(\.publisher.city, \.publisher, \.publisher, \.id)
            let found = try #require(try await query.first())
            #expect(found.retrievedFields == ["publisher", "_id"])
            #expect(try found.get(\.publisher) == momo.publisher)
            #expect(try found.get(\.publisher.price.min) == 3)
        }
    }

    @Test("A field that was not asked for is an error that names it, and so is one that is missing or of another type")
    func absent() async throws {
        try await withMomo(on: .embedded) { books, momo in
            let found = try #require(try await books.find().fields(\.title, \.publisher.city).first())
            let year = #expect(throws: DocumentError.self) { try found.get(\.year) }
            #expect(year?.kind == .notRetrieved && year?.problems.map(\.path) == ["year"])
            let whole = #expect(throws: DocumentError.self) { try found.get(\.publisher) }
            #expect(whole?.kind == .notRetrieved)

            try await books.untyped.updateOne(
                ["_id": momo.id.bsonValue],
                ["$unset": ["year": 1], "$set": ["title": 7, "publisher.price": ["min": "x", "max": 9]]])
            let changed = try #require(try await books.find().fields(\.title, \.year, \.publisher).first())
            let missing = #expect(throws: DocumentError.self) { try changed.get(\.year) }
            #expect(missing?.problems.map(\.description) == ["year is missing"])
            let title = #expect(throws: DocumentError.self) { try changed.get(\.title) }
            #expect(title?.kind == .unreadable && title?.problems.map(\.path) == ["title"])
            let price = #expect(throws: DocumentError.self) { try changed.get(\.publisher) }
            #expect(price?.problems.map(\.path) == ["publisher.price.min"])
        }
    }

    @Test(
        "A change of what was loaded leaves alone what was not; CompilerTests show that nothing saves the rest away",
        arguments: TestDeployment.allCases)
    func change(on deployment: TestDeployment) async throws {
        try await withMomo(on: deployment) { books, momo in
            let found = try #require(try await books.find().fields(\.year).first())
            let year = try found.get(\.year)
            let isThere = try await books.update(id: found.id) { $0.year.set(year + 1) }
            var expected = momo
            expected.year = 1974
            #expect(isThere)
            #expect(try await books.get(momo.id) == expected)
        }
    }
}
