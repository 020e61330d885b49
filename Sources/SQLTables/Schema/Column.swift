/// A column of a table, as it is declared.
///
/// ```swift
/// Column("id", .integer, primaryKey: true)
/// Column("email", .string(255), nullable: false, unique: true)
/// Column("team", .integer, references: .init("teams", "id", onDelete: .cascade), index: true)
/// Column("created", .dateTime, serverDefault: .now)
/// ```
public struct Column: Sendable {
    /// What a database fills in where an insert gives no value.
    public struct ServerDefault: Sendable, Hashable {
        enum Content: Sendable, Hashable {
            case value(SQLValue)
            case now
            case words(String)
        }

        let content: Content

        /// The time of the insert.
        public static let now = ServerDefault(content: .now)
        /// An expression of the database's SQL, a literal of the program: `.expression("1 + 2")`.
        public static func expression(_ words: StaticString) -> ServerDefault {
            ServerDefault(content: .words(words.description))
        }
        /// A value.
        public static func value(_ value: SQLValue) -> ServerDefault { ServerDefault(content: .value(value)) }
    }

    /// What the row's key in another table is.
    public struct Reference: Sendable, Hashable {
        let table: String
        let column: String
        let onDelete: ForeignKey.Action
        let onUpdate: ForeignKey.Action

        /// A reference to a column of another table, or of the same.
        public init(
            _ table: String, _ column: String, onDelete: ForeignKey.Action = .noAction,
            onUpdate: ForeignKey.Action = .noAction
        ) {
            self.table = table
            self.column = column
            self.onDelete = onDelete
            self.onUpdate = onUpdate
        }
    }

    /// The name.
    public let name: String
    /// What it holds.
    public let type: ColumnType
    /// Whether it is of the primary key.
    public let primaryKey: Bool
    /// Whether the database counts it up; by default where it alone is the primary key and a whole number.
    public let autoIncrement: Bool?
    /// Whether it may be empty.
    public let nullable: Bool
    /// Whether no two rows may have the same value.
    public let unique: Bool
    /// Whether it has an index.
    public let index: Bool
    /// What an insert made here puts in where it is given no value; asked anew for each row.
    public let defaultValue: (@Sendable () -> SQLValue)?
    /// What the database puts in where an insert gives no value.
    public let serverDefault: ServerDefault?
    /// The key in another table.
    public let references: Reference?
    /// Whether the database computes it from other columns; found by reflection alone.
    public internal(set) var isGenerated = false

    /// Declares a column.
    public init(
        _ name: String, _ type: ColumnType, primaryKey: Bool = false, autoIncrement: Bool? = nil,
        nullable: Bool? = nil, unique: Bool = false, index: Bool = false,
        defaultValue: (@Sendable () -> SQLValue)? = nil, serverDefault: ServerDefault? = nil,
        references: Reference? = nil
    ) {
        self.name = name
        self.type = type
        self.primaryKey = primaryKey
        self.autoIncrement = autoIncrement
        self.nullable = nullable ?? !primaryKey
        self.unique = unique
        self.index = index
        self.defaultValue = defaultValue
        self.serverDefault = serverDefault
        self.references = references
    }
}
