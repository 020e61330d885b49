internal import BSON
public import MongoProtocol

/// How writes are acknowledged (MongoDB's manual, "Write Concern").
public struct WriteConcern: Sendable, Hashable {
    /// How many members acknowledge a write.
    public enum Acknowledgement: Sendable, Hashable {
        /// This many members.
        case members(Int)
        /// A majority of them; on the embedded engine the write waits for the disk.
        case majority
    }
    /// How many members acknowledge; nil for the deployment's default, one.
    public var w: Acknowledgement?
    /// Whether a write waits for the disk; nil for the deployment's default.
    public var journal: Bool?
    /// How long to wait for the members, in milliseconds.
    public var wTimeoutMS: Int?

    /// Makes a write concern.
    public init(w: Acknowledgement? = nil, journal: Bool? = nil, wTimeoutMS: Int? = nil) {
        self.w = w
        self.journal = journal
        self.wTimeoutMS = wTimeoutMS
    }

    /// Acknowledged when the write is on the disk.
    public static let journaled = WriteConcern(journal: true)
    /// Acknowledged when a majority has the write.
    public static let majority = WriteConcern(w: .majority)

    var document: BSONDocument? {
        var fields: [(String, BSONValue)] = []
        switch w {
        case .members(let count): fields.append(("w", .int(count)))
        case .majority: fields.append(("w", "majority"))
        case nil: break
        }
        if let journal { fields.append(("j", .bool(journal))) }
        if let wTimeoutMS { fields.append(("wtimeout", .int(wTimeoutMS))) }
        return fields.isEmpty ? nil : BSONDocument(fields: fields)
    }
}

/// What operations use where they say nothing themselves.
public struct OperationDefaults: Sendable {
    /// How writes are acknowledged.
    public var writeConcern: WriteConcern
    /// Which members answer reads.
    public var readPreference: ReadPreference
    /// How long an operation may take as a whole; nil for no limit. A cursor's later batches, and the commands of a
    /// GridFS file, have as long each.
    public var timeout: Duration?

    /// Makes defaults.
    public init(
        writeConcern: WriteConcern = WriteConcern(), readPreference: ReadPreference = .primary,
        timeout: Duration? = nil
    ) {
        self.writeConcern = writeConcern
        self.readPreference = readPreference
        self.timeout = timeout
    }

    /// These with what is not nil in its place.
    func with(
        _ writeConcern: WriteConcern?, _ readPreference: ReadPreference?, _ timeout: Duration?
    ) -> OperationDefaults {
        OperationDefaults(
            writeConcern: writeConcern ?? self.writeConcern, readPreference: readPreference ?? self.readPreference,
            timeout: timeout ?? self.timeout)
    }
}
