import BSON
import Foundation
import MongoDocuments
import MongoProtocol
import Testing

@Embedded
private struct Place: Equatable {
    var city: String
    var code: [Int]
}

/// Every field has to be there, so that a name with a wrong byte is missed.
@Document("checked")
private struct Checked: Equatable {
    var id = ObjectID()
    var title: String
    var subtitle: String
    var tags: [String]
    var place: Place
    var places: [Place]
    var prices: [String: Int]
    var flag: Bool
    var rate: Double
    var data: Data
    var raw: BSONDocument
    var value: BSONValue
    var pattern: BSONRegularExpression
}

/// What comes from a server is checked in the pass in which its fields are read; nothing wrong may get through.
@Suite("Reading what nobody has checked")
struct UncheckedReadingTests {
    private static let sample = Checked(
        id: ObjectID(bytes: [UInt8](repeating: 1, count: 12)) ?? ObjectID(), title: "Ž",
        subtitle: "A subtitle that is longer than fifteen bytes", tags: ["a", "a tag with many letters é"],
        place: Place(city: "Prague", code: [1, 2]), places: [Place(city: "Brno", code: [])], prices: ["é": 5],
        flag: true, rate: 4.5, data: Data([1, 2, 3]), raw: ["a": ["b": "text"], "c": [1, "é"]],
        value: ["x": "in a value"], pattern: BSONRegularExpression(pattern: "a.b", options: "i"))

    private func unchecked(_ bytes: [UInt8]) -> BSONDocument {
        BSONDocument(adopting: bytes.withUnsafeBytes { BSONBuffer(copying: $0) })
    }

    @Test("A sound document is read as after a check")
    func sound() throws {
        let document = unchecked(BSONDocument(encoding: Self.sample).bytes)
        #expect(try Checked(_checking: document) == Self.sample)
        let all = AllTypes.sample()
        #expect(try AllTypes(_checking: BSONDocument(encoding: all)) == all)
    }

    @Test("Whatever byte is changed, nothing is read that a check refuses, and all else as after a check")
    func changedBytes() {
        let bytes = BSONDocument(encoding: Self.sample).bytes
        var counts = (refused: 0, read: 0)
        // The first four bytes are the length of the whole, which whoever cuts documents out of a batch has looked at.
        for place in 4..<(bytes.count - 1) {
            for change: UInt8 in [0x00, 0x01, 0x02, 0x03, 0x05, 0x7F, 0x80, 0xC3, 0xFF] where bytes[place] != change {
                var changed = bytes
                changed[place] = change
                let read = try? Checked(_checking: unchecked(changed))
                let isValid = (try? BSONDocument(bytes: changed)) != nil
                if isValid {
                    let expected = try? Checked(decoding: unchecked(changed))
                    #expect(same(read, expected), "byte \(place) as \(change)")
                } else {
                    #expect(read == nil, "byte \(place) as \(change)")
                }
                if read == nil { counts.refused += 1 } else { counts.read += 1 }
            }
        }
        #expect(counts.refused > 500 && counts.read > 500)
    }

    /// Whether two are the same by their bytes: a number may have become none.
    private func same(_ a: Checked?, _ b: Checked?) -> Bool {
        a.map { BSONDocument(encoding: $0) } == b.map { BSONDocument(encoding: $0) }
    }

    @Test("What is no BSON is told from what is no document of the type")
    func errors() throws {
        var bytes = BSONDocument(encoding: Self.sample).bytes
        let place = try #require(bytes.firstIndex(of: 0xC5))  // of "Ž"
        bytes[place] = 0xFF
        #expect { try Checked(_checking: unchecked(bytes)) } throws: { error in
            (error as? MongoError)?.kind == .corruptData
        }
        #expect(throws: DocumentError.self) { try Checked(_checking: ["_id": 1]) }
        // Fields of a later version of the type are passed over, and so is what they hold.
        let later = BSONDocument(
            fields: BSONDocument(encoding: Self.sample).map { ($0.key, $0.value) } + [("new", "é")])
        #expect(try Checked(_checking: later) == Self.sample)
    }
}
