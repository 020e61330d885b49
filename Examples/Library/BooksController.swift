internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// The books: pages for browsers, JSON for whoever asks for it.
struct BooksController: Sendable {
    let shelf: Shelf
    let pages: Pages

    func addRoutes(to group: RouterGroup<BasicRequestContext>) {
        group.get(use: list)
            .post(use: create)
            .get("new", use: newForm)
            .get("{id}", use: show)
            .put("{id}", use: replace)
            .patch("{id}", use: change)
            .delete("{id}", use: delete)
            .get("{id}/cover", use: cover)
            .get("{id}/edit", use: editForm)
            .post("{id}/edit", use: edit)
            .get("{id}/delete", use: confirmDelete)
            .post("{id}/delete", use: deleteByForm)
    }

    // MARK: Reading

    private func list(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let search = BookSearch(query: request.uri.query)
        let filter = try await search.filter(in: shelf)
        let found = shelf.books.find(filter).sort(search.sort)
            .skip((search.page - 1) * BookSearch.pageSize).limit(BookSearch.pageSize)
        if request.asksForJSON { return try await .documents(found) }
        let books = try await found.toArray()
        let names = try await shelf.authorNames(of: books)
        let count = try await shelf.books.countDocuments(filter)
        let hasNext = search.page * BookSearch.pageSize < count
        return try pages.page(
            "books",
            [
                "title": "Books", "onBooks": true, "q": search.text, "from": search.from, "to": search.to,
                "count": count == 1 ? "1 book" : "\(count) books", "narrowed": search.isNarrowed ? true : nil,
                "orders": BookSearch.orders.map {
                    ["name": $0.name, "label": $0.label, "selected": $0.name == search.order] as [String: Any]
                },
                "books": books.map { Self.card($0, author: names) },
                "none": books.isEmpty ? true : nil,
                "previous": search.page > 1 ? search.address(ofPage: search.page - 1) : nil,
                "next": hasNext ? search.address(ofPage: search.page + 1) : nil, "page": search.page,
                "paged": search.page > 1 || hasNext ? true : nil,
            ])
    }

    private func show(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await shelf.books.findOneOr404(["_id": .objectID(try context.objectID("id"))])
        if request.asksForJSON { return book.response(from: request, context: context) }
        let names = try await shelf.authorNames(of: [book])
        var values = Self.card(book, author: names)
        values["onBooks"] = true
        values["paragraphs"] = Self.paragraphs(book["description"]?.string)
        return try pages.page("book", values)
    }

    private func cover(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await shelf.books.findOneOr404(["_id": .objectID(try context.objectID("id"))])
        guard let id = book["cover"]?.objectID else { throw HTTPError(.notFound) }
        var response = try await shelf.mongo.sendFile(id: id, bucket: Shelf.coverBucket, for: request)
        // A drawing opened by itself must not run anything.
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response
    }

    // MARK: Writing, for browsers

    private func newForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try await form(BookDraft(), errors: [:], id: nil)
    }

    private func create(_ request: Request, context: BasicRequestContext) async throws -> Response {
        guard !request.asksForJSON else { return try await createFromJSON(request, context: context) }
        let fields = try await FormFields(request)
        return try await save(BookDraft(fields), cover: fields.file("cover"), over: nil)
    }

    private func editForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, book) = try await stored(context)
        let names = try await shelf.authorNames(of: [book])
        return try await form(BookDraft(book, authorName: Self.authorName(of: book, in: names)), errors: [:], id: id)
    }

    private func edit(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (_, book) = try await stored(context)
        let fields = try await FormFields(request)
        return try await save(BookDraft(fields), cover: fields.file("cover"), over: book)
    }

    /// Stores a form's book, or shows the form again with what is wrong beside each field.
    private func save(
        _ draft: BookDraft, cover upload: MultipartForm.Part?, over book: BSONDocument?
    ) async throws -> Response {
        let id = book?["_id"]?.objectID
        var errors = draft.validate()
        let image = upload.flatMap { CoverImage(upload: $0.bytes) }
        if upload != nil, image == nil {
            errors["cover"] = "A cover is a PNG, JPEG, GIF or WebP image of at most 4 MB."
        }
        guard errors.isEmpty else { return try await form(draft, errors: errors, id: id) }
        do {
            let saved = try await store(draft, over: id)
            if let image {
                let file = try await shelf.saveCover(image, title: draft.title)
                _ = try await shelf.books.updateOne(
                    ["_id": .objectID(saved)], ["$set": ["cover": .objectID(file)]])
                if let book { try await shelf.deleteCover(of: book) }
            }
            return .seeOther("/books/\(saved)")
        } catch let error as MongoError where error.isDuplicateKey {
            return try await form(draft, errors: ["title": "There is this book by this author already."], id: id)
        }
    }

    private func confirmDelete(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, book) = try await stored(context)
        return try pages.page(
            "delete",
            [
                "title": "Delete a book", "onBooks": true, "name": book["title"]?.string ?? "",
                "action": "/books/\(id)/delete", "back": "/books/\(id)",
            ])
    }

    private func deleteByForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, book) = try await stored(context)
        try await remove(book, id: id)
        return .seeOther("/books")
    }

    // MARK: Writing, with JSON

    private func createFromJSON(_ request: Request, context: BasicRequestContext) async throws -> Response {
        var draft = BookDraft()
        draft.merge(try await request.bsonDocument())
        let errors = draft.validate()
        guard errors.isEmpty else { return .invalid(errors, from: request, context: context) }
        let id = try await store(draft, over: nil)
        let book = try await shelf.books.findOneOr404(["_id": .objectID(id)])
        return .created(book, at: "/books/\(id)", from: request, context: context)
    }

    private func replace(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, _) = try await stored(context)
        return try await store(BookDraft(), mergedWith: request, over: id, context: context)
    }

    private func change(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, book) = try await stored(context)
        let names = try await shelf.authorNames(of: [book])
        let draft = BookDraft(book, authorName: Self.authorName(of: book, in: names))
        return try await store(draft, mergedWith: request, over: id, context: context)
    }

    private func store(
        _ draft: BookDraft, mergedWith request: Request, over id: ObjectID, context: BasicRequestContext
    ) async throws -> Response {
        var draft = draft
        draft.merge(try await request.bsonDocument())
        let errors = draft.validate()
        guard errors.isEmpty else { return .invalid(errors, from: request, context: context) }
        _ = try await store(draft, over: id)
        return try await shelf.books.findOneOr404(["_id": .objectID(id)]).response(from: request, context: context)
    }

    private func delete(_ request: Request, context: BasicRequestContext) async throws -> HTTPResponse.Status {
        let (id, book) = try await stored(context)
        try await remove(book, id: id)
        return .noContent
    }

    // MARK: Parts

    private func stored(_ context: BasicRequestContext) async throws -> (ObjectID, BSONDocument) {
        let id = try context.objectID("id")
        return (id, try await shelf.books.findOneOr404(["_id": .objectID(id)]))
    }

    /// Inserts a valid draft, or writes it over a book; gives the book's id.
    private func store(_ draft: BookDraft, over id: ObjectID?) async throws -> ObjectID {
        let fields = draft.fields(author: try await shelf.authorID(named: draft.author))
        if let id {
            _ = try await shelf.books.updateOne(["_id": .objectID(id)], ["$set": .document(fields)])
            return id
        }
        let new = ObjectID()
        var book: BSONDocument = ["_id": .objectID(new)]
        for (key, value) in fields { book[key] = value }
        _ = try await shelf.books.insertOne(book)
        return new
    }

    private func remove(_ book: BSONDocument, id: ObjectID) async throws {
        _ = try await shelf.books.deleteOne(["_id": .objectID(id)])
        try await shelf.deleteCover(of: book)
    }

    private func form(_ draft: BookDraft, errors: FieldErrors, id: ObjectID?) async throws -> Response {
        let authors = try await shelf.authors.find([:]).projection(["name": 1]).sort(["name": 1]).limit(500).toArray()
        return try pages.page(
            "book-form",
            [
                "title": id == nil ? "Add a book" : "Edit a book", "onBooks": true,
                "action": id.map { "/books/\($0)/edit" } ?? "/books", "back": id.map { "/books/\($0)" } ?? "/books",
                "bookTitle": draft.title, "author": draft.author, "year": draft.year,
                "description": draft.description, "authors": authors.compactMap { $0["name"]?.string },
                "errors": errors.isEmpty ? nil : errors,
            ],
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    /// What a book's card and its page show.
    static func card(_ book: BSONDocument, author names: [ObjectID: String]) -> [String: Any] {
        let id = book["_id"]?.objectID?.description ?? ""
        var card: [String: Any] = [
            "id": id, "title": book["title"]?.string ?? "", "year": year(book["year"]),
            "author": authorName(of: book, in: names) ?? "Unknown author",
        ]
        card["authorID"] = book["author"]?.objectID?.description
        // The cover's id makes its address new when the cover is.
        card["cover"] = book["cover"]?.objectID.map { "/books/\(id)/cover?v=\($0)" }
        return card
    }

    private static func authorName(of book: BSONDocument, in names: [ObjectID: String]) -> String? {
        book["author"]?.objectID.flatMap { names[$0] }
    }

    /// A year as people write it.
    static func year(_ value: BSONValue?) -> String {
        guard let year = value?.int else { return "" }
        return year < 0 ? "\(year.magnitude) BC" : String(year)
    }

    /// The paragraphs of a text, which empty lines divide.
    static func paragraphs(_ text: String?) -> [String] {
        (text ?? "").split(separator: "\n\n").map { FormFields.trim(String($0)) }.filter { !$0.isEmpty }
    }
}
