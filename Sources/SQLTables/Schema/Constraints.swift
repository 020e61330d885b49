/// Columns whose values are a key of another table.
public struct ForeignKey: Sendable, Hashable {
    /// What becomes of a row whose key goes away or changes.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        /// The change is refused.
        case noAction = "NO ACTION"
        /// The change is refused at once.
        case restrict = "RESTRICT"
        /// The row goes or changes too.
        case cascade = "CASCADE"
        /// The columns become empty.
        case setNull = "SET NULL"
    }

    /// The columns here.
    public let columns: [String]
    /// The other table.
    public let table: String
    /// Its columns.
    public let referenced: [String]
    /// What becomes of the row when the key's row is deleted.
    public let onDelete: Action
    /// What becomes of the row when the key changes.
    public let onUpdate: Action

    /// Declares a foreign key.
    public init(
        _ columns: [String], references table: String, _ referenced: [String], onDelete: Action = .noAction,
        onUpdate: Action = .noAction
    ) {
        self.columns = columns
        self.table = table
        self.referenced = referenced
        self.onDelete = onDelete
        self.onUpdate = onUpdate
    }
}

/// An index of a table.
public struct Index: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The columns, in order.
    public let columns: [String]
    /// Whether no two rows may have the same values.
    public let isUnique: Bool

    /// Declares an index.
    public init(_ name: String, on columns: [String], unique: Bool = false) {
        self.name = name
        self.columns = columns
        self.isUnique = unique
    }
}

/// What holds for the rows of a table, beside what its columns say.
public struct TableConstraint: Sendable {
    enum Content: Sendable {
        case unique([String])
        case foreignKey(ForeignKey)
        case check(Check)
    }

    let content: Content

    /// No two rows have the same values in these columns.
    public static func unique(_ columns: String...) -> TableConstraint { .init(content: .unique(columns)) }
    /// Columns that are a key of another table.
    public static func foreignKey(_ key: ForeignKey) -> TableConstraint { .init(content: .foreignKey(key)) }
    /// What is true of each row. Values of the expression stand in the text, quoted, since no statement binds them.
    public static func check(_ name: String, _ expression: SQLExpression) -> TableConstraint {
        .init(content: .check(Check(name, .expression(expression))))
    }
}
