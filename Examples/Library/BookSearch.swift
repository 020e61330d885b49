internal import HummingbirdMongo

/// What the list of books is to show, read from the address's query.
struct BookSearch: Sendable {
    /// The books on a page.
    static let pageSize = 24

    let text: String
    let from: String
    let to: String
    let order: String

    /// Reads `q`, `from`, `to` and `sort`; what is no number counts as not given.
    init(query: String?) {
        let fields = FormFields(encoded: query ?? "")
        text = String(fields.line("q").prefix(100))
        from = Int(fields.line("from")).map(String.init) ?? ""
        to = Int(fields.line("to")).map(String.init) ?? ""
        order = Self.orders.contains { $0.name == fields.line("sort") } ? fields.line("sort") : "title"
    }

    /// The orders to choose from.
    static let orders: [(name: String, label: String)] = [
        ("title", "Title"), ("year", "Oldest first"), ("-year", "Newest first"),
    ]

    /// Whether anything is left out.
    var isNarrowed: Bool { !text.isEmpty || !from.isEmpty || !to.isEmpty }

    /// The books meant: the text stands in the title, in the author's name or in the publisher's, and the year is in the
    /// range.
    func books(on shelf: Shelf) async throws -> DocumentQuery<Book> {
        var found = shelf.books.find()
        if !text.isEmpty {
            let authors = try await shelf.authors.find { $0.name.contains(text, ignoringCase: true) }.all()
            found = found.filter {
                $0.title.contains(text, ignoringCase: true) || $0.author.isIn(authors.map { Ref($0) })
                    || $0.publisher.name.contains(text, ignoringCase: true)
            }
        }
        if let from = Int(from) { found = found.filter { $0.year >= from } }
        if let to = Int(to) { found = found.filter { $0.year <= to } }
        return switch order {
        case "year": found.sort(\.year).sort(\.title)
        case "-year": found.sort(\.year, .descending).sort(\.title)
        default: found.sort(\.title).sort(\.id)
        }
    }
}
