/// A change of rows. Each method gives a new statement; conditions add up.
public struct Update: SQLStatement {
    let table: Table
    let values: Assignments
    var conditions: [SQLExpression] = []
    var returned: [SQLSelection] = []

    /// An update changes the table.
    public var isReadOnly: Bool { false }

    /// Only rows for which this holds too.
    public func `where`(_ condition: SQLExpression) -> Update {
        var copy = self
        copy.conditions.append(condition)
        return copy
    }

    /// Gives these columns of the changed rows back; MySQL and MariaDB cannot.
    public func returning(_ columns: any SQLSelectable...) -> Update {
        var copy = self
        copy.returned += columns.map(\.selection)
        return copy
    }

    /// Writes the update.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        guard !values.list.isEmpty else { throw SQLError(.usage, "An update sets at least one column") }
        writer.append("UPDATE ")
        try writer.target(table)
        writer.append(" SET ")
        try writer.assignments(values, of: table)
        try writer.condition("WHERE", conditions)
        guard returned.isEmpty || writer.dialect == .sqlite else {
            throw SQLError(.usage, "\(writer.dialect) has no UPDATE … RETURNING: read the rows in the transaction")
        }
        try writer.returning(returned, of: table)
    }
}

/// A removal of rows. Each method gives a new statement; conditions add up.
public struct Delete: SQLStatement {
    let table: Table
    var conditions: [SQLExpression] = []
    var returned: [SQLSelection] = []

    /// A delete changes the table.
    public var isReadOnly: Bool { false }

    /// Only rows for which this holds too.
    public func `where`(_ condition: SQLExpression) -> Delete {
        var copy = self
        copy.conditions.append(condition)
        return copy
    }

    /// Gives these columns of the removed rows back; MySQL cannot.
    public func returning(_ columns: any SQLSelectable...) -> Delete {
        var copy = self
        copy.returned += columns.map(\.selection)
        return copy
    }

    /// Writes the delete.
    public func write(to writer: inout SQLWriter) throws(SQLError) {
        writer.append("DELETE FROM ")
        try writer.target(table)
        try writer.condition("WHERE", conditions)
        try writer.returning(returned, of: table)
    }
}

extension SQLWriter {
    /// The table whose rows change. Not all databases know it by another name there.
    fileprivate mutating func target(_ table: Table) throws(SQLError) {
        if let alias = table.alias {
            throw SQLError(.usage, "Change '\(table.name)' itself: its alias '\(alias)' is for the queries within")
        }
        try identifier(table.name)
    }
}

extension Table {
    /// Changes rows; without `where`, all of them.
    public func update(_ values: Assignments) -> Update { Update(table: self, values: values) }
    /// Removes rows; without `where`, all of them.
    public func delete() -> Delete { Delete(table: self) }
}
