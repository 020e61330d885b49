/// A table, as it is declared: its columns, keys and indexes.
///
/// ```swift
/// let developers = Table(
///     "developers", Column("id", .integer, primaryKey: true), Column("first_name", .string(255)))
/// let query = select(developers.id, developers.first_name).where(developers.id > 3)
/// ```
///
/// `developers.first_name` and `developers["first_name"]` are the column in expressions; a name that the table does
/// not have makes the statement an error that names it.
@dynamicMemberLookup
public struct Table: Sendable {
    /// The name.
    public let name: String
    /// The columns, in order.
    public let columns: [Column]
    /// The foreign keys.
    public let foreignKeys: [ForeignKey]
    /// The sets of columns that no two rows have alike.
    public let uniqueKeys: [[String]]
    /// The indexes.
    public let indexes: [Index]
    /// What is true of each row, beside what the columns' types say.
    public let checks: [Check]
    /// The name in this query, where it has another one there.
    let alias: String?

    /// Declares a table.
    public init(_ name: String, _ columns: Column..., constraints: [TableConstraint] = [], indexes: [Index] = []) {
        self.init(name, columns: columns, constraints: constraints, indexes: indexes)
    }

    /// Declares a table.
    public init(_ name: String, columns: [Column], constraints: [TableConstraint] = [], indexes: [Index] = []) {
        var keys: [ForeignKey] = []
        var uniques: [[String]] = []
        var checks: [Check] = []
        var indexes = indexes
        for column in columns {
            if let other = column.references {
                keys.append(
                    ForeignKey(
                        [column.name], references: other.table, [other.column], onDelete: other.onDelete,
                        onUpdate: other.onUpdate))
            }
            if column.unique { uniques.append([column.name]) }
            if column.index { indexes.append(Index("ix_\(name)_\(column.name)", on: [column.name])) }
        }
        for constraint in constraints {
            switch constraint.content {
            case .unique(let columns): uniques.append(columns)
            case .foreignKey(let key): keys.append(key)
            case .check(let check): checks.append(check)
            }
        }
        self.init(
            name: name, columns: columns, foreignKeys: keys, uniqueKeys: uniques, indexes: indexes, checks: checks,
            alias: nil)
    }

    private init(
        name: String, columns: [Column], foreignKeys: [ForeignKey], uniqueKeys: [[String]], indexes: [Index],
        checks: [Check], alias: String?
    ) {
        self.name = name
        self.columns = columns
        self.foreignKeys = foreignKeys
        self.uniqueKeys = uniqueKeys
        self.indexes = indexes
        self.checks = checks
        self.alias = alias
    }

    /// The table under another name, for a query that reads it twice.
    public func `as`(_ alias: String) -> Table {
        Table(
            name: name, columns: columns, foreignKeys: foreignKeys, uniqueKeys: uniqueKeys, indexes: indexes,
            checks: checks, alias: alias)
    }

    /// A column in an expression.
    public subscript(name: String) -> SQLExpression {
        guard let column = columns.first(where: { $0.name == name }) else {
            return SQLExpression(.invalid("The table '\(self.name)' has no column '\(name)'"))
        }
        return SQLExpression(
            .column(SQLColumn(table: alias ?? self.name, name: name, origin: self.name, type: column.type)))
    }

    /// A column in an expression.
    public subscript(dynamicMember name: String) -> SQLExpression { self[name] }

    /// The columns of the primary key.
    public var primaryKey: [Column] { columns.filter(\.primaryKey) }

    /// The column that the database counts up.
    var countedColumn: Column? {
        guard let column = primaryKey.first, primaryKey.count == 1 else {
            return primaryKey.first { $0.autoIncrement == true }
        }
        let isWhole = column.type == .integer || column.type == .bigInteger
        return column.autoIncrement ?? (isWhole && column.references == nil) ? column : nil
    }
}
