import HummingbirdMongo
import Testing

@Suite("The key of the pages' cursors")
struct CursorKeyTests {
    private static let key = String(repeating: "0123456789abcdef", count: 4)

    /// A process with a list of its own, which is everywhere the same.
    private func process(_ key: String?, _ prefix: String = "MONGO") async throws -> Mongo {
        var set = ["\(prefix)_URI": "embedded::memory:", "\(prefix)_DBNAME": "shop"]
        set["\(prefix)_CURSOR_KEY"] = key
        let mongo = try await Mongo(.settings(set), prefix: prefix)
        try await mongo.db["numbers"].insertMany((0..<9).map { ["_id": .int($0)] })
        return mongo
    }

    private func query(_ mongo: Mongo) -> FindQuery { mongo.db["numbers"].find().sort(["_id": 1]) }

    @Test("Two with one key take each other's cursors; another key, and none, refuse them")
    func shared() async throws {
        let first = try await process(Self.key)
        let second = try await process(Self.key.uppercased(), "MONGO2")
        let other = try await process("f\(Self.key.dropFirst())")
        let none = try await process(nil)
        let cursor = try #require(try await query(first).keyset(perPage: 4).next)
        let page = try await query(second).keyset(cursor: cursor, perPage: 4)
        #expect(page.items.map { $0["_id"]?.int } == [4, 5, 6, 7])
        let back = try await query(first).keyset(cursor: page.prev, perPage: 4)
        #expect(back.items.map { $0["_id"]?.int } == [0, 1, 2, 3])
        for stranger in [other, none] {
            let error = await #expect(throws: MongoError.self) {
                try await query(stranger).keyset(cursor: cursor, perPage: 4)
            }
            #expect(error?.kind == .notFound)
        }
        // A key of the call's own counts more.
        let own = CursorKey(secret: "x")
        await #expect(throws: MongoError.self) { try await query(first).keyset(cursor: cursor, key: own) }
        let named = try await Mongo(
            uri: "embedded::memory:", databaseName: "shop", cursorKey: CursorKey(encoded: Self.key))
        try await named.db["numbers"].insertMany((0..<9).map { ["_id": .int($0)] })
        #expect(try await query(named).keyset(cursor: cursor, perPage: 4).items.map { $0["_id"]?.int } == [4, 5, 6, 7])
        for mongo in [first, second, other, none, named] { await mongo.close() }
    }

    @Test("The key goes along to collections with other options, and to queries of documents with a type")
    func kept() async throws {
        let mongo = try await process(Self.key)
        let bound = mongo.db["numbers"].with(timeout: .seconds(9))
        let cursor = try #require(try await bound.find().sort(["_id": 1]).keyset(perPage: 4).next)
        #expect(try await query(mongo).keyset(cursor: cursor, perPage: 9).items.count == 5)
        let typed = try await mongo.db[Number.self].find().sort(\.id).keyset(cursor: cursor, perPage: 9)
        #expect(typed.items.map(\.id) == [4, 5, 6, 7, 8])
        await mongo.close()
    }

    @Document("numbers")
    struct Number { var id: Int }
}
