package import BSON

/// How writes are acknowledged (MongoDB's manual, "Write Concern").
public struct WriteConcern: Sendable, Hashable {
    /// How many members acknowledge a write.
    public enum Acknowledgement: Sendable, Hashable {
        /// This many members; with 0 nobody does, and failures stay unknown.
        case members(Int)
        /// A majority of them; on the embedded engine the write waits for the disk.
        case majority
        /// The members that a mode of the replica set's configuration names.
        case mode(String)
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

    /// Acknowledged by nobody: a failure, a duplicate key among them, stays unknown.
    public static let unacknowledged = WriteConcern(w: .members(0))

    /// Whether nothing is said, so that the deployment's own default counts.
    public var isServerDefault: Bool { w == nil && journal == nil && wTimeoutMS == nil }

    /// Whether the server answers a write at all.
    public var isAcknowledged: Bool { w != .members(0) || journal == true }

    /// Checks what no server would take: negative numbers, and a disk to wait for where nobody acknowledges.
    /// - Throws: ``MongoError`` of kind `usage`.
    public func validate() throws(MongoError) {
        if case .members(let count) = w, count < 0 {
            throw MongoError(.usage, "A write concern's w is 0 or more, a mode or \"majority\", not \(count)")
        }
        if let wTimeoutMS, wTimeoutMS < 0 {
            throw MongoError(.usage, "A write concern's wTimeoutMS is 0 or more, not \(wTimeoutMS)")
        }
        if w == .members(0), journal == true {
            throw MongoError(.usage, "A write concern of w: 0 cannot wait for the journal: leave one of them out")
        }
    }

    /// The fields of `writeConcern` on the wire; nil for the deployment's default.
    package var document: BSONDocument? {
        var fields: [(String, BSONValue)] = []
        switch w {
        case .members(let count): fields.append(("w", .int(count)))
        case .majority: fields.append(("w", "majority"))
        case .mode(let name): fields.append(("w", .string(name)))
        case nil: break
        }
        if let journal { fields.append(("j", .bool(journal))) }
        if let wTimeoutMS { fields.append(("wtimeout", .int(wTimeoutMS))) }
        return fields.isEmpty ? nil : BSONDocument(fields: fields)
    }
}
