/// The tables of an application, or those found in a database.
public struct Metadata: Sendable {
    /// The tables, in the order of declaration.
    public let tables: [Table]

    /// Tables that belong together.
    public init(_ tables: Table...) { self.tables = tables }
    /// Tables that belong together.
    public init(_ tables: [Table]) { self.tables = tables }

    /// A table by its name.
    public subscript(name: String) -> Table? { tables.first { $0.name == name } }

    /// The tables such that each comes after those that its foreign keys name.
    /// - Throws: ``SQLError`` of kind `usage` where tables refer to each other in a circle, or two have one name.
    public func inDependencyOrder() throws(SQLError) -> [Table] {
        let (tables, circle) = try ordered()
        guard circle.isEmpty else {
            let names = circle.sorted().joined(separator: ", ")
            throw SQLError(.usage, "These tables refer to each other in a circle: \(names)")
        }
        return tables
    }

    /// The tables in order as far as there is one, and behind them those that a circle of references holds back.
    private func ordered() throws(SQLError) -> (tables: [Table], circle: [String]) {
        var remaining = tables
        let names = Set(tables.map(\.name))
        guard names.count == tables.count else { throw SQLError(.usage, "Two tables have the same name") }
        var placed: Set<String> = []
        var ordered: [Table] = []
        while !remaining.isEmpty {
            let ready = remaining.filter { table in
                table.foreignKeys.allSatisfy { key in
                    key.table == table.name || placed.contains(key.table) || !names.contains(key.table)
                }
            }
            guard !ready.isEmpty else { return (ordered + remaining, remaining.map(\.name)) }
            placed.formUnion(ready.map(\.name))
            ordered += ready
            remaining.removeAll { placed.contains($0.name) }
        }
        return (ordered, [])
    }

    /// The statements that create the tables and their indexes. Around tables that refer to each other in a circle, foreign
    /// keys are not looked at.
    public func createStatements(ifNotExists: Bool = true) throws(SQLError) -> [any SQLStatement] {
        var statements: [any SQLStatement] = []
        let (tables, circle) = try ordered()
        for table in tables {
            statements.append(CreateTable(table, ifNotExists: ifNotExists))
            for index in table.indexes {
                statements.append(CreateIndex(index, on: table, ifNotExists: ifNotExists))
            }
        }
        return Self.unchecked(statements, !circle.isEmpty)
    }

    /// The statements that remove the tables.
    public func dropStatements(ifExists: Bool = true) throws(SQLError) -> [any SQLStatement] {
        let (tables, circle) = try ordered()
        return Self.unchecked(tables.reversed().map { DropTable($0.name, ifExists: ifExists) }, !circle.isEmpty)
    }

    private static func unchecked(_ statements: [any SQLStatement], _ isCircle: Bool) -> [any SQLStatement] {
        isCircle ? [ForeignKeyChecks(isOn: false)] + statements + [ForeignKeyChecks(isOn: true)] : statements
    }
}

/// Has the connection look at foreign keys, or not.
struct ForeignKeyChecks: SQLStatement {
    let isOn: Bool

    var isReadOnly: Bool { false }

    func write(to writer: inout SQLWriter) {
        writer.append(
            writer.dialect.family == .sqlite
                ? "PRAGMA foreign_keys = \(isOn ? "ON" : "OFF")" : "SET FOREIGN_KEY_CHECKS = \(isOn ? 1 : 0)")
    }
}
