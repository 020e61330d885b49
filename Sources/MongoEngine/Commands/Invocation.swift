internal import BSON
internal import MongoProtocol

/// One command being answered: its arguments, checked as they are read, and its surroundings.
struct Invocation: Sendable {
    let command: MongoCommand
    let context: CommandContext
    /// The instant of the command, the same for all its documents, and for a cursor's later batches.
    var now: BSONDate
    /// When the time is up that the command's own `maxTimeMS` gave.
    let timeLimit: ContinuousClock.Instant?
    var limits: WorkLimits

    init(_ command: MongoCommand, _ context: CommandContext) {
        self.command = command
        self.context = context
        now = BSONDate.now
        limits = WorkLimits(deadline: context.deadline, cancellation: nil)
        guard let milliseconds = command.body["maxTimeMS"]?.int64, milliseconds > 0 else {
            timeLimit = nil
            return
        }
        let own = ContinuousClock.now + .milliseconds(min(milliseconds, Int64(Int32.max)))
        timeLimit = own
        limits.shorten(to: own)
    }

    var body: BSONDocument { command.body }
    var database: String { command.database }

    /// What the write concern asks of the disk: `j: true` and `w: "majority"` wait for it.
    var durability: Durability {
        guard let concern = body["writeConcern"]?.document else { return .buffered }
        return concern["j"]?.isTruthy == true || concern["w"]?.string == "majority" ? .flushed : .buffered
    }

    /// The collection that the command's first field names.
    /// - Throws: ``MongoError`` `InvalidNamespace` (73) or `BadValue` (2).
    func collectionName() throws -> String {
        guard let name = body[command.name]?.string else {
            throw MongoError(
                .badValue,
                "collection name has invalid type \(body[command.name]?.type.alias ?? "missing")")
        }
        try Namespaces.check(database: database, collection: name)
        return name
    }

    /// An integer of any numeric type, or nil where the field is missing or null.
    func integer(_ field: String, atLeast least: Int? = nil) throws -> Int? {
        guard let value = body[field], !value.isNull else { return nil }
        guard let double = value.double else { throw wrongType(field, value, "[long, int, decimal, double]") }
        guard let number = value.int ?? Int(exactly: double.rounded(.towardZero)) else {
            throw MongoError(.badValue, "BSON field '\(command.name).\(field)' is out of range: \(value)")
        }
        if let least, number < least {
            throw MongoError(
                ServerErrorCode(51024),
                "BSON field '\(field)' value must be >= \(least), actual value '\(number)'")
        }
        return number
    }

    /// A boolean, or a number taken as one, false where missing.
    func flag(_ field: String) throws -> Bool {
        guard let value = body[field], !value.isNull else { return false }
        if let bool = value.bool { return bool }
        guard value.isNumber else { throw wrongType(field, value, "[bool, long, int, decimal, double]") }
        return value.isTruthy
    }

    /// A document, or nil where the field is missing or null.
    func document(_ field: String) throws -> BSONDocument? {
        guard let value = body[field], !value.isNull else { return nil }
        guard let document = value.document else { throw wrongType(field, value, "object") }
        return document
    }

    /// A string, or nil where the field is missing.
    func string(_ field: String) throws -> String? {
        guard let value = body[field] else { return nil }
        guard let string = value.string else { throw wrongType(field, value, "string") }
        return string
    }

    /// The documents of a required field, from a sequence or the body.
    func documents(_ field: String) throws -> [BSONDocument] {
        guard let (documents, invalid) = command.documents(field) else {
            throw MongoError(.missingField, "BSON field '\(command.name).\(field)' is missing but a required field")
        }
        guard !invalid else {
            throw MongoError(
                .typeMismatch, "BSON field '\(command.name).\(field)' holds something other than documents")
        }
        return documents
    }

    func wrongType(_ field: String, _ value: BSONValue, _ expected: String) -> MongoError {
        let wanted = expected.hasPrefix("[") ? "expected types '\(expected)'" : "expected type '\(expected)'"
        return MongoError(
            .typeMismatch,
            "BSON field '\(command.name).\(field)' is the wrong type '\(value.type.alias)', \(wanted)")
    }
}

/// The rules of names of databases and collections.
enum Namespaces {
    /// One bit for each ASCII byte that no database's name may hold: every command asks, so it is no `Set`.
    private static let bad = #"/\. "$*<>:|?"#.utf8.reduce(into: UInt128(1)) { $0 |= 1 << UInt128($1) }

    /// - Throws: ``MongoError`` `InvalidNamespace` (73).
    static func check(database: String) throws {
        guard !database.isEmpty, database.utf8.count < 64,
            database.utf8.allSatisfy({ $0 > 127 || bad & (1 << UInt128($0)) == 0 })
        else {
            throw MongoError(.invalidNamespace, "Invalid database name: '\(database)'")
        }
    }

    /// - Throws: ``MongoError`` `InvalidNamespace` (73).
    static func check(database: String, collection: String) throws {
        try check(database: database)
        guard !collection.isEmpty, collection.utf8.first != UInt8(ascii: "."),
            collection.utf8.allSatisfy({ $0 != 0 && $0 != UInt8(ascii: "$") }),
            database.utf8.count + collection.utf8.count < 255
        else {
            throw MongoError(.invalidNamespace, "Invalid namespace specified '\(database).\(collection)'")
        }
    }
}

extension BSONDate {
    /// The instant it is.
    static var now: BSONDate {
        let since = Clocks.now()
        return BSONDate(millisecondsSince1970: since)
    }
}
