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
        let page = try await search.books(on: shelf).paginate(request, perPage: BookSearch.pageSize)
        if request.asksForJSON { return page.list(for: request) }
        let names = try await shelf.authorNames(of: page.items)
        return try pages.page(
            "books",
            [
                "title": "Books", "onBooks": true, "q": search.text, "from": search.from, "to": search.to,
                "count": page.total == 1 ? "1 book" : "\(page.total) books", "narrowed": search.isNarrowed ? true : nil,
                "orders": BookSearch.orders.map {
                    ["name": $0.name, "label": $0.label, "selected": $0.name == search.order] as [String: Any]
                },
                "books": page.items.map { Self.card($0, author: names) }, "none": page.items.isEmpty ? true : nil,
                "pagination": page.templateValues(for: request),
            ])
    }

    private func show(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await stored(context)
        if request.asksForJSON { return book.response(from: request, context: context) }
        var values = Self.card(book, author: try await shelf.authorNames(of: [book]))
        values["onBooks"] = true
        values["publisher"] = book.publisher?.text
        values["paragraphs"] = Self.paragraphs(book.description)
        return try pages.page("book", values)
    }

    private func cover(_ request: Request, context: BasicRequestContext) async throws -> Response {
        guard let id = try await stored(context).cover else { throw HTTPError(.notFound) }
        var response = try await shelf.mongo.sendFile(id: id, bucket: Shelf.coverBucket, for: request)
        // A drawing opened by itself must not run anything.
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response
    }

    // MARK: Writing, for browsers

    private func newForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try await form(BookDraft(), errors: [:])
    }

    private func create(_ request: Request, context: BasicRequestContext) async throws -> Response {
        guard !request.asksForJSON else { return try await createFromJSON(request, context: context) }
        let fields = try await FormFields(request)
        return try await save(BookDraft(fields), cover: fields.file("cover"), over: nil)
    }

    private func editForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await stored(context)
        return try await form(draft(of: book), errors: [:], id: book.id)
    }

    private func edit(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await stored(context)
        let fields = try await FormFields(request)
        return try await save(BookDraft(fields), cover: fields.file("cover"), over: book)
    }

    /// Stores a form's book, or shows the form again with what is wrong beside each field.
    private func save(_ draft: BookDraft, cover upload: MultipartForm.Part?, over book: Book?) async throws -> Response
    {
        var errors = draft.validate()
        let image = upload.flatMap { CoverImage(upload: $0.bytes) }
        if upload != nil, image == nil {
            errors["cover"] = "A cover is a PNG, JPEG, GIF or WebP image of at most 4 MB."
        }
        guard errors.isEmpty else { return try await form(draft, errors: errors, id: book?.id) }
        do {
            let saved = try await store(draft, over: book?.id)
            if let image {
                let file = try await shelf.saveCover(image, title: draft.title)
                try await shelf.books.update(id: saved.id) { $0.cover.set(file) }
                try await shelf.deleteCover(of: saved)
            }
            return .seeOther(pages.address("/books/\(saved.id)"))
        } catch let error as MongoError where error.isDuplicateKey {
            let errors = ["title": "There is this book by this author already."]
            return try await form(draft, errors: errors, id: book?.id)
        }
    }

    private func confirmDelete(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await stored(context)
        return try pages.page(
            "delete",
            [
                "title": "Delete a book", "onBooks": true, "name": book.title,
                "action": pages.address("/books/\(book.id)/delete"),
                "back": pages.address("/books/\(book.id)"),
            ])
    }

    private func deleteByForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try await remove(stored(context))
        return .seeOther(pages.address("/books"))
    }

    // MARK: Writing, with JSON

    private func createFromJSON(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try await store(BookDraft(), mergedWith: request, over: nil, context: context)
    }

    private func replace(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let id = try await stored(context).id
        return try await store(BookDraft(), mergedWith: request, over: id, context: context)
    }

    private func change(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let book = try await stored(context)
        return try await store(draft(of: book), mergedWith: request, over: book.id, context: context)
    }

    private func store(
        _ draft: BookDraft, mergedWith request: Request, over id: ObjectID?, context: BasicRequestContext
    ) async throws -> Response {
        var draft = draft
        draft.merge(try await request.bsonDocument())
        let errors = draft.validate()
        guard errors.isEmpty else { return .invalid(errors, from: request, context: context) }
        let book = try await store(draft, over: id)
        let response = book.response(from: request, context: context)
        return id == nil ? response.created(at: pages.address("/books/\(book.id)")) : response
    }

    private func delete(_ request: Request, context: BasicRequestContext) async throws -> HTTPResponse.Status {
        try await remove(stored(context))
        return .noContent
    }

    // MARK: Parts

    private func stored(_ context: BasicRequestContext) async throws -> Book {
        try await shelf.books.getOr404("id", in: context)
    }

    private func draft(of book: Book) async throws -> BookDraft {
        BookDraft(book, authorName: try await shelf.authorNames(of: [book])[book.author])
    }

    /// Inserts a valid draft, or changes the book with this id, and gives the book as it is now.
    private func store(_ draft: BookDraft, over id: ObjectID?) async throws -> Book {
        let author = try await shelf.author(named: draft.author)
        guard let id else {
            let book = draft.book(by: author)
            try await shelf.books.insert(book)
            return book
        }
        let book = try await shelf.books.findOneAndUpdate(where: { $0.id == id }) {
            draft.changes($0, author: author)
        }
        // Somebody may have deleted it meanwhile.
        guard let book else { throw HTTPError(.notFound) }
        return book
    }

    private func remove(_ book: Book) async throws {
        try await shelf.books.remove(book)
        try await shelf.deleteCover(of: book)
    }

    private func form(_ draft: BookDraft, errors: FieldErrors, id: ObjectID? = nil) async throws -> Response {
        let authors = try await shelf.authors.find().sort(\.name).limit(500).all()
        return try pages.page(
            "book-form",
            [
                "title": id == nil ? "Add a book" : "Edit a book", "onBooks": true,
                "action": pages.address(id.map { "/books/\($0)/edit" } ?? "/books"),
                "back": pages.address(id.map { "/books/\($0)" } ?? "/books"),
                "bookTitle": draft.title, "author": draft.author, "year": draft.year,
                "description": draft.description, "publisher": draft.publisher, "city": draft.city,
                "authors": authors.map(\.name), "errors": errors.isEmpty ? nil : errors,
            ],
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    /// What a book's card and its page show.
    static func card(_ book: Book, author names: [Ref<Author>: String]) -> [String: Any] {
        var card: [String: Any] = [
            "id": book.id.description, "title": book.title, "year": Year.text(book.year),
            "author": names[book.author] ?? "Unknown author",
        ]
        if names[book.author] != nil { card["authorID"] = book.author.id.description }
        // The cover's id makes its address new when the cover is.
        card["cover"] = book.cover.map { "/books/\(book.id)/cover?v=\($0)" }
        return card
    }

    /// The paragraphs of a text, which empty lines divide.
    static func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n\n").map { FormFields.trim(String($0)) }.filter { !$0.isEmpty }
    }
}
