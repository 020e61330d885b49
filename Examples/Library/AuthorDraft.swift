internal import HummingbirdMongo

/// An author as somebody typed it, kept as text so that the form can show it again.
struct AuthorDraft: Sendable {
    var name = ""
    var born = ""
    var died = ""
    var about = ""
    /// What was found while reading it.
    var errors: FieldErrors = [:]

    /// An empty form.
    init() {}

    /// Takes a browser's form.
    init(_ fields: FormFields) {
        name = fields.line("name")
        born = fields.line("born")
        died = fields.line("died")
        about = fields.text("about")
    }

    /// Takes a stored author.
    init(_ author: Author) {
        name = author.name
        born = author.born.map(String.init) ?? ""
        died = author.died.map(String.init) ?? ""
        about = author.about
    }

    /// Takes the fields that a JSON object has and leaves the others as they are.
    mutating func merge(_ json: BSONDocument) {
        for (key, value) in json {
            switch key {
            case "name": set(\.name, key, value.string.map(FormFields.trim), "This must be text.")
            case "about": set(\.about, key, value.string.map(FormFields.trim), "This must be text.")
            case "born": set(\.born, key, value.isNull ? "" : value.int.map(String.init), "This must be a year.")
            case "died": set(\.died, key, value.isNull ? "" : value.int.map(String.init), "This must be a year.")
            // What a client got it may send back.
            case "_id": break
            default: errors[key] = "An author has no such field."
            }
        }
    }

    private mutating func set(
        _ field: WritableKeyPath<Self, String>, _ key: String, _ text: String?, _ message: String
    ) {
        if let text { self[keyPath: field] = text } else { errors[key] = message }
    }

    /// What keeps this from being an author; empty for a good one.
    func validate() -> FieldErrors {
        var found = errors
        func check(_ field: String, _ message: String, unless isGood: Bool) {
            if !isGood, found[field] == nil { found[field] = message }
        }
        func isYear(_ text: String) -> Bool { text.isEmpty || Int(text).map(Year.known.contains) ?? false }
        check("name", "Please give the name.", unless: !name.isEmpty)
        check("name", "A name has at most 120 characters.", unless: name.count <= 120)
        check("born", "The year is a whole number, negative before our era.", unless: isYear(born))
        check("died", "The year is a whole number, negative before our era.", unless: isYear(died))
        if let born = Int(born), let died = Int(died) {
            check("died", "Nobody dies before being born.", unless: born <= died)
        }
        check("about", "This has at most 4,000 characters.", unless: about.count <= 4000)
        return found
    }

    /// The author that a valid draft describes.
    func author(id: ObjectID) -> Author {
        Author(id: id, name: name, born: Int(born), died: Int(died), about: about)
    }
}
