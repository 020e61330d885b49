internal import BSON
internal import MongoProtocol

/// A `sort`, which makes of each document bytes whose `memcmp` order is the order asked for.
///
/// The keys are those of an index on the same fields, and of several the one that comes first counts: the least
/// element of an array for an ascending part, the greatest for a descending one.
struct SortPattern: Sendable {
    /// A field to sort by.
    struct Part: Sendable {
        let path: String
        let descending: Bool
    }

    /// The order of the records themselves.
    enum NaturalOrder: Sendable {
        case forward, backward
    }

    /// The fields, the most significant first; none for `$natural`.
    let parts: [Part]
    /// The direction of `{$natural: 1}`, the order of the records; nil for a sort by fields.
    let natural: NaturalOrder?
    private let generator: IndexKeyGenerator

    /// As many fields as a compound index may have.
    private static let maximumParts = 32

    /// Reads a sort such as `{a: 1, "b.c": -1}`.
    static func parse(_ document: BSONDocument) throws -> SortPattern {
        if let direction = document["$natural"] {
            guard document.keys.count == 1, let sign = direction.int, sign == 1 || sign == -1 else {
                throw MongoError(.badValue, "$natural sort cannot be set to a value other than -1 or 1.")
            }
            return SortPattern(parts: [], natural: sign < 0 ? .backward : .forward)
        }
        var parts: [Part] = []
        for (path, direction) in document {
            if direction.document?["$meta"] != nil {
                throw MongoError(.badValue, "sorting by $meta is not supported yet")
            }
            guard direction.isNumber else {
                throw MongoError(.init(15974), "Illegal key in $sort specification: \(path): \(direction)")
            }
            guard let sign = direction.int, sign == 1 || sign == -1 else {
                throw MongoError(
                    .init(15975), "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
            }
            if path.isEmpty { throw MongoError(.init(40352), "FieldPath cannot be constructed with empty string") }
            _ = try ExpressionPath(path)
            parts.append(Part(path: path, descending: sign < 0))
        }
        guard parts.count <= maximumParts else { throw MongoError(.init(13103), "too many compound keys") }
        return SortPattern(parts: parts, natural: nil)
    }

    private init(parts: [Part], natural: NaturalOrder?) {
        self.parts = parts
        self.natural = natural
        generator = IndexKeyGenerator(
            parts.map { IndexDefinition.Part(path: $0.path, descending: $0.descending) })
    }

    /// Bytes that stand in the order of the documents.
    /// - Throws: ``MongoError`` `BadValue` where two parts lead through different arrays.
    func key(of document: RawDocument) throws -> [UInt8] {
        do {
            let keys = try generator.keys(of: document).keys
            guard keys.count != 1 else { return keys[0] }
            return keys.min { $0.lexicographicallyPrecedes($1) } ?? []
        } catch let error as MongoError where error.code?.rawValue == 171 {
            throw MongoError(
                .badValue, "cannot sort with keys that are parallel arrays: "
                    + parts.map { "[\($0.path)]" }.joined(separator: " "))
        }
    }
}
