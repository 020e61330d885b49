/// What went wrong between the application and a database.
///
/// `code` is the database's own number: SQLite's extended result code, or MySQL's error. The message never holds bound
/// values of statements or a password.
public struct SQLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of an error, the same for all databases.
    public struct Kind: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The name.
        public let rawValue: String
        /// A kind by its name.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The name.
        public var description: String { rawValue }

        /// A primary key or unique key exists already.
        public static let uniqueViolation = Kind(rawValue: "uniqueViolation")
        /// A referenced row is missing, or a row is still referenced.
        public static let foreignKeyViolation = Kind(rawValue: "foreignKeyViolation")
        /// A column that needs a value has none.
        public static let notNullViolation = Kind(rawValue: "notNullViolation")
        /// A check refuses the row.
        public static let checkViolation = Kind(rawValue: "checkViolation")
        /// Text or bytes beyond the column's length.
        public static let dataTooLong = Kind(rawValue: "dataTooLong")
        /// A value that the column's type cannot hold.
        public static let invalidValue = Kind(rawValue: "invalidValue")
        /// Two transactions waited for each other; this one was taken back and may be run again.
        public static let deadlock = Kind(rawValue: "deadlock")
        /// Another transaction held a lock for too long.
        public static let lockTimeout = Kind(rawValue: "lockTimeout")
        /// There is no connection to be had.
        public static let connectionFailed = Kind(rawValue: "connectionFailed")
        /// The connection was lost on the way: whether the statement was carried out is not known.
        public static let connectionLost = Kind(rawValue: "connectionLost")
        /// Waiting for a free connection took too long.
        public static let poolTimeout = Kind(rawValue: "poolTimeout")
        /// The task was cancelled while the statement ran.
        public static let cancelled = Kind(rawValue: "cancelled")
        /// The engine is closed.
        public static let closed = Kind(rawValue: "closed")
        /// There is no such table, column or database.
        public static let notFound = Kind(rawValue: "notFound")
        /// The table or index exists already.
        public static let alreadyExists = Kind(rawValue: "alreadyExists")
        /// The statement is not the database's SQL.
        public static let syntax = Kind(rawValue: "syntax")
        /// The program asks for what cannot be: found before a database is asked.
        public static let usage = Kind(rawValue: "usage")
        /// A row is not what the program expects.
        public static let decoding = Kind(rawValue: "decoding")
        /// Anything else.
        public static let other = Kind(rawValue: "other")
    }

    /// The kind.
    public var kind: Kind
    /// The message for people.
    public var message: String
    /// The database's own number, 0 for errors of the program's side.
    public var code: Int
    /// The statement's text, with `?` for its values.
    public var statement: String?

    /// Makes an error.
    public init(_ kind: Kind, _ message: String, code: Int = 0, statement: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
        self.statement = statement
    }

    /// Whether the database is out of reach, now and perhaps not later.
    public var isUnavailable: Bool {
        kind == .connectionFailed || kind == .connectionLost || kind == .poolTimeout
    }

    /// Whether the same transaction, run again from its start, may well succeed.
    public var mayBeRepeated: Bool { kind == .deadlock || kind == .lockTimeout }

    /// Kind, number and message.
    public var description: String {
        code == 0 ? "\(kind): \(message)" : "\(kind) (\(code)): \(message)"
    }
}
