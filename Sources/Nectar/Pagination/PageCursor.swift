internal import BSON
internal import Crypto
internal import Foundation
internal import MongoProtocol

/// A place in the order of a query, as text that only the holder of the key can make.
struct PageCursor {
    /// The values of the order's fields at the place.
    var values: [BSONValue]
    /// Whether the page stands before the place; else it begins behind it.
    var isBackward: Bool
    /// Whether a document at the place itself is part of the page.
    var isInclusive = false

    /// The longest text that is looked at.
    private static let maximumLength = 16 << 10

    /// Writes the cursor as text that a URL can hold as it is.
    /// - Parameter context: What it is for: a cursor for one query is none for another.
    func text(for context: BSONDocument, key: CursorKey) -> String {
        let place: BSONDocument = ["b": .bool(isBackward), "i": .bool(isInclusive), "v": .array(BSONArray(values))]
        var code = HMAC<SHA256>(key: key.key)
        Self.feed(place, context, to: &code)
        let text = Base64.encode(Array(code.finalize()) + place.bytes)
        return String(
            text.compactMap { (character: Character) -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// Reads a cursor.
    /// - Throws: ``MongoError`` of kind `notFound` for text that is none of this query's.
    init(_ text: String, for context: BSONDocument, key: CursorKey) throws {
        let unusable = MongoError(.notFound, "The cursor is none of this list's")
        guard text.utf8.count <= Self.maximumLength, !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else {
            throw unusable
        }
        let digits = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        let padded = digits + String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        guard let bytes = Base64.decode(padded), bytes.count > SHA256.byteCount,
            let place = try? BSONDocument(bytes: bytes[SHA256.byteCount...])
        else { throw unusable }
        var code = HMAC<SHA256>(key: key.key)
        Self.feed(place, context, to: &code)
        let expected = Array(code.finalize())
        // All bytes are looked at, however early two differ.
        let difference = zip(expected, bytes).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) }
        guard difference == 0, let values = place["v"]?.array, let isBackward = place["b"]?.bool,
            let isInclusive = place["i"]?.bool
        else { throw unusable }
        self.init(values: Array(values), isBackward: isBackward, isInclusive: isInclusive)
    }

    init(values: [BSONValue], isBackward: Bool, isInclusive: Bool = false) {
        (self.values, self.isBackward, self.isInclusive) = (values, isBackward, isInclusive)
    }

    /// Both are documents, which begin with their lengths: no two pairs give the same bytes.
    private static func feed(_ place: BSONDocument, _ context: BSONDocument, to code: inout HMAC<SHA256>) {
        code.update(data: context.bytes)
        code.update(data: place.bytes)
    }
}
