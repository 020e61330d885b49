internal import HummingbirdMongo

/// The application's data: two collections and the covers in GridFS.
struct Shelf: Sendable {
    /// The bucket that holds the covers.
    static let coverBucket = "covers"

    let mongo: Mongo
    var books: DocumentCollection<Book> { mongo.db[Book.self] }
    var authors: DocumentCollection<Author> { mongo.db[Author.self] }

    /// The author that a text names: by the id, or by the name, which is added when it is new.
    func author(named text: String) async throws -> Ref<Author> {
        if let author = try await authors.get(text) { return Ref(author) }
        // Two requests with the same new name meet here: the upsert lets both have the one author.
        let author = try await authors.findOneAndUpdate(where: { $0.name == text }, upsert: true) {
            $0.about.setOnInsert("")
        }
        guard let author else { throw MongoError(.usage, "an author vanished while it was added") }
        return Ref(author)
    }

    /// The names of the authors of some books: one query for all of them.
    func authorNames(of books: [Book]) async throws -> [Ref<Author>: String] {
        let ids = Set(books.map(\.author.id))
        var names: [Ref<Author>: String] = [:]
        for try await author in authors.find({ $0.id.isIn(ids) }) { names[Ref(author)] = author.name }
        return names
    }

    /// Stores a cover and gives its id.
    func saveCover(_ cover: CoverImage, title: String) async throws -> ObjectID {
        try await mongo.db.gridFSBucket(name: Self.coverBucket)
            .upload(filename: title, bytes: cover.bytes, contentType: cover.contentType)
    }

    /// Removes a cover that no book shows any longer.
    func deleteCover(of book: Book) async throws {
        guard let id = book.cover else { return }
        do {
            try await mongo.db.gridFSBucket(name: Self.coverBucket).delete(id: id)
        } catch let error as MongoError where error.kind == .notFound {
            // Somebody else was faster.
        }
    }
}
