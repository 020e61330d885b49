internal import SQLTables
internal import Synchronization

/// A row of the table.
struct Developer: Codable, Sendable, Hashable {
    var id: Int
    var firstName: String?
    var lastName: String?
    var expert: String?
}

/// The table `developers` and what is done with it.
final class DeveloperStore: Sendable {
    static let table = Table(
        "developers", Column("id", .integer, primaryKey: true), Column("first_name", .string(255)),
        Column("last_name", .string(255)), Column("expert", .string(255)))

    let engine: SQLEngine
    private let isPrepared = Mutex(false)
    private var table: Table { Self.table }

    init(engine: SQLEngine) { self.engine = engine }

    /// Creates the table where there is none; each operation asks again while the database was away at the start.
    func prepare() async throws {
        guard !isPrepared.withLock({ $0 }) else { return }
        try await engine.createAll(Metadata(table))
        isPrepared.withLock { $0 = true }
    }

    /// Some rows in the order of their ids, of those with an expertise where one is given, and how many there are.
    func list(expert: String?, limit: Int, offset: Int) async throws -> (rows: [Developer], total: Int) {
        try await prepare()
        let condition = expert.map { table.expert == $0 } ?? .all([])
        let rows = try await engine.fetch(
            table.select().where(condition).orderBy(table.id).limit(limit).offset(offset), as: Developer.self)
        let total = try await engine.fetchValue(select(count()).from(table).where(condition), as: Int.self)
        return (rows, total ?? 0)
    }

    /// All rows.
    func all() async throws -> [Developer] {
        try await prepare()
        return try await engine.fetch(table.select().orderBy(table.id), as: Developer.self)
    }

    /// A row by its id.
    func find(_ id: Int) async throws -> Developer? {
        try await prepare()
        return try await engine.fetchOne(table.select().where(table.id == id), as: Developer.self)
    }

    /// Inserts a row and gives its id.
    func insert(_ values: Assignments) async throws -> Int {
        try await prepare()
        return Int(try await engine.execute(table.insert(values)).lastInsertID ?? 0)
    }

    /// Changes a row and gives it as it is then; nil where there is none with the id.
    func update(_ id: Int, _ values: Assignments) async throws -> Developer? {
        try await prepare()
        return try await engine.transaction(retries: 3) { [table] transaction in
            try await transaction.execute(table.update(values).where(table.id == id))
            return try await transaction.fetchOne(table.select().where(table.id == id), as: Developer.self)
        }
    }

    /// Removes a row.
    /// - Returns: Whether there was one.
    func delete(_ id: Int) async throws -> Bool {
        try await prepare()
        return try await engine.execute(table.delete().where(table.id == id)).affectedRows > 0
    }
}
