public import BSON

/// Who sends a command, under which session, until when.
public struct CommandContext: Sendable {
    /// The connection it came on.
    public var connection: ConnectionContext
    /// Who is logged in, or nil.
    public var user: AuthenticatedUser?
    /// The session that the command names, or nil.
    public var session: SessionContext?
    /// When the work must have ended (`maxTimeMS`, `timeoutMS`), or nil.
    public var deadline: ContinuousClock.Instant?
    /// Which members may answer.
    public var readPreference: ReadPreference
    /// Whether the client takes several replies (OP_MSG's `exhaustAllowed`).
    public var allowsExhaust: Bool

    /// Makes a context.
    public init(
        connection: ConnectionContext, user: AuthenticatedUser? = nil, session: SessionContext? = nil,
        deadline: ContinuousClock.Instant? = nil, readPreference: ReadPreference = .primary,
        allowsExhaust: Bool = false
    ) {
        self.connection = connection
        self.user = user
        self.session = session
        self.deadline = deadline
        self.readPreference = readPreference
        self.allowsExhaust = allowsExhaust
    }
}

/// One connection, or one embedded client, as a handler sees it.
public struct ConnectionContext: Sendable, Hashable {
    /// The number of the connection, unique in the process.
    public let id: Int64
    /// Where the client is (`host:port`), or nil in process.
    public let remoteAddress: String?
    /// The address the client came to (`host:port`), which `hello` advertises, or nil in process.
    public let localAddress: String?
    /// Makes a connection's description.
    public init(id: Int64, remoteAddress: String? = nil, localAddress: String? = nil) {
        self.id = id
        self.remoteAddress = remoteAddress
        self.localAddress = localAddress
    }
}

/// A user who has logged in.
public struct AuthenticatedUser: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The database the user was made in.
    public let database: String
    /// Makes a user.
    public init(name: String, database: String) {
        self.name = name
        self.database = database
    }
}

/// The session fields of a command (`lsid`, `txnNumber` and the transaction's).
public struct SessionContext: Sendable {
    /// The `lsid` document.
    public var id: BSONDocument
    /// The number of the retryable write or the transaction.
    public var transactionNumber: Int64?
    /// Whether the command opens a transaction.
    public var startsTransaction: Bool
    /// False inside a transaction.
    public var autocommit: Bool?

    /// Makes session fields.
    public init(
        id: BSONDocument, transactionNumber: Int64? = nil, startsTransaction: Bool = false, autocommit: Bool? = nil
    ) {
        self.id = id
        self.transactionNumber = transactionNumber
        self.startsTransaction = startsTransaction
        self.autocommit = autocommit
    }

    /// Reads the fields of a command's body; nil where it names no session.
    public init?(body: BSONDocument) {
        guard let id = body["lsid"]?.document else { return nil }
        self.init(
            id: id, transactionNumber: body["txnNumber"]?.int64,
            startsTransaction: body["startTransaction"]?.bool ?? false, autocommit: body["autocommit"]?.bool)
    }
}

/// Which members of a replica set may answer a read (MongoDB's manual, "Read Preference").
public struct ReadPreference: Sendable, Hashable {
    /// The modes, by their names on the wire.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        case primary, primaryPreferred, secondary, secondaryPreferred, nearest
    }
    /// The mode.
    public var mode: Mode
    /// Sets of tags, the first that some member bears counts.
    public var tagSets: [[String: String]]
    /// How far a secondary may lag, in seconds; nil for any lag.
    public var maxStalenessSeconds: Int?
    /// Makes a read preference.
    public init(_ mode: Mode, tagSets: [[String: String]] = [], maxStalenessSeconds: Int? = nil) {
        self.mode = mode
        self.tagSets = tagSets
        self.maxStalenessSeconds = maxStalenessSeconds
    }
    /// The primary alone.
    public static let primary = ReadPreference(.primary)
}
