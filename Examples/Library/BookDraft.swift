internal import HummingbirdMongo

/// What is wrong with the fields of a form, by field.
typealias FieldErrors = [String: String]

/// A book as somebody typed it, kept as text so that the form can show it again.
struct BookDraft: Sendable {
    var title = ""
    var author = ""
    var year = ""
    var description = ""
    /// What was found while reading it.
    var errors: FieldErrors = [:]

    /// The years a book can be of: the oldest known texts are some 5,000 years old.
    static let years = -3000...2100

    /// An empty form.
    init() {}

    /// Takes a browser's form.
    init(_ fields: FormFields) {
        title = fields.line("title")
        author = fields.line("author")
        year = fields.line("year")
        description = fields.text("description")
    }

    /// Takes a stored book.
    init(_ book: BSONDocument, authorName: String?) {
        title = book["title"]?.string ?? ""
        author = authorName ?? ""
        year = book["year"]?.int.map(String.init) ?? ""
        description = book["description"]?.string ?? ""
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
            "year", "The year is a whole number from \(Self.years.lowerBound) to \(Self.years.upperBound).",
            unless: Int(year).map(Self.years.contains) ?? false)
        check("description", "A description has at most 4,000 characters.", unless: description.count <= 4000)
        return found
    }

    /// The fields to store of a draft that is valid.
    func fields(author: ObjectID) -> BSONDocument {
        [
            "title": .string(title), "author": .objectID(author), "year": .int(Int(year) ?? 0),
            "description": .string(description),
        ]
    }
}
