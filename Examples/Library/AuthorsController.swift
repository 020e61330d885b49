internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// The authors: pages for browsers, JSON for whoever asks for it.
struct AuthorsController: Sendable {
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
        let found = shelf.authors.find([:]).sort(["name": 1])
        if request.asksForJSON { return try await .documents(found) }
        let authors = try await found.limit(1000).toArray()
        var counts: [ObjectID: Int] = [:]
        let pipeline: [BSONDocument] = [["$group": ["_id": "$author", "books": ["$sum": 1]]]]
        for try await group in shelf.books.aggregate(pipeline) {
            if let id = group["_id"]?.objectID { counts[id] = group["books"]?.int }
        }
        return try pages.page(
            "authors",
            [
                "title": "Authors", "onAuthors": true, "none": authors.isEmpty ? true : nil,
                "authors": authors.map { author in
                    let count = author["_id"]?.objectID.flatMap { counts[$0] } ?? 0
                    return Self.values(author).merging(["count": count == 1 ? "1 book" : "\(count) books"]) { $1 }
                },
            ])
    }

    private func show(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, author) = try await stored(context)
        if request.asksForJSON { return author.response(from: request, context: context) }
        return try await page(author, id: id)
    }

    private func page(
        _ author: BSONDocument, id: ObjectID, problem: String? = nil, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let books = try await shelf.books.find(["author": .objectID(id)]).sort(["year": 1]).toArray()
        let names = [id: author["name"]?.string ?? ""]
        var values: [String: Any?] = Self.values(author)
        values["onAuthors"] = true
        values["title"] = author["name"]?.string ?? ""
        values["problem"] = problem
        values["paragraphs"] = BooksController.paragraphs(author["about"]?.string)
        values["books"] = books.map { BooksController.card($0, author: names) }
        values["none"] = books.isEmpty ? true : nil
        return try pages.page("author", values, status: status)
    }

    // MARK: Writing, for browsers

    private func newForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        try form(AuthorDraft(), errors: [:], id: nil)
    }

    private func create(_ request: Request, context: BasicRequestContext) async throws -> Response {
        if request.asksForJSON {
            return try await store(AuthorDraft(), mergedWith: request, over: nil, context: context)
        }
        return try await save(AuthorDraft(try await FormFields(request)), over: nil)
    }

    private func editForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, author) = try await stored(context)
        return try form(AuthorDraft(author), errors: [:], id: id)
    }

    private func edit(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, _) = try await stored(context)
        return try await save(AuthorDraft(try await FormFields(request)), over: id)
    }

    private func save(_ draft: AuthorDraft, over id: ObjectID?) async throws -> Response {
        let errors = draft.validate()
        guard errors.isEmpty else { return try form(draft, errors: errors, id: id) }
        do {
            return .seeOther("/authors/\(try await store(draft, over: id))")
        } catch let error as MongoError where error.isDuplicateKey {
            return try form(draft, errors: ["name": "There is an author of this name already."], id: id)
        }
    }

    private func confirmDelete(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, author) = try await stored(context)
        return try pages.page(
            "delete",
            [
                "title": "Delete an author", "onAuthors": true, "name": author["name"]?.string ?? "",
                "action": "/authors/\(id)/delete", "back": "/authors/\(id)",
            ])
    }

    private func deleteByForm(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, author) = try await stored(context)
        guard try await remove(id) else {
            return try await page(author, id: id, problem: Self.hasBooks, status: .conflict)
        }
        return .seeOther("/authors")
    }

    // MARK: Writing, with JSON

    private func replace(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, _) = try await stored(context)
        return try await store(AuthorDraft(), mergedWith: request, over: id, context: context)
    }

    private func change(_ request: Request, context: BasicRequestContext) async throws -> Response {
        let (id, author) = try await stored(context)
        return try await store(AuthorDraft(author), mergedWith: request, over: id, context: context)
    }

    private func store(
        _ draft: AuthorDraft, mergedWith request: Request, over id: ObjectID?, context: BasicRequestContext
    ) async throws -> Response {
        var draft = draft
        draft.merge(try await request.bsonDocument())
        let errors = draft.validate()
        guard errors.isEmpty else { return .invalid(errors, from: request, context: context) }
        let saved = try await store(draft, over: id)
        let author = try await shelf.authors.findOneOr404(["_id": .objectID(saved)])
        guard id == nil else { return author.response(from: request, context: context) }
        return .created(author, at: "/authors/\(saved)", from: request, context: context)
    }

    private func delete(_ request: Request, context: BasicRequestContext) async throws -> HTTPResponse.Status {
        let (id, _) = try await stored(context)
        guard try await remove(id) else { throw HTTPError(.conflict, message: Self.hasBooks) }
        return .noContent
    }

    // MARK: Parts

    private static let hasBooks = "This author has books here: delete or change those first."

    private func stored(_ context: BasicRequestContext) async throws -> (ObjectID, BSONDocument) {
        let id = try context.objectID("id")
        return (id, try await shelf.authors.findOneOr404(["_id": .objectID(id)]))
    }

    /// Inserts a valid draft, or writes it over an author; gives the author's id.
    private func store(_ draft: AuthorDraft, over id: ObjectID?) async throws -> ObjectID {
        let author = id ?? ObjectID()
        if id == nil {
            var document: BSONDocument = ["_id": .objectID(author)]
            for (key, value) in draft.fields { document[key] = value }
            _ = try await shelf.authors.insertOne(document)
        } else {
            _ = try await shelf.authors.replaceOne(["_id": .objectID(author)], draft.fields)
        }
        return author
    }

    /// Deletes an author who has no books; false for one who has.
    private func remove(_ id: ObjectID) async throws -> Bool {
        guard try await shelf.books.findOne(["author": .objectID(id)]) == nil else { return false }
        _ = try await shelf.authors.deleteOne(["_id": .objectID(id)])
        return true
    }

    private func form(_ draft: AuthorDraft, errors: FieldErrors, id: ObjectID?) throws -> Response {
        try pages.page(
            "author-form",
            [
                "title": id == nil ? "Add an author" : "Edit an author", "onAuthors": true,
                "action": id.map { "/authors/\($0)/edit" } ?? "/authors",
                "back": id.map { "/authors/\($0)" } ?? "/authors", "name": draft.name, "born": draft.born,
                "died": draft.died, "about": draft.about, "errors": errors.isEmpty ? nil : errors,
            ],
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    /// What an author's row and page show.
    private static func values(_ author: BSONDocument) -> [String: Any] {
        var values: [String: Any] = [
            "id": author["_id"]?.objectID?.description ?? "", "name": author["name"]?.string ?? "",
        ]
        let born = BooksController.year(author["born"])
        let died = BooksController.year(author["died"])
        switch (born.isEmpty, died.isEmpty) {
        case (false, false): values["life"] = "\(born) – \(died)"
        case (false, true): values["life"] = "born \(born)"
        case (true, false): values["life"] = "died \(died)"
        case (true, true): break
        }
        return values
    }
}
