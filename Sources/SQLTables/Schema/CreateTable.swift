/// Creates a table.
public struct CreateTable: SQLStatement {
    let table: Table
    let ifNotExists: Bool

    /// Creates a table, with its keys and checks; its indexes are statements of their own.
    public init(_ table: Table, ifNotExists: Bool = false) {
        self.table = table
        self.ifNotExists = ifNotExists
    }

    /// It changes the database.
    public var isReadOnly: Bool { false }

    /// Writes the declaration.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        guard !table.columns.isEmpty else { throw SQLError(.usage, "'\(table.name)' declares no columns") }
        try table.check(table.columns.map(\.name))
        if let column = table.columns.first(where: \.isGenerated) {
            throw SQLError(.usage, "'\(column.name)' is computed by the database it was found in: declare it anew")
        }
        writer.qualifies = false
        writer.inlines = true
        writer.append(ifNotExists ? "CREATE TABLE IF NOT EXISTS " : "CREATE TABLE ")
        try writer.identifier(table.name)
        writer.append(" (")
        try writer.list(table.columns) { (writer, column) throws(SQLError) in try write(column, to: &writer) }
        try writeKeys(to: &writer)
        try writeChecks(to: &writer)
        writer.append(")")
        if writer.dialect.family == .mysql {
            writer.append(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci")
        }
    }

    private func write(_ column: Column, to writer: inout SQLWriter) throws(SQLError) {
        let counted = table.countedColumn?.name == column.name
        let isSQLite = writer.dialect.family == .sqlite
        try writer.identifier(column.name)
        // SQLite counts up only what is exactly INTEGER, and never gives a number twice with AUTOINCREMENT.
        if isSQLite, counted { return writer.append(" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL") }
        writer.append(" \(try writer.dialect.typeName(column.type))")
        if !column.nullable || column.primaryKey { writer.append(" NOT NULL") }
        if counted { writer.append(" AUTO_INCREMENT") }
        if let standard = column.serverDefault {
            writer.append(" DEFAULT ")
            switch standard.content {
            case .value(let value): writer.bind(try writer.dialect.stored(value, in: column.type))
            case .now: writer.append(try Self.now(writer.dialect, column))
            case .words(let words): writer.append("(\(words))")
            }
        }
    }

    private static func now(_ dialect: SQLDialect, _ column: Column) throws(SQLError) -> String {
        guard let words = dialect.now(column.type) else {
            throw SQLError(.usage, "'\(column.name)' is neither a day nor an instant and has no default of now")
        }
        return words
    }

    private func writeKeys(to writer: inout SQLWriter) throws(SQLError) {
        let key = table.primaryKey.map(\.name)
        let isInColumn = writer.dialect.family == .sqlite && table.countedColumn != nil && key.count == 1
        if !key.isEmpty, !isInColumn {
            writer.append(", PRIMARY KEY")
            try writer.columnList(key)
        }
        for columns in table.uniqueKeys {
            try table.check(columns)
            writer.append(", UNIQUE")
            try writer.columnList(columns)
        }
        for key in table.foreignKeys {
            try table.check(key.columns)
            writer.append(", FOREIGN KEY")
            try writer.columnList(key.columns)
            writer.append(" REFERENCES ")
            try writer.identifier(key.table)
            try writer.columnList(key.referenced)
            if key.onDelete != .noAction { writer.append(" ON DELETE \(key.onDelete.rawValue)") }
            if key.onUpdate != .noAction { writer.append(" ON UPDATE \(key.onUpdate.rawValue)") }
        }
    }

    private func writeChecks(to writer: inout SQLWriter) throws(SQLError) {
        var checks = table.checks
        if writer.dialect.family == .sqlite {
            // SQLite takes any value into any column; these checks make it as strict as the others.
            for column in table.columns where table.countedColumn?.name != column.name {
                if let check = SQLiteChecks.check(of: column) { checks.append(check) }
            }
        }
        for check in checks {
            writer.append(",")
            if let name = check.name {
                writer.append(" CONSTRAINT ")
                try writer.identifier(name)
            }
            writer.append(" CHECK (")
            try check.write(to: &writer)
            writer.append(")")
        }
    }
}

/// The checks that stand in for column types in SQLite, told by their names when they refuse a row.
enum SQLiteChecks {
    static let lengthPrefix = "length of "
    static let valuePrefix = "value of "

    /// What is true of a value of a type; nil where any value will do.
    static func rule(of type: ColumnType, _ value: SQLExpression) -> SQLExpression? {
        let kind = function("typeof", value)
        switch type {
        case .string(let length): return function("length", value) <= length
        case .enumeration(let names): return value.in(names)
        case .boolean: return value.in([0, 1])
        case .integer: return kind.in(["integer", "null"]) && value.between(-0x8000_0000, 0x7fff_ffff)
        case .bigInteger: return kind.in(["integer", "null"])
        case .double: return kind.in(["real", "integer", "null"])
        case .numeric(let precision, _):
            return kind.in(DecimalText.isBeyondDouble(precision) ? ["text", "null"] : ["real", "integer", "null"])
        case .date: return value.isSame(as: function("date", value, "+0 days"))
        case .dateTime: return kind.in(["text", "null"]) && (value.isNull || function("julianday", value).isNotNull)
        case .json: return value.isNull || function("json_valid", value)
        case .text, .binary: return nil
        }
    }

    /// The check that stands in for a column's type; nil where any value will do.
    static func check(of column: Column) -> Check? {
        let value = SQLExpression(.column(SQLColumn(table: "", name: column.name)))
        guard let rule = rule(of: column.type, value) else { return nil }
        var prefix = valuePrefix
        if case .string = column.type { prefix = lengthPrefix }
        return Check(prefix + column.name, .expression(rule))
    }

    /// The type of a column of which a check lists the texts, as it does for enumerations.
    static func enumeration(_ column: String, _ checks: [Check]) -> ColumnType? {
        for check in checks where check.name == valuePrefix + column {
            guard case .words(let words) = check.content, let name = try? SQLDialect.sqlite.quoted(column),
                words.hasPrefix(name)
            else { continue }
            let type = ColumnType.enumeration(TypeNames.texts(String(words.dropFirst(name.count))))
            if (try? self.check(of: Column(column, type))?.sql()) == words { return type }
        }
        return nil
    }
}

/// Removes a table.
public struct DropTable: SQLStatement {
    let name: String
    let ifExists: Bool

    /// Removes a table with its rows and indexes.
    public init(_ name: String, ifExists: Bool = false) {
        self.name = name
        self.ifExists = ifExists
    }

    /// It changes the database.
    public var isReadOnly: Bool { false }

    /// Writes the statement.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        writer.append(ifExists ? "DROP TABLE IF EXISTS " : "DROP TABLE ")
        try writer.identifier(name)
    }
}

/// Creates an index.
public struct CreateIndex: SQLStatement {
    let index: Index
    let table: Table
    let ifNotExists: Bool

    /// Creates an index of a table.
    public init(_ index: Index, on table: Table, ifNotExists: Bool = false) {
        self.index = index
        self.table = table
        self.ifNotExists = ifNotExists
    }

    /// It changes the database.
    public var isReadOnly: Bool { false }

    /// Writes the statement. MySQL cannot make an index only where there is none.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        try table.check(index.columns)
        guard !index.columns.isEmpty else { throw SQLError(.usage, "The index '\(index.name)' has no columns") }
        writer.append(index.isUnique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ")
        if ifNotExists, writer.dialect != .mysql { writer.append("IF NOT EXISTS ") }
        try writer.identifier(index.name)
        writer.append(" ON ")
        try writer.identifier(table.name)
        try writer.columnList(index.columns)
    }
}
