internal import HummingbirdMongo

/// What is wrong with the fields of a form, by field.
typealias FieldErrors = [String: String]

/// A book as somebody typed it, kept as text so that the form can show it again.
struct BookDraft: Sendable {
    var title = ""
    var author = ""
    var year = ""
    var description = ""
    var publisher = ""
    var city = ""
    /// What was found while reading it.
    var errors: FieldErrors = [:]

    /// An empty form.
    init() {}

    /// Takes a browser's form.
    init(_ fields: FormFields) {
        title = fields.line("title")
        author = fields.line("author")
        year = fields.line("year")
        description = fields.text("description")
        publisher = fields.line("publisher")
        city = fields.line("city")
    }

    /// Takes a stored book.
    init(_ book: Book, authorName: String?) {
        title = book.title
        author = authorName ?? ""
        year = String(book.year)
        description = book.description
        publisher = book.publisher?.name ?? ""
        city = book.publisher?.city ?? ""
    }

    /// Takes the fields that a JSON object has and leaves the others as they are.
    mutating func merge(_ json: BSONDocument) {
        for (key, value) in json {
            switch key {
            case "title": set(\.title, key, value)
            case "author": set(\.author, key, value)
            case "description": set(\.description, key, value)
            case "year":
                if let number = value.int {
                    year = String(number)
                } else {
                    errors[key] = "The year must be a whole number."
                }
            case "publisher": set(publisher: value)
            // What a client got it may send back.
            case "_id", "cover": break
            default: errors[key] = "A book has no such field."
            }
        }
    }

    private mutating func set(_ field: WritableKeyPath<Self, String>, _ key: String, _ value: BSONValue) {
        if let text = value.string {
            self[keyPath: field] = FormFields.trim(text)
        } else if let id = value.objectID {
            self[keyPath: field] = id.description
        } else {
            errors[key] = "This must be text."
        }
    }

    /// Takes `{"name": …, "city": …}`, or null for none.
    private mutating func set(publisher value: BSONValue) {
        let given = value.isNull ? BSONDocument() : value.document
        guard let given, given.keys.allSatisfy(["name", "city"].contains) else {
            errors["publisher"] = "A publisher is null, or an object with name and city."
            return
        }
        (publisher, city) = ("", "")
        if let name = given["name"] { set(\.publisher, "publisher", name) }
        if let city = given["city"], !city.isNull { set(\.city, "city", city) }
    }

    /// What keeps this from being a book; empty for a good one.
    func validate() -> FieldErrors {
        var found = errors
        func check(_ field: String, _ message: @autoclosure () -> String, unless isGood: Bool) {
            if !isGood, found[field] == nil { found[field] = message() }
        }
        check("title", "Please give the title.", unless: !title.isEmpty)
        check("title", "A title has at most 200 characters.", unless: title.count <= 200)
        check("author", "Please name the author.", unless: !author.isEmpty)
        check("author", "A name has at most 120 characters.", unless: author.count <= 120)
        check("year", "Please give the year.", unless: !year.isEmpty)
        check(
            "year", "The year is a whole number from \(Year.known.lowerBound) to \(Year.known.upperBound).",
            unless: Int(year).map(Year.known.contains) ?? false)
        check("description", "A description has at most 4,000 characters.", unless: description.count <= 4000)
        check("publisher", "Please name the publisher, too.", unless: city.isEmpty || !publisher.isEmpty)
        check("publisher", "A name has at most 120 characters.", unless: publisher.count <= 120)
        check("city", "A name has at most 120 characters.", unless: city.count <= 120)
        return found
    }

    /// The publisher that a valid draft names.
    private var imprint: Publisher? {
        publisher.isEmpty ? nil : Publisher(name: publisher, city: city.isEmpty ? nil : city)
    }

    /// The new book that a valid draft describes.
    func book(by author: Ref<Author>) -> Book {
        Book(title: title, author: author, year: Int(year) ?? 0, description: description, publisher: imprint)
    }

    /// What a valid draft changes in a book that is there. It leaves the cover alone.
    @UpdateBuilder<Book>
    func changes(_ fields: Book.Fields, author: Ref<Author>) -> Update<Book> {
        fields.title.set(title)
        fields.author.set(author)
        fields.year.set(Int(year) ?? 0)
        fields.description.set(description)
        if let imprint { fields.publisher.set(imprint) } else { fields.publisher.unset() }
    }
}
