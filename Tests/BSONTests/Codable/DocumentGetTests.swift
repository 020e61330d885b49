import BSON
import Foundation
import Testing

@Suite("Typed access by paths")
struct DocumentGetTests {
    static let document: BSONDocument = [
        "title": "R.U.R.",
        "publisher": [
            "city": "Prague", "years": [1920, 1921.5], "founded": .date(BSONDate(millisecondsSince1970: 1000)),
        ],
        "none": .null,
    ]

    @Test("gives values as the type asked for")
    func values() throws {
        let document = Self.document
        #expect(try document.get("publisher.city", as: String.self) == "Prague")
        #expect(try document.get("publisher.years.0") == 1920)
        #expect(try document.get("publisher.years", as: [Double].self) == [1920, 1921.5])
        #expect(try document.get("publisher.founded") == Date(timeIntervalSince1970: 1))
        #expect(try document.get("publisher.years", as: BSONArray.self).count == 2)
        #expect(try document.get("publisher", as: BSONDocument.self)["city"] == "Prague")
        #expect(try document.get("title", as: String?.self) == "R.U.R.")
    }

    @Test("gives nil for what is missing or null where the type is optional")
    func optionals() throws {
        let document = Self.document
        for path in ["none", "missing", "publisher.missing", "publisher.years.9", "title.x", "none.x"] {
            #expect(try document.get(path, as: Int?.self) == nil)
        }
    }

    static let faults: [(String, CodingErrorTests.Report)] = [
        ("title", .init("type", "title", "title: expected a number, found a string at byte 11")),
        ("none", .init("null", "none", "none: expected a number, found null at byte 108")),
        (
            "publisher.years.1",
            .init("data", "publisher.years.1", "publisher.years.1: the double 1921.5 does not fit into Int at byte 75")
        ),
        ("publisher.x", .init("key", "publisher", "publisher.x: missing in the document at byte 33")),
        ("title.x", .init("type", "title", "title: expected an object with x, found a string at byte 11")),
        ("", .init("key", "", ": missing in the document at byte 0")),
    ]

    @Test("says what is wrong and where", arguments: faults.indices)
    func errors(index: Int) {
        let (path, report) = Self.faults[index]
        let error = #expect(throws: DecodingError.self) { try Self.document.get(path, as: Int.self) }
        #expect(error.map { CodingErrorTests.Report($0) } == report)
    }

    @Test("reads as the decoder says")
    func decoder() throws {
        var decoder = BSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let document: BSONDocument = ["at": "1970-01-01T00:00:01Z"]
        #expect(try document.get("at", decoder: decoder) == Date(timeIntervalSince1970: 1))
    }
}
