internal import BSON
internal import MongoProtocol

/// One statement of an `update`, its fields checked before any of the command's writes is made.
struct UpdateStatement: Sendable {
    let query: BSONDocument
    let change: BSONValue
    let isMulti: Bool
    let isUpsert: Bool
    let arrayFilters: [BSONDocument]
    let sort: BSONDocument
    let hint: BSONValue?

    private static let fields: Set<String> = [
        "q", "u", "c", "multi", "upsert", "upsertSupplied", "hint", "collation", "arrayFilters", "sort", "sampleId",
    ]

    /// - Throws: MongoDB's errors for what is missing, unknown or of another type.
    init(_ statement: BSONDocument, _ invocation: Invocation) throws {
        if let unknown = statement.keys.first(where: { !Self.fields.contains($0) }) {
            throw MongoError(
                ServerErrorCode(40415), "BSON field 'update.updates.\(unknown)' is an unknown field.")
        }
        func required(_ field: String) throws -> BSONValue {
            if let value = statement[field] { return value }
            throw MongoError(.missingField, "BSON field 'update.updates.\(field)' is missing but a required field")
        }
        func document(_ field: String, _ value: BSONValue) throws -> BSONDocument {
            guard let document = value.document else {
                throw invocation.wrongType("updates.\(field)", value, "object")
            }
            return document
        }
        func flag(_ field: String) throws -> Bool {
            guard let value = statement[field] else { return false }
            guard value.isNumber || value.bool != nil else {
                throw invocation.wrongType("updates.\(field)", value, "bool")
            }
            return value.isTruthy
        }
        query = try document("q", try required("q"))
        change = try required("u")
        isMulti = try flag("multi")
        isUpsert = try flag("upsert")
        sort = try statement["sort"].map { try document("sort", $0) } ?? [:]
        hint = statement["hint"]
        arrayFilters = try Self.arrayFilters(statement["arrayFilters"], "updates.arrayFilters", invocation)
        if isMulti, !sort.isEmpty {
            throw MongoError(.failedToParse, "Cannot specify sort with multi=true")
        }
        try WriteCommands.checkStatement(statement)
    }

    /// Reads array filters, which stand in `field`.
    static func arrayFilters(
        _ value: BSONValue?, _ field: String, _ invocation: Invocation
    ) throws -> [BSONDocument] {
        guard let value else { return [] }
        guard let filters = value.array else { throw invocation.wrongType(field, value, "array") }
        return try filters.enumerated().map { index, filter in
            guard let document = filter.document else {
                throw invocation.wrongType("\(field).\(index)", filter, "object")
            }
            return document
        }
    }
}
