internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// The authors: pages for browsers, JSON for whoever asks for it.
struct AuthorsController: Sendable {
    /// The authors on a page.
    private static let pageSize = 50

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
            .get("{id}/edit", use: editForm)
            .post("{id}/edit", use: edit)
            .get("{id}/delete", use: confirmDelete)
            .post("{id}/delete", use: deleteByForm)
    }

    // MARK: Reading

    private func list(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let page = try await shelf.authors.find().sort(\.name).paginate(request, perPage: Self.pageSize)
        if request.asksForJSON { return page.list(for: request) }
        let counts = try await bookCounts(of: page.items)
        return try pages.page(
            "authors",
            [
                "title": "Authors", "onAuthors": true, "none": page.items.isEmpty ? true : nil,
                "authors": page.items.map { author in
                    let count = counts[author.id] ?? 0
                    return Self.values(author).merging(["count": count == 1 ? "1 book" : "\(count) books"]) { $1 }
                },
                "pagination": page.templateValues(for: request),
            ])
    }

    /// How many books some authors have; those who have none are left out.
    private func bookCounts(of authors: [Author]) async throws -> [ObjectID: Int] {
        let ids = authors.map { BSONValue.objectID($0.id) }
        let pipeline: [BSONDocument] = [
            ["$match": ["author": ["$in": .array(BSONArray(ids))]]],
            ["$group": ["_id": "$author", "books": ["$sum": 1]]],
        ]
        var counts: [ObjectID: Int] = [:]
        for try await group in shelf.books.untyped.aggregate(pipeline) {
            if let id = group["_id"]?.objectID { counts[id] = group["books"]?.int }
        }
        return counts
    }

    private func show(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let author = try await stored(context)
        if request.asksForJSON { return author.response(from: request, context: context) }
        return try await page(author)
    }

    private func page(
        _ author: Author, problem: String? = nil, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let books = try await shelf.books.find { $0.author == Ref(author) }.sort(\.year).all()
        let names = [Ref(author): author.name]
        var values: [String: Any?] = Self.values(author)
        values["onAuthors"] = true
        values["title"] = author.name
        values["problem"] = problem
        values["paragraphs"] = BooksController.paragraphs(author.about)
        values["books"] = books.map { BooksController.card($0, author: names) }
        values["none"] = books.isEmpty ? true : nil
        return try pages.page("author", values, status: status)
    }

    // MARK: Writing, for browsers

    private func newForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try form(AuthorDraft(), errors: [:])
    }

    private func create(_ request: Request, context: BasicRequestContext) async throws -> Response {
        if request.asksForJSON {
            return try await store(AuthorDraft(), mergedWith: request, over: nil, context: context)
        }
        return try await save(AuthorDraft(try await FormFields(request)), over: nil)
    }

    private func editForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let author = try await stored(context)
        return try form(AuthorDraft(author), errors: [:], id: author.id)
    }

    private func edit(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let id = try await stored(context).id
        return try await save(AuthorDraft(try await FormFields(request)), over: id)
    }

    private func save(_ draft: AuthorDraft, over id: ObjectID?) async throws -> Response {
        let errors = draft.validate()
        guard errors.isEmpty else { return try form(draft, errors: errors, id: id) }
        do {
            let author = try await store(draft, over: id)
            return .seeOther(pages.address("/authors/\(author.id)"))
        } catch let error as MongoError where error.isDuplicateKey {
            return try form(draft, errors: ["name": "There is an author of this name already."], id: id)
        }
    }

    private func confirmDelete(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let author = try await stored(context)
        return try pages.page(
            "delete",
            [
                "title": "Delete an author", "onAuthors": true, "name": author.name,
                "action": pages.address("/authors/\(author.id)/delete"), "back": pages.address("/authors/\(author.id)"),
            ])
    }

    private func deleteByForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let author = try await stored(context)
        guard try await remove(author) else {
            return try await page(author, problem: Self.hasBooks, status: .conflict)
        }
        return .seeOther(pages.address("/authors"))
    }

    // MARK: Writing, with JSON

    private func replace(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let id = try await stored(context).id
        return try await store(AuthorDraft(), mergedWith: request, over: id, context: context)
    }

    private func change(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let author = try await stored(context)
        return try await store(AuthorDraft(author), mergedWith: request, over: author.id, context: context)
    }

    private func store(
        _ draft: AuthorDraft, mergedWith request: Request, over id: ObjectID?, context: BasicRequestContext
    ) async throws -> Response {
        var draft = draft
        draft.merge(try await request.bsonDocument())
        let errors = draft.validate()
        guard errors.isEmpty else { return .invalid(errors, from: request, context: context) }
        let author = try await store(draft, over: id)
        let response = author.response(from: request, context: context)
        return id == nil ? response.created(at: pages.address("/authors/\(author.id)")) : response
    }

    private func delete(_ request: Request, context: BasicRequestContext) async throws -> HTTPResponse.Status {
        guard try await remove(stored(context)) else { throw HTTPError(.conflict, message: Self.hasBooks) }
        return .noContent
    }

    // MARK: Parts

    private static let hasBooks = "This author has books here: delete or change those first."

    private func stored(_ context: BasicRequestContext) async throws -> Author {
        try await shelf.authors.getOr404("id", in: context)
    }

    /// Inserts a valid draft, or writes it over an author.
    private func store(_ draft: AuthorDraft, over id: ObjectID?) async throws -> Author {
        let author = draft.author(id: id ?? ObjectID())
        if id == nil { try await shelf.authors.insert(author) } else { try await shelf.authors.save(author) }
        return author
    }

    /// Deletes an author who has no books; false for one who has.
    private func remove(_ author: Author) async throws -> Bool {
        let hasBooks = try await shelf.books.find { $0.author == Ref(author) }.exists()
        guard !hasBooks else { return false }
        try await shelf.authors.remove(author)
        return true
    }

    private func form(_ draft: AuthorDraft, errors: FieldErrors, id: ObjectID? = nil) throws -> Response {
        try pages.page(
            "author-form",
            [
                "title": id == nil ? "Add an author" : "Edit an author", "onAuthors": true,
                "action": pages.address(id.map { "/authors/\($0)/edit" } ?? "/authors"),
                "back": pages.address(id.map { "/authors/\($0)" } ?? "/authors"), "name": draft.name,
                "born": draft.born,
                "died": draft.died, "about": draft.about, "errors": errors.isEmpty ? nil : errors,
            ],
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    /// What an author's row and page show.
    private static func values(_ author: Author) -> [String: Any] {
        var values: [String: Any] = ["id": author.id.description, "name": author.name]
        values["life"] = author.life
        return values
    }
}
