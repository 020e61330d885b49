internal import BSON
internal import MongoProtocol

/// The arguments that every command takes: `maxTimeMS`, `readConcern` and `writeConcern`.
enum GenericArguments {
    private static let readConcernLevels: Set<String> = [
        "local", "available", "majority", "linearizable", "snapshot",
    ]

    /// - Throws: ``MongoError`` `BadValue` (2), `FailedToParse` (9) or `TypeMismatch` (14) for one that is malformed.
    static func check(_ invocation: Invocation) throws {
        if let limit = invocation.body["maxTimeMS"], !limit.isNull { try check(maxTimeMS: limit) }
        if let level = try invocation.document("readConcern")?["level"] {
            guard let name = level.string else {
                throw MongoError(
                    .typeMismatch,
                    "BSON field 'readConcern.level' is the wrong type '\(level.type.alias)', expected type 'string'")
            }
            guard readConcernLevels.contains(name) else {
                throw MongoError(
                    .badValue, "Enumeration value '\(name)' for field 'readConcern.level' is not a valid value.")
            }
        }
        guard let members = try invocation.document("writeConcern")?["w"], members.isNumber else { return }
        guard let count = members.int, (0...50).contains(count) else {
            throw MongoError(
                .failedToParse,
                "w has to be a non-negative number and not greater than 50; found: \(members.shellText)")
        }
    }

    private static func check(maxTimeMS limit: BSONValue) throws {
        guard limit.isNumber else { throw MongoError(.badValue, "maxTimeMS must be a number") }
        guard let milliseconds = limit.int64 else { throw MongoError(.badValue, "maxTimeMS has non-integral value") }
        guard (0...Int64(Int32.max)).contains(milliseconds) else {
            throw MongoError(
                .badValue, "\(milliseconds) value for maxTimeMS is out of range [0, \(Int32.max)]")
        }
    }

    /// What a write tells beside its result where it asks for more members than the one there is: the write is done,
    /// and its concern cannot be met.
    static func unmetConcern(_ invocation: Invocation) -> BSONDocument? {
        switch invocation.body["writeConcern"]?.document?["w"] {
        case .string(let mode)? where mode != "majority":
            concern(
                79, "UnknownReplWriteConcern",
                "No write concern mode named '\(mode)' found in replica set configuration")
        case let members? where (members.int ?? 0) > 1:
            concern(100, "UnsatisfiableWriteConcern", "Not enough data-bearing nodes")
        default: nil
        }
    }

    private static func concern(_ code: Int32, _ name: String, _ message: String) -> BSONDocument {
        ["code": .int32(code), "codeName": .string(name), "errmsg": .string(message)]
    }
}
