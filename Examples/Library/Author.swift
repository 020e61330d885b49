internal import Hummingbird
internal import HummingbirdMongo

/// Somebody whose books are here.
@Document("authors")
struct Author: ResponseGenerator {
    var id = ObjectID()
    @Field(.unique, .notEmpty, .length(...120)) var name: String
    @Field(.range(-3000...2100)) var born: Int?
    @Field(.range(-3000...2100)) var died: Int?
    @Field(.length(...4000)) var about: String = ""

    /// When they lived, as far as that is known.
    var life: String? {
        switch (born, died) {
        case (let born?, let died?): "\(Year.text(born)) – \(Year.text(died))"
        case (let born?, nil): "born \(Year.text(born))"
        case (nil, let died?): "died \(Year.text(died))"
        case (nil, nil): nil
        }
    }
}

/// Years as people write them.
enum Year {
    /// The years that make sense here: the oldest known texts are some 5,000 years old.
    static let known = -3000...2100

    /// A year; those before our era are stored as negative numbers.
    static func text(_ year: Int) -> String { year < 0 ? "\(year.magnitude) BC" : String(year) }
}
