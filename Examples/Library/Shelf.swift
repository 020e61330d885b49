internal import HummingbirdMongo

/// The application's data: two collections and the covers in GridFS.
struct Shelf: Sendable {
    /// The bucket that holds the covers.
    static let coverBucket = "covers"

    let mongo: Mongo
    var books: MongoCollection { mongo.db["books"] }
    var authors: MongoCollection { mongo.db["authors"] }

    /// Creates the indexes: one author of each name, one book of each title and author.
    func prepare() async throws {
        try await authors.createIndex(["name": 1], unique: true)
        try await books.createIndex(["title": 1, "author": 1], unique: true)
        try await books.createIndex(["author": 1, "year": 1])
    }

    /// The author that a text names: by its id, or by its name, which is added when it is new.
    func authorID(named text: String) async throws -> ObjectID {
        if let id = ObjectID(text), try await authors.findOne(["_id": .objectID(id)]) != nil { return id }
        // Two requests with the same new name meet here: the upsert lets both have the one author.
        _ = try await authors.updateOne(
            ["name": .string(text)], ["$setOnInsert": ["about": ""]], upsert: true)
        guard let id = try await authors.findOne(["name": .string(text)])?["_id"]?.objectID else {
            throw MongoError(.usage, "an author vanished while it was added")
        }
        return id
    }

    /// The names of the authors of some books, by id: one query for all of them.
    func authorNames(of books: [BSONDocument]) async throws -> [ObjectID: String] {
        let ids = Set(books.compactMap { $0["author"]?.objectID })
        var names: [ObjectID: String] = [:]
        for try await author in authors.find(["_id": ["$in": .array(BSONArray(ids.map { .objectID($0) }))]]) {
            if let id = author["_id"]?.objectID { names[id] = author["name"]?.string }
        }
        return names
    }

    /// Stores a cover and gives its id.
    func saveCover(_ cover: CoverImage, title: String) async throws -> ObjectID {
        try await mongo.db.gridFSBucket(name: Self.coverBucket)
            .upload(filename: title, bytes: cover.bytes, contentType: cover.contentType)
    }

    /// Removes a cover that no book shows any longer.
    func deleteCover(of book: BSONDocument) async throws {
        guard let id = book["cover"]?.objectID else { return }
        do {
            try await mongo.db.gridFSBucket(name: Self.coverBucket).delete(id: id)
        } catch let error as MongoError where error.kind == .notFound {
            // Somebody else was faster.
        }
    }
}
