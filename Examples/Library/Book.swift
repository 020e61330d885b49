internal import Hummingbird
internal import HummingbirdMongo

/// A book: it refers to its author, and has its publisher within.
@Document("books")
struct Book: ResponseGenerator {
    var id = ObjectID()
    @Field(.notEmpty, .length(...200)) var title: String
    var author: Ref<Author>
    @Field(.range(-3000...2100)) var year: Int
    @Field(.length(...4000)) var description: String = ""
    var publisher: Publisher?
    /// The file in GridFS.
    var cover: ObjectID?

    /// One book of each title and author, and an author's books by their years.
    static var additionalIndexes: [DocumentIndex] {
        [DocumentIndex(["title": 1, "author": 1], unique: true), DocumentIndex(["author": 1, "year": 1])]
    }
}

/// Who brought out the edition that stands here.
@Embedded
struct Publisher {
    @Field(.notEmpty, .length(...120)) var name: String
    @Field(.length(...120)) var city: String?

    /// The name, and the city where it is known.
    var text: String { city.map { "\(name), \($0)" } ?? name }
}
