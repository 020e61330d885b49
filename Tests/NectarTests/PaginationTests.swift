import Nectar
import Testing

@Suite("Numbered pages")
struct PaginationTests {
    private func withNumbers(_ count: Int, _ body: (FindQuery) async throws -> Void) async throws {
        try await withMongoClient("embedded::memory:") { client in
            let numbers = client["test"]["numbers"]
            if count > 0 { try await numbers.insertMany((1...count).map { ["_id": .int($0)] }) }
            try await body(numbers.find().sort(["_id": 1]))
        }
    }

    @Test(
        "A page has its documents and its numbers",
        arguments: [
            (page: 1, perPage: 20, ids: 1...20), (page: 3, perPage: 20, ids: 41...45),
            (page: 9, perPage: 5, ids: 41...45),
            (page: 1, perPage: 1000, ids: 1...45), (page: 45, perPage: 1, ids: 45...45),
        ])
    func pages(page: Int, perPage: Int, ids: ClosedRange<Int>) async throws {
        try await withNumbers(45) { query in
            let found = try await query.paginate(page: page, perPage: perPage)
            #expect(found.items.map { $0["_id"]?.int } == Array(ids))
            let pages = perPage == 20 ? 3 : perPage == 5 ? 9 : perPage == 1 ? 45 : 1
            #expect(found.page == page && found.total == 45 && found.pages == pages)
            #expect(found.perPage == min(perPage, 100))
            #expect(found.hasNext == (page < pages) && found.hasPrev == (page > 1))
            #expect(found.nextNum == (page < pages ? page + 1 : nil))
            #expect(found.prevNum == (page > 1 ? page - 1 : nil))
        }
    }

    @Test("A page that is not there is not found, unless it is the first, or errors are switched off")
    func notFound() async throws {
        for count in [0, 45] {
            try await withNumbers(count) { query in
                let first = try await query.paginate()
                #expect(first.items.count == min(count, 20) && first.pages == (count == 0 ? 0 : 3))
                for (page, perPage) in [
                    (4, 20), (0, 20), (-1, 20), (.max, 20), (.max, .max), (.min, 1), (1, 0), (2, 100),
                ] {
                    let error = await #expect(throws: MongoError.self) {
                        try await query.paginate(page: page, perPage: perPage)
                    }
                    #expect(error?.kind == .notFound, "\(page) of \(perPage)")
                    let off = try await query.paginate(page: page, perPage: perPage, errorOut: false)
                    #expect(off.items.isEmpty == (count == 0 || page > 1), "\(page) of \(perPage)")
                }
            }
        }
    }

    @Test("Pages lead to each other")
    func neighbours() async throws {
        try await withNumbers(45) { query in
            let first = try await query.paginate(perPage: 200, maxPerPage: 30)
            #expect(first.perPage == 30)
            let second = try await first.next()
            #expect(second.items.first?["_id"]?.int == 31 && !second.hasNext)
            #expect(try await second.prev().items.first?["_id"]?.int == 1)
            #expect(try await second.next().items.isEmpty)
            #expect(try await first.prev().page == 1)
            await #expect(throws: MongoError.self) { try await second.next(errorOut: true) }
            await #expect(throws: MongoError.self) { try await first.prev(errorOut: true) }
        }
    }

    @Test("A query's own skip and limit bound its pages")
    func windows() async throws {
        try await withNumbers(45) { query in
            let found = try await query.skip(10).limit(25).paginate(page: 2)
            #expect(found.total == 25 && found.items.map { $0["_id"]?.int } == Array(31...35))
            let none = try await query.skip(100).paginate()
            #expect(none.total == 0 && none.items.isEmpty)
        }
    }

    @Test(
        "The numbers of a list of links",
        arguments: [
            (page: 1, pages: 0, shown: []), (page: 1, pages: 1, shown: [1]), (page: 2, pages: 3, shown: [1, 2, 3]),
            (page: 1, pages: 9, shown: [1, 2, 3, nil, 9]), (page: 5, pages: 9, shown: [1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (page: 10, pages: 20, shown: [1, nil, 8, 9, 10, 11, 12, nil, 20]),
            (page: 30, pages: 9, shown: [1, nil, 9]),
        ] as [(page: Int, pages: Int, shown: [Int?])])
    func numbers(page: Int, pages: Int, shown: [Int?]) async throws {
        try await withNumbers(0) { query in
            let found = Pagination(query: query, page: page, perPage: 10, total: pages * 10, items: [])
            #expect(found.pageNumbers() == shown)
            #expect(
                found.pageNumbers(edge: 0, around: 0).compactMap(\.self)
                    == (1...20).filter { $0 == page && page <= pages })
        }
    }
}
