import Foundation
import MongoDocuments

@Embedded
struct Publisher {
    var name: String
    var city: String
}

/// A document of 24 fields, some 500 bytes of BSON.
@Document("books")
struct Book {
    var id = ObjectID()
    var author: ObjectID
    var title: String
    var subtitle: String
    var language: String
    var isbn: String
    var cover: String
    var summary: String
    var format: String
    var year: Int
    var pages: Int
    var views: Int
    var copies: Int
    var edition: Int
    var shelf: Int
    var rating: Double
    var price: Double
    var weight: Double
    var created: BSONDate
    var changed: BSONDate
    var available: Bool
    var inPrint: Bool
    var tags: [String]
    var publisher: Publisher

    /// The id of a book, the same in every peer.
    static func id(_ number: Int) -> ObjectID {
        // A shift by more bits than there are gives 0.
        ObjectID(bytes: (0..<12).map { UInt8(truncatingIfNeeded: number >> (8 * (11 - $0))) }) ?? ObjectID()
    }

    static func sample(_ number: Int) -> Book {
        Book(
            id: id(number), author: id(number / 10), title: "The book with a number",
            subtitle: "A subtitle of some length", language: "en", isbn: "978-3-16-148410-0",
            cover: "https://example.org/covers/1.jpg",
            summary: "A summary that is a little longer than the other strings are", format: "paperback",
            year: 1000 + number, pages: 1001 + number, views: 1002 + number, copies: 1003 + number,
            edition: 1004 + number, shelf: 1005 + number, rating: 4.5, price: 5.5, weight: 6.5,
            created: BSONDate(millisecondsSince1970: 1_700_000_000_000),
            changed: BSONDate(millisecondsSince1970: 1_700_000_000_001), available: true, inPrint: false,
            tags: ["swift", "mongodb", "sqlite"], publisher: Publisher(name: "A publishing house", city: "Prague"))
    }
}
