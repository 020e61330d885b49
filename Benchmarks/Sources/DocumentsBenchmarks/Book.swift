import Foundation
import MongoDocuments

@Embedded
struct Publisher: Codable, Equatable {
    var name: String
    var city: String
}

/// A document of 24 fields, some 500 bytes of BSON, as an application would have one.
@Document("books")
struct Book: Equatable {
    var id = ObjectID()
    var author: ObjectID
    var title: String
    var subtitle: String
    var language: String
    var isbn: String
    var series: String
    var cover: String
    var summary: String
    var format: String
    var year: Int
    var pages: Int
    var views: Int
    var copies: Int
    var edition: Int
    var rating: Double
    var price: Double
    var weight: Double
    var created: BSONDate
    var changed: BSONDate
    var available: Bool
    var inPrint: Bool
    var tags: [String]
    var publisher: Publisher

    static let sample = Book(
        author: ObjectID(), title: "The book with a number", subtitle: "A subtitle of some length", language: "en",
        isbn: "978-3-16-148410-0", series: "A series", cover: "https://example.org/covers/1.jpg",
        summary: "A summary that is a little longer than the other strings are", format: "paperback", year: 1973,
        pages: 304, views: 150_020, copies: 12, edition: 3, rating: 4.5, price: 18.9, weight: 0.412,
        created: BSONDate(millisecondsSince1970: 1_356_351_330_501),
        changed: BSONDate(millisecondsSince1970: 1_700_000_000_001), available: true, inPrint: false,
        tags: ["swift", "mongodb", "sqlite"], publisher: Publisher(name: "A publishing house", city: "Prague"))
}

/// The same for JSON, which has no ids and no dates: text and numbers stand for them.
struct PlainBook: Codable {
    var id: String
    var author: String
    var title: String
    var subtitle: String
    var language: String
    var isbn: String
    var series: String
    var cover: String
    var summary: String
    var format: String
    var year: Int
    var pages: Int
    var views: Int
    var copies: Int
    var edition: Int
    var rating: Double
    var price: Double
    var weight: Double
    var created: Int64
    var changed: Int64
    var available: Bool
    var inPrint: Bool
    var tags: [String]
    var publisher: Publisher

    init(_ book: Book) {
        id = book.id.description
        author = book.author.description
        title = book.title
        subtitle = book.subtitle
        language = book.language
        isbn = book.isbn
        series = book.series
        cover = book.cover
        summary = book.summary
        format = book.format
        year = book.year
        pages = book.pages
        views = book.views
        copies = book.copies
        edition = book.edition
        rating = book.rating
        price = book.price
        weight = book.weight
        created = book.created.millisecondsSince1970
        changed = book.changed.millisecondsSince1970
        available = book.available
        inPrint = book.inPrint
        tags = book.tags
        publisher = book.publisher
    }
}
