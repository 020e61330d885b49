internal import BSON
internal import MongoProtocol

/// The operators of filters: one row each (MongoDB's manual, "Query Predicates").
enum QueryOperators {
    /// Reads an operator at a path; nil where it only serves another (`$options`).
    typealias FieldParser = @Sendable (OperatorUse) throws -> FieldPredicate?
    /// Reads an operator of the top level; nil where it asks for nothing (`$comment`).
    typealias DocumentParser = @Sendable (String, BSONValue, FilterParser) throws -> FilterNode?

    /// The operators at a path, as in `{path: {$gt: 5}}`.
    static let ofFields: [String: FieldParser] = [
        "$eq": { try comparison(.equal, "$eq", $0.argument) },
        "$lt": { try comparison(.less, "$lt", $0.argument) },
        "$lte": { try comparison(.lessOrEqual, "$lte", $0.argument) },
        "$gt": { try comparison(.greater, "$gt", $0.argument) },
        "$gte": { try comparison(.greaterOrEqual, "$gte", $0.argument) },
        "$ne": notEqual,
        "$in": isIn,
        "$nin": isNotIn,
        "$not": not,
        "$exists": exists,
        "$type": type,
        "$all": all,
        "$elemMatch": elemMatch,
        "$size": size,
        "$regex": regex,
        "$options": options,
        "$mod": mod,
        "$bitsAllSet": bits { value, mask in value & mask == mask },
        "$bitsAnySet": bits { value, mask in value & mask != 0 },
        "$bitsAllClear": bits { value, mask in value & mask == 0 },
        "$bitsAnyClear": bits { value, mask in value & mask != mask },
        "$comment": { _ in nil },
        "$near": notSupported,
        "$nearSphere": notSupported,
        "$geoNear": notSupported,
        "$geoWithin": notSupported,
        "$within": notSupported,
        "$geoIntersects": notSupported,
        "$expr": { _ in throw MongoError(.badValue, "$expr can only be applied to the top-level document") },
    ]

    /// The operators of a whole document, as in `{$or: [{…}, {…}]}`.
    static let ofDocuments: [String: DocumentParser] = [
        "$and": { .and(try filters($0, $1, $2)) },
        "$or": { .or(try filters($0, $1, $2)) },
        "$nor": { .nor(try filters($0, $1, $2)) },
        "$expr": expression,
        "$comment": { _, _, _ in nil },
        "$alwaysTrue": { name, value, _ in try constant(name, value, true) },
        "$alwaysFalse": { name, value, _ in try constant(name, value, false) },
        "$jsonSchema": notSupported,
        "$text": notSupported,
        "$where": notSupported,
        "$sampleRate": notSupported,
    ]

    private static func filters(
        _ name: String, _ argument: BSONValue, _ parser: FilterParser
    ) throws -> [FilterNode] {
        guard let array = argument.array else { throw MongoError(.badValue, "\(name) must be an array") }
        if array.isEmpty { throw MongoError(.badValue, "$and/$or/$nor must be a nonempty array") }
        return try array.map { entry in
            guard let document = entry.document else {
                throw MongoError(.badValue, "$or/$and/$nor entries need to be full objects")
            }
            return try parser.parse(document)
        }
    }

    private static func expression(
        _ name: String, _ argument: BSONValue, _ parser: FilterParser
    ) throws -> FilterNode {
        guard parser.isTopLevel else {
            throw MongoError(.badValue, "$expr can only be applied to the top-level document")
        }
        let compiled = try Expression.compile(argument, variables: parser.variables)
        let implied = parser.values.map { ImpliedEquality.all(in: argument, $0) } ?? []
        return .expression(argument, implies: implied) { document, variables in
            let root = BSONDocument(document, owner: nil)
            return try compiled.evaluate(root, variables)?.isTruthy ?? false
        }
    }

    private static func constant(_ name: String, _ argument: BSONValue, _ answer: Bool) throws -> FilterNode {
        guard argument.int64 == 1 else {
            throw MongoError(.failedToParse, "\(name) must be an integer value of 1")
        }
        return .other(name: name, argument: argument) { _, _ in answer }
    }

    private static func notSupported(
        _ name: String, _ argument: BSONValue, _ parser: FilterParser
    ) throws -> FilterNode? {
        throw MongoError(.badValue, "\(name) is not supported yet")
    }

    private static func notSupported(_ use: OperatorUse) throws -> FieldPredicate? {
        throw MongoError(.badValue, "\(use.name) is not supported yet")
    }
}
