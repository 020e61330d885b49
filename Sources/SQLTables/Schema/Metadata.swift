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
            guard !ready.isEmpty else {
                let circle = remaining.map(\.name).sorted().joined(separator: ", ")
                throw SQLError(.usage, "These tables refer to each other in a circle: \(circle)")
            }
            placed.formUnion(ready.map(\.name))
            ordered += ready
            remaining.removeAll { placed.contains($0.name) }
        }
        return ordered
    }

    /// The statements that create the tables and their indexes.
    public func createStatements(ifNotExists: Bool = true) throws(SQLError) -> [any SQLStatement] {
        var statements: [any SQLStatement] = []
        for table in try inDependencyOrder() {
            statements.append(CreateTable(table, ifNotExists: ifNotExists))
            for index in table.indexes {
                statements.append(CreateIndex(index, on: table, ifNotExists: ifNotExists))
            }
        }
        return statements
    }

    /// The statements that remove the tables.
    public func dropStatements(ifExists: Bool = true) throws(SQLError) -> [any SQLStatement] {
        try inDependencyOrder().reversed().map { DropTable($0.name, ifExists: ifExists) }
    }
}
