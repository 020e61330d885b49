import BSON

/// A struct of 24 fields, some 500 bytes of BSON, as an application would have one.
struct Record: Codable, Equatable {
    struct Address: Codable, Equatable {
        var street: String
        var city: String
        var country: String
    }

    var name: String
    var email: String
    var phone: String
    var company: String
    var title: String
    var biography: String
    var age: Int32
    var logins: Int32
    var followers: Int32
    var following: Int32
    var views: Int64
    var bytesStored: Int64
    var rating: Double
    var balance: Double
    var latitude: Double
    var longitude: Double
    var isActive: Bool
    var isVerified: Bool
    var createdAt: Int64
    var updatedAt: Int64
    var address: Address
    var tags: [String]
    var scores: [Double]
    var nickname: String?

    static let sample = Record(
        name: "Jaroslava Novotna", email: "jaroslava.novotna@example.org", phone: "+420 555 0147",
        company: "Novotna and Daughters", title: "Engineer", biography: "Builds bridges, reads at night and sings.",
        age: 42, logins: 1532, followers: 210, following: 87, views: 9_876_543_210, bytesStored: 123_456_789_012,
        rating: 4.75, balance: -1250.5, latitude: 50.0755, longitude: 14.4378, isActive: true, isVerified: false,
        createdAt: 1_356_351_330_501, updatedAt: 1_700_000_000_000,
        address: Address(street: "Dlouha 12", city: "Prague", country: "Czechia"), tags: ["swift", "bson"],
        scores: [0.5, 0.75], nickname: "Jarka")

    /// The record as a document, without any coder.
    var document: BSONDocument {
        [
            "name": .string(name), "email": .string(email), "phone": .string(phone), "company": .string(company),
            "title": .string(title), "biography": .string(biography), "age": .int32(age), "logins": .int32(logins),
            "followers": .int32(followers), "following": .int32(following), "views": .int64(views),
            "bytesStored": .int64(bytesStored), "rating": .double(rating), "balance": .double(balance),
            "latitude": .double(latitude), "longitude": .double(longitude), "isActive": .bool(isActive),
            "isVerified": .bool(isVerified), "createdAt": .int64(createdAt), "updatedAt": .int64(updatedAt),
            "address": [
                "street": .string(address.street), "city": .string(address.city), "country": .string(address.country),
            ],
            "tags": .array(BSONArray(tags.map { .string($0) })),
            "scores": .array(BSONArray(scores.map { .double($0) })), "nickname": nickname.map { .string($0) } ?? .null,
        ]
    }
}
