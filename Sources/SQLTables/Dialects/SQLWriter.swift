/// Writes a statement: text, and the values that are bound to its `?`s.
public struct SQLWriter {
    /// The dialect.
    public let dialect: SQLDialect
    var text = ""
    var parameters: [SQLValue] = []
    /// Whether columns are written with their table; in declarations and after RETURNING they are not.
    var qualifies = true
    /// Whether values stand in the text, as in declarations, which bind none.
    var inlines = false
    /// The common tables of the query that is being written; nil outside of queries.
    var commonTables: CommonTables?
    private var depth = 0
    /// What is wrong with a bound value; thrown once the statement is written.
    private(set) var failure: SQLError?

    /// Levels of brackets in an expression; the databases' own limits lie beyond.
    static let maximumDepth = 200

    init(_ dialect: SQLDialect) { self.dialect = dialect }

    mutating func append(_ sql: String) { text += sql }

    mutating func identifier(_ name: String) throws(SQLError) { text += try dialect.quoted(name) }

    mutating func bind(_ value: SQLValue) {
        check(value)
        if inlines {
            text += dialect.literal(value)
        } else {
            text += "?"
            parameters.append(value)
        }
    }

    /// Keeps in mind that a value is one that a database would change without a word.
    mutating func check(_ value: SQLValue) {
        switch value {
        case .dateTime(let date) where !SQLDateText.isInRange(date):
            failure = SQLError(.invalidValue, "An instant lies before the year 1 or after 9999")
        case .double(let number) where number.isNaN:
            failure = SQLError(.invalidValue, "NaN is no number that a database keeps")
        default: break
        }
    }

    /// Items with commas between them.
    mutating func list<Item>(
        _ items: [Item], _ write: (inout SQLWriter, Item) throws(SQLError) -> Void
    ) throws(SQLError) {
        for (index, item) in items.enumerated() {
            if index > 0 { append(", ") }
            try write(&self, item)
        }
    }

    /// ` ("a", "b")`
    mutating func columnList(_ names: [String]) throws(SQLError) {
        append(" (")
        try list(names) { (writer, name) throws(SQLError) in try writer.identifier(name) }
        append(")")
    }

    /// ` WHERE a AND b`, or nothing.
    mutating func condition(_ word: String, _ conditions: [SQLExpression]) throws(SQLError) {
        guard !conditions.isEmpty else { return }
        append(" \(word) ")
        try expression(conditions.count == 1 ? conditions[0] : .all(conditions))
    }

    /// ` ORDER BY …`, or nothing.
    mutating func order(_ order: [SQLOrder], isFirst: Bool = false) throws(SQLError) {
        guard !order.isEmpty else { return }
        append(isFirst ? "ORDER BY " : " ORDER BY ")
        try list(order) { (writer, item) throws(SQLError) in
            if case .value = item.expression.node {
                throw SQLError(.usage, "A query is sorted by columns and expressions, not by a value")
            }
            if let last = item.hasNullsLast, writer.dialect.family == .mysql {
                // MySQL has no words for it.
                try writer.operand(item.expression)
                writer.append(last ? " IS NULL, " : " IS NOT NULL, ")
            }
            try writer.expression(item.expression)
            writer.decimalOrder(item.expression)
            if item.isDescending { writer.append(" DESC") }
            if let last = item.hasNullsLast, writer.dialect.family == .sqlite {
                writer.append(last ? " NULLS LAST" : " NULLS FIRST")
            }
        }
    }

    /// ` LIMIT ? OFFSET ?`, or nothing.
    mutating func limit(_ count: Int?, offset: Int?) throws(SQLError) {
        for (name, number) in [("limit", count), ("offset", offset)] where (number ?? 0) < 0 {
            throw SQLError(.usage, "A negative \(name) is not possible")
        }
        if let count {
            append(" LIMIT ")
            bind(.integer(Int64(count)))
        } else if offset != nil {
            // Neither database knows OFFSET alone.
            append(dialect.family == .sqlite ? " LIMIT -1" : " LIMIT 18446744073709551615")
        }
        if let offset {
            append(" OFFSET ")
            bind(.integer(Int64(offset)))
        }
    }

    /// ` RETURNING …`, or nothing.
    mutating func returning(_ columns: [SQLSelection], of table: Table) throws(SQLError) {
        guard !columns.isEmpty else { return }
        guard dialect.hasReturning else {
            throw SQLError(.usage, "\(dialect) has no RETURNING: use the result's lastInsertID and read the row")
        }
        append(" RETURNING ")
        qualifies = false
        defer { qualifies = true }
        try list(columns) { (writer, column) throws(SQLError) in try writer.selection(column) }
    }

    /// `"a" = ?, "b" = …`
    mutating func assignments(_ set: Assignments, of table: Table) throws(SQLError) {
        try table.check(set.list.map(\.column))
        try list(set.list) { (writer, field) throws(SQLError) in
            try writer.identifier(field.column)
            writer.append(" = ")
            try writer.stored(field.value, in: table, field.column)
        }
    }

    /// A value as its column keeps it.
    mutating func stored(_ value: SQLExpression, in table: Table, _ column: String) throws(SQLError) {
        guard let column = table.columns.first(where: { $0.name == column }) else { return try expression(value) }
        guard case .value(let plain) = value.node else {
            guard dialect.family == .sqlite, case .numeric(let precision, let scale) = column.type,
                !value.isPlainColumn || value.type != column.type
            else { return try expression(value) }
            // Other databases round by themselves what they compute.
            append("\(SQLiteDecimals.fit)(")
            try expression(value)
            return append(", \(precision), \(scale))")
        }
        do throws(SQLError) {
            bind(try dialect.stored(plain, in: column.type))
        } catch {
            throw SQLError(error.kind, "The column '\(column.name)': \(error.message)")
        }
    }

    /// A column of a result.
    mutating func selection(_ selection: SQLSelection) throws(SQLError) {
        switch selection.content {
        case .expression(let expression, let name):
            try self.expression(expression)
            if let name {
                append(" AS ")
                try identifier(name)
            } else if qualifies, case .column(let column) = expression.node, dialect.family == .sqlite {
                // Otherwise SQLite is free in how it names the columns of views and subqueries.
                append(" AS ")
                try identifier(column.name)
            }
        case .all(let table):
            guard !table.columns.isEmpty else { throw SQLError(.usage, "'\(table.name)' declares no columns") }
            try list(table.columns) { (writer, column) throws(SQLError) in
                try writer.selection(table[column.name].selection)
            }
        case .rows(let subquery):
            guard let names = subquery.names else {
                throw SQLError(.usage, "What '\(subquery.alias)' gives has no names here: say its columns")
            }
            try list(names) { (writer, name) throws(SQLError) in
                try writer.selection(subquery[name].selection)
            }
        }
    }

    /// A table or a query to read from.
    mutating func source(_ source: Select.Source) throws(SQLError) {
        switch source {
        case .table(let table):
            try identifier(table.name)
            if let alias = table.alias {
                append(" AS ")
                try identifier(alias)
            }
        case .subquery(let subquery):
            switch subquery.content {
            case .inline(let query):
                append("(")
                try query.write(to: &self)
                append(") AS ")
                try identifier(subquery.alias)
            case .common(let table):
                try commonTable(table)
                guard table.name != subquery.alias else { return }
                append(" AS ")
                try identifier(subquery.alias)
            }
        }
    }

    /// Runs `write` one level of brackets deeper.
    mutating func nested(_ write: (inout SQLWriter) throws(SQLError) -> Void) throws(SQLError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw SQLError(.usage, "The expression has more than \(Self.maximumDepth) levels")
        }
        try write(&self)
        depth -= 1
    }
}
