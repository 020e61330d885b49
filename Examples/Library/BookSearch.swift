internal import HummingbirdMongo

/// What the list of books is to show, read from the address's query.
struct BookSearch: Sendable {
    /// The books on a page.
    static let pageSize = 24

    let text: String
    let from: String
    let to: String
    let order: String
    let page: Int

    /// Reads `q`, `from`, `to`, `sort` and `page`; what is no number counts as not given.
    init(query: String?) {
        let fields = FormFields(encoded: query ?? "")
        text = String(fields.line("q").prefix(100))
        from = Int(fields.line("from")).map(String.init) ?? ""
        to = Int(fields.line("to")).map(String.init) ?? ""
        order = Self.orders.contains { $0.name == fields.line("sort") } ? fields.line("sort") : "title"
        page = min(max(Int(fields.line("page")) ?? 1, 1), 100_000)
    }

    /// The orders to choose from.
    static let orders: [(name: String, label: String, keys: BSONDocument)] = [
        ("title", "Title", ["title": 1, "_id": 1]),
        ("year", "Oldest first", ["year": 1, "title": 1]),
        ("-year", "Newest first", ["year": -1, "title": 1]),
    ]

    /// How to sort.
    var sort: BSONDocument { Self.orders.first { $0.name == order }?.keys ?? ["title": 1] }

    /// Whether anything is left out.
    var isNarrowed: Bool { !text.isEmpty || !from.isEmpty || !to.isEmpty }

    /// The filter: the text stands in the title or in the author's name, and the year is in the range.
    func filter(in shelf: Shelf) async throws -> BSONDocument {
        var filter = BSONDocument()
        if !text.isEmpty {
            let pattern = BSONValue.regularExpression(.init(pattern: Self.escape(text), options: "i"))
            var ids: [BSONValue] = []
            for try await author in shelf.authors.find(["name": pattern]).projection(["_id": 1]) {
                if let id = author["_id"] { ids.append(id) }
            }
            let byTitle: BSONValue = ["title": pattern]
            let byAuthor: BSONValue = ["author": ["$in": .array(BSONArray(ids))]]
            filter["$or"] = [byTitle, byAuthor]
        }
        var years = BSONDocument()
        years["$gte"] = Int(from).map { .int($0) }
        years["$lte"] = Int(to).map { .int($0) }
        if !years.isEmpty { filter["year"] = .document(years) }
        return filter
    }

    /// A pattern that matches a text literally.
    static func escape(_ text: String) -> String {
        var pattern = ""
        for scalar in text.unicodeScalars {
            if "\\^$.|?*+()[]{}-#/".unicodeScalars.contains(scalar) { pattern.append("\\") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern
    }

    /// The address of another page of the same search.
    func address(ofPage page: Int) -> String {
        let fields = [("q", text), ("from", from), ("to", to), ("sort", order == "title" ? "" : order)]
        let kept = fields.filter { !$0.1.isEmpty } + (page > 1 ? [("page", String(page))] : [])
        return "/books" + (kept.isEmpty ? "" : "?")
            + kept.map { "\($0.0)=\(FormFields.encode($0.1))" }.joined(separator: "&")
    }
}
