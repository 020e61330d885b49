/// A query's rows under a name: a part of the statement where it stands, or a common table that it begins with.
@dynamicMemberLookup
public struct Subquery: Sendable {
    enum Content: Sendable {
        case inline(any SQLQuery)
        case common(CommonTable)
    }

    let content: Content
    let alias: String
    /// What the query gives; nil where that is not known.
    fileprivate let columns: [ResultColumn]?

    init(_ content: Content, alias: String, columns: [ResultColumn]?) {
        self.content = content
        self.alias = alias
        self.columns = columns
    }

    /// The same rows under another name, for a query that reads them twice.
    public func `as`(_ alias: String) -> Subquery { Subquery(content, alias: alias, columns: columns) }

    /// The names of its columns; nil where the database chooses one.
    var names: [String]? {
        let names = columns?.compactMap(\.name)
        return names?.count == columns?.count ? names : nil
    }

    /// A column of the result, of the type that it has in the query.
    public subscript(name: String) -> SQLExpression {
        let found = columns?.first { $0.name == name }
        // What has no name here is given one by the database, and may be meant.
        if found == nil, names != nil {
            return SQLExpression(.invalid("The query '\(alias)' gives no column '\(name)'"))
        }
        return SQLExpression(.column(SQLColumn(table: alias, name: name, type: found?.type)))
    }
    /// A column of the result.
    public subscript(dynamicMember name: String) -> SQLExpression { self[name] }
}

/// A column that a query gives.
struct ResultColumn: Sendable {
    /// Its name; nil where the database chooses one.
    let name: String?
    /// What it holds, where that is known.
    let type: ColumnType?
}

extension Subquery: SQLSelectable {
    /// All columns, in order.
    public var selection: SQLSelection { SQLSelection(content: .rows(self)) }
}

extension SQLQuery {
    /// The query's rows as a table of another query; its columns are those that it names.
    public func `as`(_ alias: String) -> Subquery {
        Subquery(.inline(self), alias: alias, columns: resultColumns)
    }

    /// What the query gives; nil where that is not known.
    var resultColumns: [ResultColumn]? {
        switch self {
        case let select as Select: select.selections.flatMap(\.resultColumns)
        case let compound as Compound: compound.first.resultColumns
        default: nil
        }
    }
}

extension SQLSelection {
    fileprivate var resultColumns: [ResultColumn] {
        switch content {
        case .all(let table): return table.columns.map { ResultColumn(name: $0.name, type: $0.type) }
        case .rows(let subquery): return subquery.columns ?? [ResultColumn(name: nil, type: nil)]
        case .expression(let expression, let name):
            var own: String?
            if case .column(let column) = expression.node { own = column.name }
            return [ResultColumn(name: name ?? own, type: expression.type)]
        }
    }
}

extension SQLExpression {
    /// Functions that give one of their first argument's values.
    private static let passing: Set<String> = [
        "min", "max", "coalesce", "nullif", "lag", "lead", "first_value", "last_value", "nth_value",
    ]

    /// What the expression gives, where that is known: the type of the column whose values it passes on.
    var type: ColumnType? {
        switch node {
        case .column(let column): column.type
        case .function(let name, let arguments, _) where Self.passing.contains(name.lowercased()):
            arguments.first?.type
        case .function(let name, let arguments, _) where name.lowercased() == "sum":
            arguments.first?.longDecimal
        case .infix(let left, .add, let right), .infix(let left, .subtract, let right),
            .infix(let left, .multiply, let right):
            left.longDecimal ?? right.longDecimal
        case .negative(let inner): inner.longDecimal
        case .over(let function, _, _, _): function.type
        case .cases(_, let branches, _): branches.first?.1.type
        case .subquery(let query): query.resultColumns?.first?.type
        default: nil
        }
    }

    /// The type where it is a number with more digits than a binary fraction keeps.
    var longDecimal: ColumnType? {
        guard let type, case .numeric(let precision, _) = type, DecimalText.isBeyondDouble(precision) else {
            return nil
        }
        return type
    }

    /// Whether it is a table's column, which brings its order with it.
    var isPlainColumn: Bool {
        guard case .column(let column) = node else { return false }
        return column.origin != nil
    }
}
