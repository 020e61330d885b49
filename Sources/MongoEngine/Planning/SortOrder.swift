internal import BSON
internal import MongoProtocol

/// The order that a sort asks for: paths and directions, and the key that puts a document in its place.
struct SortOrder: Sendable {
    let parts: [IndexDefinition.Part]
    private let keys: IndexKeyGenerator

    init(_ parts: [IndexDefinition.Part]) {
        self.parts = parts
        keys = IndexKeyGenerator(parts)
    }

    /// Reads a sort; nil where it is empty.
    /// - Throws: MongoDB's errors for a sort that is none.
    static func parse(_ sort: BSONDocument) throws -> SortOrder? {
        guard !sort.isEmpty else { return nil }
        var parts: [IndexDefinition.Part] = []
        for (path, direction) in sort {
            if path.isEmpty || path.split(separator: ".", omittingEmptySubsequences: false).contains("") {
                throw MongoError(ServerErrorCode(40352), "FieldPath cannot be constructed with empty string")
            }
            if path.hasPrefix("$") {
                throw MongoError(
                    ServerErrorCode(16410),
                    "FieldPath field names may not start with '$'. Consider using $getField or $setField.")
            }
            if direction.document != nil {
                throw MongoError(
                    ServerErrorCode(17312),
                    "$meta is the only expression supported by $sort right now, and this engine has no text scores yet")
            }
            guard direction.isNumber else {
                throw MongoError(ServerErrorCode(15974), "Illegal key in $sort specification: \(path): \(direction)")
            }
            guard let sign = direction.int64, sign == 1 || sign == -1 else {
                throw MongoError(
                    ServerErrorCode(15975), "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
            }
            if parts.contains(where: { $0.path == path }) { continue }
            parts.append(IndexDefinition.Part(path: path, descending: sign < 0))
        }
        guard parts.count <= 32 else { throw MongoError(ServerErrorCode(13103), "too many compound keys") }
        return SortOrder(parts)
    }

    /// The bytes that stand for the document in the order; of an array, its least element in the direction counts.
    /// - Throws: `BadValue` where two fields of the sort are arrays.
    func key(of document: RawDocument) throws -> [UInt8] {
        do {
            let found = try keys.keys(of: document).keys
            guard var least = found.first else { return [] }
            for key in found.dropFirst() where key.lexicographicallyPrecedes(least) { least = key }
            return least
        } catch let error as MongoError where error.code?.rawValue == 171 {
            throw MongoError(.badValue, "cannot sort with keys that are parallel arrays")
        }
    }
}
