import BSON
import ClientFixture
import Nectar
import Testing

@Suite("Keyset pages")
struct KeysetTests {
    /// Values of every type that has a place in an order, several of them alike; nil for no value.
    private static let values: [BSONValue?] = [
        nil, .null, .minKey, .maxKey, .double(.nan), .double(-.infinity), 1, .int64(1), 1.5, .decimal128(Decimal128(2)),
        .double(.infinity), "a", "b", "b", ["x": 1], ["x": "y"], .binary(BSONBinary(bytes: [1])),
        .binary(BSONBinary(bytes: [1, 2])), .objectID(ObjectID()), true, false, true,
        .date(BSONDate(millisecondsSince1970: 5)), .date(BSONDate(millisecondsSince1970: -5)),
        .timestamp(BSONTimestamp(seconds: 1, increment: 2)),
    ]
    private static let orders: [BSONDocument] = [
        [:], ["_id": -1], ["a": 1], ["a": -1], ["a": 1, "b.c": -1], ["a": -1, "_id": -1], ["b.c": -1, "a": -1],
    ]

    private func withMixed(
        on deployment: TestDeployment, _ body: (MongoCollection) async throws -> Void
    ) async throws {
        try await withTestClient(on: deployment) { client in
            let mixed = client["test"]["mixed"]
            var documents: [BSONDocument] = []
            for round in 0..<4 {
                for (index, value) in Self.values.enumerated() {
                    var document: BSONDocument = ["_id": .int((round * Self.values.count + index) * 37 % 100 * 10)]
                    document["a"] = value
                    if round > 0 {
                        document["b"] = ["c": Self.values[(index * 3 + round) % Self.values.count] ?? .null]
                    }
                    documents.append(document)
                }
            }
            try await mixed.insertMany(documents)
            try await body(mixed)
        }
    }

    private func ids(_ documents: [BSONDocument]) -> [Int] { documents.compactMap { $0["_id"]?.int } }

    @Test(
        "Pages on and back give every document once, in the query's order, whatever types are mixed", arguments: orders,
        TestDeployment.allCases)
    func mixedTypes(order: BSONDocument, on deployment: TestDeployment) async throws {
        try await withMixed(on: deployment) { mixed in
            let query = order.isEmpty ? mixed.find() : mixed.find().sort(order)
            let sorted = try await ids(
                mixed.find().sort(order["_id"] == nil ? order.adding("_id", 1) : order).toArray())
            #expect(sorted.count == Self.values.count * 4)
            var found: [[Int]] = []
            var cursor: String?
            var page = try await query.keyset(perPage: 7)
            #expect(!page.hasPrev)
            while true {
                found.append(ids(page.items))
                cursor = page.next
                guard let next = cursor else { break }
                page = try await query.keyset(cursor: next, perPage: 7)
                #expect(page.hasPrev)
            }
            #expect(found.flatMap(\.self) == sorted)
            var back = [ids(page.items)]
            while let prev = page.prev {
                page = try await query.keyset(cursor: prev, perPage: 7)
                #expect(page.hasNext)
                back.insert(ids(page.items), at: 0)
            }
            #expect(back.flatMap(\.self) == sorted)
        }
    }

    @Test(
        "Whatever comes and goes between the pages, what was there all the time is shown once",
        arguments: TestDeployment.allCases)
    func changes(on deployment: TestDeployment) async throws {
        try await withMixed(on: deployment) { mixed in
            let query = mixed.find().sort(["a": 1])
            let all = try await ids(query.toArray())
            var gone: Set<Int> = []
            var found: [Int] = []
            var page = try await query.keyset(perPage: 6)
            var count = 0
            while true {
                found += ids(page.items)
                guard let next = page.next else { break }
                // The last of the page goes, and so does one further on; others come in front, behind and within.
                for id in [ids(page.items).last, all.last { !gone.contains($0) }].compactMap(\.self) {
                    try await mixed.deleteOne(["_id": .int(id)])
                    gone.insert(id)
                }
                for value in [BSONValue.minKey, "b", 1, .maxKey] {
                    count += 1
                    try await mixed.insertOne(["_id": .int(5000 + count), "a": value])
                }
                try #require(count < 400)
                page = try await query.keyset(cursor: next, perPage: 6)
            }
            #expect(Set(found).count == found.count)
            #expect(Set(all).subtracting(gone).subtracting(found).isEmpty)
        }
    }

    @Test("A page that lost its documents leads back to where it was come from")
    func empty() async throws {
        try await withMongoClient("embedded::memory:") { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<6).map { ["_id": .int($0)] })
            let first = try await numbers.find().keyset(perPage: 3)
            try await numbers.deleteMany(["_id": ["$gt": 2]])
            let second = try await numbers.find().keyset(cursor: first.next, perPage: 3)
            #expect(second.items.isEmpty && !second.hasNext)
            let back = try await numbers.find().keyset(cursor: second.prev, perPage: 3)
            #expect(ids(back.items) == [0, 1, 2])
        }
    }

    @Test("A cursor is good for its own query, order, collection and key only, and no byte of it can be changed")
    func cursors() async throws {
        try await withMongoClient("embedded::memory:") { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<9).map { ["_id": .int($0), "n": .int($0 % 2)] })
            let query = numbers.find(["n": 0]).sort(["n": 1])
            let key = CursorKey(secret: "a secret")
            let cursor = try #require(try await query.keyset(perPage: 2, key: key).next)
            #expect(cursor.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            let same = try await query.keyset(cursor: cursor, perPage: 3, key: CursorKey(secret: "a secret"))
            #expect(ids(same.items) == [4, 6, 8])

            var others: [(FindQuery, String, CursorKey)] = [
                (numbers.find(["n": 1]).sort(["n": 1]), cursor, key),
                (numbers.find(["n": 0]).sort(["n": -1]), cursor, key),
                (client["test"]["others"].find(["n": 0]).sort(["n": 1]), cursor, key), (query, cursor, .process),
                (query, "", key), (query, cursor + "A", key), (query, String(cursor.dropLast()), key),
                (query, "x y+/=", key), (query, String(repeating: "A", count: 100_000), key),
                (query, cursor + "=", key),
            ]
            for place in stride(from: 0, to: cursor.count, by: 9) {
                var letters = Array(cursor)
                letters[place] = letters[place] == "A" ? "B" : "A"
                others.append((query, String(letters), key))
            }
            for (other, text, key) in others {
                let error = await #expect(throws: MongoError.self) { try await other.keyset(cursor: text, key: key) }
                #expect(error?.kind == .notFound, "\(text)")
                let first = try await other.keyset(cursor: text, key: key, errorOut: false)
                #expect(!first.hasPrev)
            }
        }
    }

    @Test("Queries that have no such pages are refused")
    func refused() async throws {
        try await withMongoClient("embedded::memory:") { client in
            let lists = client["test"]["lists"]
            try await lists.insertMany((0..<3).map { ["_id": .int($0), "a": [1, 2], "b": ["c": 1]] })
            let queries = [
                lists.find().skip(1), lists.find().limit(2), lists.find().sort(["a": 1]), lists.find().sort(["a.x": 1]),
            ]
            for query in queries {
                let error = await #expect(throws: MongoError.self) { try await query.keyset(perPage: 1) }
                #expect(error?.kind == .usage)
            }
        }
    }

    /// A projection, and whether it shows `b.c` and `_id` as they are stored.
    private static let projections: [(fields: BSONDocument, shows: Bool)] = [
        ([:], true), (["b": 1], true), (["b.c": true], true), (["b.c": 1.5, "_id": 1], true), (["a": 0], true),
        (["b.d": 0], true), (["a": false, "_id": 1], true),
        (["a": 1], false), (["_id": 1], false), (["b": 0], false), (["b.c": 0], false), (["b.c.d": 0], false),
        (["b.d": 1], false), (["bb": 1], false), (["b": 1, "_id": 0], false), (["_id": 0], false),
        (["_id.x": 1, "b": 1], false), (["b.c": "$a"], false), (["b": ["c": 1]], false),
        (["b.c": ["$literal": 1]], false), (["b": 1, "a": ["$slice": 1]], false), (["a.$": 1, "b": 1], false),
    ]

    @Test("A projection that shows the fields of the order and the id as they are has pages", arguments: projections)
    func projected(fields: BSONDocument, shows: Bool) async throws {
        try await withMongoClient("embedded::memory:") { client in
            let lists = client["test"]["lists"]
            try await lists.insertMany((0..<5).map { ["_id": .int($0), "a": [1, 2], "b": ["c": .int(-$0 / 2)]] })
            let query = lists.find().sort(["b.c": 1]).projection(fields)
            guard shows else {
                let error = await #expect(throws: MongoError.self) { try await query.keyset(perPage: 2) }
                #expect(error?.kind == .usage)
                return
            }
            var found: [Int] = []
            var page = try await query.keyset(perPage: 2)
            found += ids(page.items)
            while let next = page.next {
                page = try await query.keyset(cursor: next, perPage: 2)
                found += ids(page.items)
            }
            #expect(found == [4, 2, 3, 0, 1])
            #expect(page.items.first == (try await query.toArray().last))
        }
    }

    @Test("No number of documents is too large to ask for", arguments: [Int.max, .max - 1, 1 << 40])
    func numbers(perPage: Int) async throws {
        try await withMongoClient("embedded::memory:") { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<3).map { ["_id": .int($0)] })
            let page = try await numbers.find().keyset(perPage: perPage, maxPerPage: .max)
            #expect(page.items.count == 3 && !page.hasNext)
            #expect(try await numbers.find().paginate(perPage: perPage, maxPerPage: .max).items.count == 3)
        }
    }
}

extension BSONDocument {
    fileprivate func adding(_ key: String, _ value: BSONValue) -> BSONDocument {
        var copy = self
        copy[key] = value
        return copy
    }
}
