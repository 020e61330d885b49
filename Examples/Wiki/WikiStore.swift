internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo

/// The wiki's pages: raw documents in `wiki.pages`, and their older states in `wiki.revisions`.
///
/// ```
/// wiki.pages      {_id: "Home", body: "…", revision: 3, changed: …, note: "…", links: […]}
/// wiki.revisions  {_id: …, page: "Home", revision: 3, body: "…", changed: …, note: "…"}
/// ```
struct WikiStore: Sendable {
    /// The most bytes that a page may have.
    static let limit = 256 << 10

    let mongo: Mongo

    var pages: MongoCollection { mongo.db["wiki.pages"] }
    var revisions: MongoCollection { mongo.db["wiki.revisions"] }

    /// Makes the indexes.
    func prepare() async throws {
        try await revisions.createIndex(["page": 1, "revision": -1], unique: true)
        try await pages.createIndex(["changed": -1])
        try await pages.createIndex(["links": 1])
    }

    /// Stores a new state of a page.
    /// - Parameter base: The revision that the writer began with; 0 for a page that was not there.
    /// - Returns: Whether it was stored: not where somebody else has changed the page since.
    func save(_ name: String, body: String, note: String, base: Int) async throws -> Bool {
        let links = Markup.links(in: body).sorted().map { BSONValue.string($0) }
        let state: BSONDocument = [
            "body": .string(body), "note": .string(note), "revision": .int(base + 1), "changed": .date(Self.now),
            "links": .array(BSONArray(links)),
        ]
        if base == 0 {
            do {
                try await pages.insertOne(state.setting("_id", .string(name)))
            } catch let error as MongoError where error.isDuplicateKey {
                return false
            }
        } else {
            let result = try await pages.updateOne(
                ["_id": .string(name), "revision": .int(base)], ["$set": .document(state)])
            guard result.matchedCount == 1 else { return false }
        }
        try await revisions.insertOne(state.setting("page", .string(name)))
        return true
    }

    /// The pages that link to one.
    func pagesLinking(to name: String) async throws -> [BSONDocument] {
        try await pages.find(["links": .string(name)]).sort(["_id": 1]).limit(50).toArray()
    }

    private static var now: BSONDate { BSONDate(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000)) }
}

/// Names of pages: `Home`, `Sailing_ships`.
enum PageName {
    /// The name of a title that somebody typed; nil where none can be made of it.
    static func of(_ text: String) -> String? {
        let words = text.split { $0.isWhitespace || $0 == "_" }
        let name = words.joined(separator: "_")
        guard !name.isEmpty, name.utf8.count <= 120, !name.hasPrefix("."),
            !name.unicodeScalars.contains(where: { $0.value < 0x20 || "/\\[]|{}<>#?%\"".unicodeScalars.contains($0) })
        else { return nil }
        return name
    }

    /// The title of a name.
    static func title(_ name: String) -> String { name.replacing("_", with: " ") }
}
