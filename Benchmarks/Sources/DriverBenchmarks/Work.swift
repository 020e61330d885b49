import CLibMongoCPeer
import Foundation
import MongoDocuments

/// A work that Nectar and its peers do alike.
struct Work: Sendable {
    /// The name, by which the peers know it too.
    let name: String
    let about: String
    /// How often it is done in a round.
    let calls: Int
    let nectar: @Sendable (MongoDatabase, _ calls: Int) async throws -> Void
    let mongoc: @Sendable (_ calls: Int) -> Int

    /// How many books there are.
    static let count = 10_000
    private static let tasks = 64

    static let all = [
        Work(
            name: "findOne", about: "a document by its _id into a struct", calls: 5_000,
            nectar: { database, calls in try await findOnes(database, calls) },
            mongoc: { mongoc_peer_find_one(Int32($0)) }),
        Work(
            name: "find100", about: "100 documents of some 500 bytes into structs", calls: 500,
            nectar: { database, calls in
                for _ in 0..<calls { try expect(try await database[Book.self].find().limit(100).all().count, 100) }
            },
            mongoc: { mongoc_peer_find(Int32($0), 100) / 100 }),
        Work(
            name: "cursor", about: "10,000 documents over a cursor into structs, one after the other", calls: 10,
            nectar: { database, calls in
                for _ in 0..<calls {
                    var found = 0
                    for try await book in database[Book.self].find() where book.year > 0 { found += 1 }
                    try expect(found, count)
                }
            },
            mongoc: { mongoc_peer_find(Int32($0), 0) / count }),
        Work(
            name: "insertMany", about: "10,000 structs in one call", calls: 1,
            nectar: { database, _ in
                try await DocumentCollection<Book>(database["nectar"]).insert(books)
            },
            mongoc: { _ in mongoc_peer_insert("mongoc") / count }),
        Work(
            name: "concurrent", about: "findOne by 64 tasks or threads at a time", calls: tasks * 100,
            nectar: { database, calls in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<tasks { group.addTask { try await findOnes(database, calls / tasks) } }
                    try await group.waitForAll()
                }
            },
            mongoc: { mongoc_peer_concurrent(Int32(tasks), Int32($0 / tasks)) }),
    ]

    static let books = (1...count).map(Book.sample)

    private static func findOnes(_ database: MongoDatabase, _ calls: Int) async throws {
        let books = database[Book.self]
        for call in 0..<calls {
            let number = call * 7919 % count + 1
            try expect(try await books.get(Book.id(number))?.year ?? 0, 1000 + number)
        }
    }

    private static func expect(_ found: Int, _ expected: Int) throws {
        guard found == expected else { throw MongoError(.usage, "found \(found) where \(expected) should be") }
    }
}
