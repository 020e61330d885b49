import ClientFixture
import MongoDocuments
import Testing

@Document("shops")
struct Shop {
    var id = 1
    var opening = Opening()
}

@Embedded
struct Opening {
    var days: Days = Days(first: "Monday")
    var hour: Int = 9
}

@Embedded
struct Days {
    var first: String
    var last: String = "Friday"
    var note: String?
}

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
            let present = #expect(throws: DocumentError.self) { try found.getIfPresent(\.year) }
            #expect(present?.kind == .notRetrieved)

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
        "A field that is not stored has the value that a whole document would have", arguments: TestDeployment.allCases)
    func defaults(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            let id = ObjectID()
            try await books.untyped.insertOne(["_id": .objectID(id), "title": "Momo", "year": 1973])
            let query = books.find().fields(
                \.genre, \.tags, \.views, \.inPrint, \.rating, \.publisher.city, \.publisher.price.min, \.author,
                \.prices)
            let found = try #require(try await query.first())
            #expect(try found.get(\.genre) == .novel && found.get(\.tags) == [] && found.get(\.views) == 0)
            #expect(try found.get(\.inPrint) && found.get(\.rating) == nil && found.getIfPresent(\.genre) == .novel)
            #expect(try found.get(\.prices["x"]) == nil)
            // Nothing embeds the city, so it is no text, and none is made up.
            #expect(try found.getIfPresent(\.publisher.city) == nil)
            #expect(try found.getIfPresent(\.publisher.price.min) == nil)
            for error in [
                #expect(throws: DocumentError.self) { try found.get(\.publisher.city) },
                #expect(throws: DocumentError.self) { try found.get(\.author) },
            ] { #expect(error?.kind == .unreadable && error?.problems.first?.message == "is missing") }
            try await books.untyped.updateOne(["_id": .objectID(id)], ["$set": ["publisher": .null, "n": .null]])
            let null = try #require(try await books.find().fields(\.publisher, \.views).first())
            #expect(try null.get(\.publisher) == nil && null.getIfPresent(\.publisher.city) == nil)
            #expect(throws: DocumentError.self) { try null.get(\.views) }
        }
    }

    @Test("Defaults of embedded documents count, at any depth")
    func embeddedDefaults() async throws {
        try await withMongoClient("embedded::memory:") { client in
            let shops = client["test"][Shop.self]
            let cases: [(stored: BSONDocument, first: String?, last: String, hour: Int)] = [
                ([:], "Monday", "Friday", 9), (["opening": [:]], "Monday", "Friday", 9),
                (["opening": ["days": [:], "hour": 8]], nil, "Friday", 8),
                (["opening": ["days": ["first": "Sunday", "last": "Sunday"]]], "Sunday", "Sunday", 9),
            ]
            for (stored, first, last, hour) in cases {
                try await shops.untyped.deleteMany([:])
                try await shops.untyped.insertOne(stored.setting("_id", 1))
                let query = shops.find().fields(
                    \.opening.days.first, \.opening.days.last, \.opening.hour, \.opening.days.note)
                let found = try #require(try await query.first())
                #expect(try found.getIfPresent(\.opening.days.first) == first, "\(stored)")
                #expect(try found.get(\.opening.days.last) == last && found.get(\.opening.hour) == hour, "\(stored)")
                #expect(try found.get(\.opening.days.note) == nil)
            }
        }
    }

    @Test("They come in pages, like whole documents", arguments: TestDeployment.allCases)
    func pages(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            for number in 0..<7 { try await books.save(book("Book \(number)", year: 2000 + number)) }
            let query = books.find { $0.year >= 2001 }.sort(\.year, .descending).fields(\.title)
            let page = try await query.paginate(page: 2, perPage: 4)
            #expect(try page.items.map { try $0.get(\.title) } == ["Book 2", "Book 1"])
            #expect(page.total == 6 && page.pages == 2 && page.prevNum == 1 && !page.hasNext)
            #expect(try await page.prev().items.first?.get(\.title) == "Book 6")
            let error = await #expect(throws: MongoError.self) { try await query.paginate(page: 3, perPage: 4) }
            #expect(error?.kind == .notFound)
            // The place in a keyset's order is told by what is loaded.
            let keyset = await #expect(throws: MongoError.self) { try await query.keyset() }
            #expect(keyset?.kind == .usage && keyset?.message.hasSuffix("load year too") == true)
        }
    }

    @Test("They come in keyset pages where the fields of the order are among them", arguments: TestDeployment.allCases)
    func keysetPages(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            // Years come twice: the id, which is always loaded, tells such books apart.
            for number in 0..<7 { try await books.save(book("Book \(number)", year: 2000 + number / 2)) }
            let query = books.find { $0.year >= 2001 }.sort(\.year, .descending).fields(\.title, \.year)
            var pages: [[String]] = []
            var cursor: String?
            repeat {
                let page = try await query.keyset(cursor: cursor, perPage: 2)
                pages.append(try page.items.map { try $0.get(\.title) })
                if pages.count == 2 {
                    let back = try await query.keyset(cursor: page.prev, perPage: 2)
                    #expect(try back.items.map { try $0.get(\.title) } == pages[0])
                    // A document is in one place, however much of it is loaded.
                    let whole = books.find { $0.year >= 2001 }.sort(\.year, .descending)
                    #expect(try await whole.keyset(cursor: page.prev, perPage: 2).items.map(\.title) == pages[0])
                }
                cursor = page.next
            } while cursor != nil
            #expect(pages == [["Book 6", "Book 4"], ["Book 5", "Book 2"], ["Book 3"]])
            // An embedded document has the fields within it.
            let cities = books.find().sort(\.publisher.city)
            #expect(try await cities.fields(\.publisher).keyset(perPage: 3).hasNext)
            #expect(try await cities.fields(\.publisher.city).keyset(perPage: 3).hasNext)
            await #expect(throws: MongoError.self) { try await cities.fields(\.publisher.name).keyset() }
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
