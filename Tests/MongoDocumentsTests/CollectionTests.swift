import ClientFixture
import MongoDocuments
import Testing

func withBooks<R>(
    on deployment: TestDeployment, _ body: (DocumentCollection<Book>) async throws -> R
) async throws -> R {
    try await withTestClient(on: deployment) { try await body($0["library"][Book.self]) }
}

// Closures with conditions stand outside of `#expect`: Swift 6.3 gives one within its argument and one beside it the
// same name where both are in an outer closure, and then calls the wrong one.

@Suite("Collections of documents")
struct DocumentCollectionTests {
    @Test(
        "What is saved comes back by its id and by the id's text, and nothing by another",
        arguments: TestDeployment.allCases)
    func get(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            var momo = book("Momo", year: 1973)
            try await books.save(momo)
            #expect(try await books.get(momo.id) == momo)
            #expect(try await books.get(momo.id.description) == momo)
            #expect(try await books.get(Ref(momo)) == momo)
            #expect(try await books.get(ObjectID()) == nil)
            #expect(try await books.get("no id") == nil)

            momo.year = 1974
            try await books.save(momo)
            #expect(try await books.find().count() == 1)
            #expect(try await books.get(momo.id)?.year == 1974)
        }
    }

    @Test(
        "insert refuses an id that is there, remove says whether it was, refresh reads again",
        arguments: TestDeployment.allCases)
    func writes(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            var momo = book("Momo", year: 1973)
            try await books.insert(momo)
            let error = await #expect(throws: MongoError.self) { try await books.insert(momo) }
            #expect(error?.isDuplicateKey == true)
            let isThere = try await books.update(id: momo.id) { $0.views.increment(by: 2) }
            #expect(isThere)
            try await books.refresh(&momo)
            #expect(momo.views == 2)
            #expect(try await books.remove(momo))
            #expect(try await !books.remove(momo))
            let gone = await #expect(throws: MongoError.self) { try await books.refresh(&momo) }
            #expect(gone?.kind == .notFound && momo.views == 2)
        }
    }

    @Test("Queries filter, sort, skip, limit and count", arguments: TestDeployment.allCases)
    func queries(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            try await books.insert((0..<10).map { book("b\($0)", year: 2000 + $0 % 5, tags: $0 < 3 ? ["low"] : []) })
            let low = try await books.find { $0.tags.contains("low") && $0.title != "b1" }.sort(\.title).all()
            #expect(low.map(\.title) == ["b0", "b2"])
            let query = books.find { $0.year >= 2003 }.sort(\.year, .descending).sort(\.title)
            let all = try await query.all()
            #expect(all.map(\.title) == ["b4", "b9", "b3", "b8"])
            let some = try await query.skip(1).limit(2).all()
            #expect(some.map(\.title) == ["b9", "b3"])
            let first = try await query.first()
            #expect(first?.title == "b4")
            let counts = try await [query.count(), query.filter { $0.title < "b5" }.count(), query.limit(3).count()]
            #expect(counts == [4, 2, 3])
        }
    }

    @Test(
        "A query that finds nothing says so, and one that is walked gives one document after the other",
        arguments: TestDeployment.allCases)
    func walks(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            let nothing = books.find { $0.year == 1 }
            let (first, exists, count) = try await (nothing.first(), nothing.exists(), nothing.count())
            #expect(first == nil && !exists && count == 0)
            try await books.insert((0..<10).map { book("b\($0)", year: 2000) })
            var titles: [String] = []
            for try await book in books.find().sort(\.title).batchSize(3) { titles.append(book.title) }
            #expect(titles == (0..<10).map { "b\($0)" })
            #expect(try await books.find().exists())
        }
    }

    @Test(
        "Fields of embedded types filter and sort, and distinct gives a field's values",
        arguments: TestDeployment.allCases)
    func embeddedFields(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            let cities = ["Brno", "Aš", "Cheb"]
            try await books.insert(
                cities.map { city in
                    book(city, year: 1900) { $0.publisher = Publisher(name: "x", city: city) }
                })
            try await books.insert(book("none", year: 2000))
            let sorted = try await books.find { $0.year == 1900 }.sort(\.publisher.city, .descending).all()
            #expect(sorted.map(\.title) == ["Cheb", "Brno", "Aš"])
            let years = try await books.find().distinct(\.year)
            #expect(Set(years) == [1900, 2000])
            let removed = try await books.remove(where: { $0.publisher.city.isIn(cities) })
            #expect(removed.deletedCount == 3)
            let left = try await books.find().all()
            #expect(left.map(\.title) == ["none"])
        }
    }

    @Test("Typed updates change what matches", arguments: TestDeployment.allCases)
    func updates(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            try await books.insert((0..<4).map { book("b\($0)", year: 2000 + $0) })
            let result = try await books.update(where: { $0.year >= 2002 }) {
                $0.year.set(2005)
                $0.views.increment(by: 1)
            }
            #expect(result.matchedCount == 2 && result.modifiedCount == 2)
            let changed = try await books.find { $0.year == 2005 && $0.views == 1 }.count()
            #expect(changed == 2)
            let one = try await books.findOneAndUpdate(where: { $0.title == "b0" }) { $0.tags.push("x") }
            #expect(one?.tags == ["x"])
            let removed = try await books.remove(where: { $0.year == 2005 })
            #expect(removed.deletedCount == 2)
        }
    }

    @Test(
        "Nothing is stored that breaks a rule, and the error names all fields that do",
        arguments: TestDeployment.allCases)
    func validation(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            let wrong = book("", year: 1) {
                $0.publisher = Publisher(name: "", city: "x", price: Price(min: -1, max: 1))
            }
            let error = await #expect(throws: DocumentError.self) { try await books.save(wrong) }
            #expect(error?.kind == .invalid)
            #expect(
                error?.problems.map(\.description) == [
                    "title must not be empty", "year must be from 1450 to 2100", "publisher.name must not be empty",
                    "publisher.price.min must be at least 0",
                ])
            await #expect(throws: DocumentError.self) { try await books.insert([book("a", year: 2000), wrong]) }
            let count = try await books.find().count()
            #expect(count == 0)
        }
    }

    @Test(
        "Declared indexes are made once, those of embedded types too, and unique ones refuse",
        arguments: TestDeployment.allCases)
    func indexes(on deployment: TestDeployment) async throws {
        #expect(Book.indexes.map(\.name) == ["title_1", "year_1", "publisher.town_1"])
        #expect(Person.indexes.map(\.name) == ["tree.label_1"])
        try await withBooks(on: deployment) { books in
            try await books.ensureIndexes()
            try await books.ensureIndexes()
            let names = try await books.untyped.listIndexes().compactMap { $0["name"]?.string }
            #expect(names == ["_id_", "title_1", "year_1", "publisher.town_1"])
            try await books.insert(book("Momo", year: 1973))
            let error = await #expect(throws: MongoError.self) { try await books.insert(book("Momo", year: 1974)) }
            #expect(error?.isDuplicateKey == true)
        }
    }

    @Test(
        "A stored document that does not fit its type is an error that says where",
        arguments: TestDeployment.allCases)
    func unreadable(on deployment: TestDeployment) async throws {
        try await withBooks(on: deployment) { books in
            try await books.untyped.insertOne(["title": "x"])
            let error = await #expect(throws: DocumentError.self) { try await books.find().all() }
            #expect(error?.problems.map(\.path) == ["author", "year"])
            #expect(try await books.find().count() == 1)
        }
    }
}
