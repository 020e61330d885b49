internal import ExampleSupport
internal import Foundation
internal import HummingbirdMongo

/// The books that stand on a new shelf, so that the first page is not an empty one.
enum Seed {
    /// Loads authors and books from `Seed/*.json`, unless there are some already.
    static func plant(in shelf: Shelf) async throws {
        let hasBooks = try await shelf.books.find().exists()
        let hasAuthors = try await shelf.authors.find().exists()
        guard !hasBooks, !hasAuthors else { return }
        let authors = try load([Person].self, "authors").map {
            Author(name: $0.name, born: $0.born, died: $0.died, about: $0.about)
        }
        try await shelf.authors.insert(authors)
        let references = Dictionary(authors.map { ($0.name, Ref($0)) }) { first, _ in first }
        var books: [Book] = []
        for entry in try load([Entry].self, "books") {
            guard let author = references[entry.author] else { continue }
            var book = Book(
                title: entry.title, author: author, year: entry.year, description: entry.description,
                publisher: entry.publisher)
            let cover = CoverImage(svg: drawing(entry.title, entry.author, colour: entry.colour))
            book.cover = try await shelf.saveCover(cover, title: entry.title)
            books.append(book)
        }
        try await shelf.books.insert(books)
    }

    /// An author as the file has them: without an id.
    @Embedded
    struct Person {
        var name: String
        var born: Int?
        var died: Int?
        var about: String
    }

    /// A book as the file has it: with the author's name, and the colour of a cover to draw.
    @Embedded
    struct Entry {
        var title: String
        var author: String
        var year: Int
        var colour: String
        var description: String
        var publisher: Publisher?
    }

    private static func load<Value: FieldValue>(_ type: [Value].Type, _ name: String) throws -> [Value] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Resources.path("Seed/\(name).json")))
        return try [Value](bsonValue: BSONValue(json: data))
    }

    /// A cover of nothing but type, a frame and a colour.
    static func drawing(_ title: String, _ author: String, colour: String) -> String {
        let lines = wrap(title)
        // The widest line stays clear of the frame, and all lines of the ornaments above and below them, with those 8 units
        // between lines; a letter is some two thirds as wide as it is high.
        let widest = max(lines.map(\.count).max() ?? 1, 1)
        let size = min(36, 285 / widest, 200 / max(lines.count, 1) - 8)
        // Half-way between the ornaments; a letter's middle is a third of its height above its base line.
        let top = 226 + size / 3 - (lines.count - 1) * (size + 8) / 2
        let text = lines.enumerated().map { index, line in
            "<text x=\"153\" y=\"\(top + index * (size + 8))\" font-size=\"\(size)\">\(EscapedHTML.escape(line))</text>"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="300" height="450" viewBox="0 0 300 450">
            <rect width="300" height="450" fill="\(EscapedHTML.escape(colour))"/>
            <path d="M0 0h14v450H0z" fill="#000" opacity=".18"/>
            <path d="M32 26h242v398H32z" fill="none" stroke="#f6e7c8" stroke-width="2" opacity=".75"/>
            <path d="M40 34h226v382H40z" fill="none" stroke="#f6e7c8" opacity=".45"/>
            <path d="m153 82 9 14-9 14-9-14zm0 260 9 14-9 14-9-14z" fill="#f6e7c8" opacity=".8"/>
            <g fill="#fdf3dd" text-anchor="middle" font-family="Palatino, Georgia, 'DejaVu Serif', serif">
            \(text.joined(separator: "\n"))
            <text x="153" y="396" font-size="15" letter-spacing="1" opacity=".9">\(EscapedHTML.escape(author))</text>
            </g>
            </svg>
            """
    }

    /// Words on lines of at most some twelve letters.
    private static func wrap(_ title: String) -> [String] {
        var lines: [String] = []
        for word in title.split(separator: " ") {
            if let last = lines.last, last.count + word.count < 12 {
                lines[lines.index(before: lines.endIndex)] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
