import Foundation
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// A row as a type.
struct Developer: Codable, Hashable {
    var id: Int?
    var firstName: String
    var lastName: String?
    var active: Bool
    var joined: Date?
    var born: Date?
    var pay: Decimal?
    var extra: [String: Int]?
}

/// The kind of the error of databases that `body` ends with; nil where it ends with none.
func kind(_ body: () async throws -> Void) async -> SQLError.Kind? {
    do {
        try await body()
        return nil
    } catch { return (error as? SQLError)?.kind }
}

/// What each engine does alike; run for SQLite here, for MariaDB where there is one.
enum EngineChecks {
    /// A life of some rows: insert, read, change, remove, with every type.
    static func rows(_ engine: SQLEngine) async throws {
        let joined = Date(timeIntervalSince1970: 1_700_000_000.25)
        let ada = Developer(
            firstName: "Ada ‘𝒜’ \\ \" ' `", lastName: nil, active: true, joined: joined,
            born: Date(timeIntervalSince1970: 0), pay: Decimal(string: "1234.5"), extra: ["a": 1])
        let inserted = try await engine.execute(d.insert(encoding: ada, leavingOut: ["id"]))
        #expect(inserted.affectedRows == 1)
        #expect(inserted.lastInsertID == 1)
        let read = try #require(try await engine.fetchOne(d.select().where(d.id == 1), as: Developer.self))
        #expect(read.firstName == ada.firstName)
        #expect(read.lastName == nil)
        #expect(read.active)
        #expect(read.joined == joined)
        #expect(read.born == ada.born)
        #expect(read.pay == ada.pay)
        #expect(read.extra == ["a": 1])

        let rows: [Assignments] = [
            ["first_name": "Linus", "expert": "C"], ["first_name": "Grace", "expert": "COBOL"],
        ]
        #expect(try await engine.execute(d.insert(rows)).affectedRows == 2)
        #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == 3)
        let names = try await engine.fetch(select(d.first_name).where(d.id > 1).orderBy(d.first_name.descending))
        #expect(names.map { $0.first_name } == ["Linus", "Grace"])

        let changed = try await engine.execute(d.update(["expert": "x"]).where(d.first_name.contains("in")))
        #expect(changed.affectedRows == 1)
        // Rows found count, not rows that differ afterwards.
        #expect(try await engine.execute(d.update(["expert": "x"]).where(d.expert == "x")).affectedRows == 1)
        #expect(try await engine.execute(d.delete().where(d.id == 99)).affectedRows == 0)
        #expect(try await engine.execute(d.delete().where(d.id == 3)).affectedRows == 1)
        // A number is not given twice.
        #expect(try await engine.execute(d.insert(["first_name": "New"])).lastInsertID == 4)
    }

    static let failures: [(SQLError.Kind, @Sendable () -> any SQLStatement)] = [
        (.uniqueViolation, { t.insert(["name": "core"]) }),
        (.notNullViolation, { t.insert(["name": nil]) }),
        (.dataTooLong, { t.insert(["name": .value(String(repeating: "é", count: 41))]) }),
        (.foreignKeyViolation, { d.insert(["first_name": "a", "team_id": 99]) }),
        (.notFound, { Table("nowhere", Column("id", .integer)).select() }),
        (.syntax, { TextStatement("SELEC 1") }),
        (.alreadyExists, { CreateTable(t) }),
    ]

    /// Each failure has its kind, on the engine and in a transaction.
    static func errors(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert(["name": "core"]))
        for (kind, make) in failures {
            let statement = make()
            do {
                try await engine.execute(statement)
                Issue.record("\(statement) did not fail")
            } catch {
                #expect(error.kind == kind, "\(error)")
                #expect(error.code != 0)
                #expect(error.statement?.isEmpty == false)
            }
        }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 1)
    }

    /// Transactions are done whole or not at all; a savepoint takes back a part.
    static func transactions(_ engine: SQLEngine) async throws {
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await engine.transaction { transaction in
                try await transaction.execute(t.insert(["name": "a"]))
                throw Stop()
            }
        }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 0)
        try await engine.transaction(isolation: .serializable) { transaction in
            try await transaction.execute(t.insert(["name": "a"]))
            await #expect(throws: SQLError.self) {
                try await transaction.savepoint { inner in
                    try await inner.execute(t.insert(["name": "b"]))
                    try await inner.execute(t.insert(["name": "a"]))
                }
            }
            try await transaction.savepoint { inner in try await inner.execute(t.insert(["name": "c"])) }
        }
        let names = try await engine.fetch(select(t["name"]).orderBy(t["name"]))
        #expect(names.map { $0["name"] } == ["a", "c"])
        var kept: SQLConnection?
        try await engine.withConnection { kept = $0 }
        let given = try #require(kept)
        await #expect(throws: SQLError.self) { try await given.execute(t.select()) }
    }

    /// Many tasks write at once and none is lost.
    static func concurrentWriters(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert(["id": 1, "name": "0"]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for round in 0..<10 {
                        let name = "\(writer)/\(round)"
                        try await engine.execute(d.insert(["first_name": .value(name)]))
                        try await engine.transaction(retries: 10) { transaction in
                            let read = select(t["name"]).where(t.id == 1).forUpdate()
                            let text = try await transaction.fetchValue(read, as: String.self)
                            let next = (text.flatMap { Int($0) } ?? 0) + 1
                            try await transaction.execute(t.update(["name": .value("\(next)")]).where(t.id == 1))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == 160)
        #expect(try await engine.fetchValue(select(t["name"]).where(t.id == 1), as: String.self) == "160")
        let ids = try await engine.fetch(select(d.id).orderBy(d.id)).compactMap { $0.id }
        #expect(Set(ids).count == 160)
    }

    /// What was declared is found again.
    static func reflection(_ engine: SQLEngine) async throws {
        let found = try await engine.reflect()
        #expect(found.tables.map(\.name) == ["developers", "teams"])
        let developers = try #require(found["developers"])
        #expect(developers.columns.map(\.name) == d.columns.map(\.name))
        #expect(developers.columns.map(\.nullable) == d.columns.map(\.nullable))
        #expect(developers.primaryKey.map(\.name) == ["id"])
        #expect(developers.columns.map(\.type) == d.columns.map(\.type))
        #expect(developers.columns.map(\.serverDefault) == d.columns.map(\.serverDefault))
        #expect(developers.foreignKeys == d.foreignKeys)
        #expect(developers.uniqueKeys == d.uniqueKeys)
        #expect(developers.indexes == d.indexes)
    }

    static let attacks = [
        "x'); DROP TABLE teams;--", "' OR '1'='1", "\" OR 1=1 --", "`; DROP TABLE teams; --", "\\'; --", "%", "a\u{0}b",
        "1; SELECT 1", "/* */", "😀'\"`\\",
    ]

    /// No text changes a statement, whatever place it is in.
    static func injection(_ engine: SQLEngine) async throws {
        for text in attacks {
            let value = SQLExpression.value(text)
            let id = try await engine.execute(d.insert(["first_name": value])).lastInsertID
            let key = try #require(id)
            let found = try await engine.fetchOne(select(d.first_name).where(d.first_name == value && d.id == key))
            #expect(found?.first_name == .text(text))
            #expect(try await engine.fetch(d.select().where(d.first_name.contains(text) && d.id == key)).count == 1)
            #expect(try await engine.fetch(d.select().where(d.first_name.in([text]) && d.id == key)).count == 1)
            try await engine.execute(d.update(["expert": value]).where(d.id == key))
            // As names: of a column, a table, a result's column, an order.
            await #expect(throws: SQLError.self) { try await engine.fetch(select(d[text]).from(d)) }
            await #expect(throws: SQLError.self) { try await engine.fetch(d.select().orderBy(d[text])) }
            await #expect(throws: SQLError.self) { try await engine.execute(d.insert(Assignments([(text, 1)]))) }
            await #expect(throws: SQLError.self) { try await engine.fetch(select(function(text)).from(d)) }
            await #expect(throws: SQLError.self) { try await engine.execute(DropTable(text)) }
            await #expect(throws: SQLError.self) {
                try await engine.fetch(d.select().orderBy(SQLExpression.label(text)))
            }
            // A zero byte is refused in names here, and what is beyond the basic plane by MariaDB.
            if text.unicodeScalars.allSatisfy({ $0.value > 0 && $0.value < 0x10000 }) {
                let named = try await engine.fetchOne(select(d.id.as(text)).where(d.id == key))
                #expect(named?[text] == .integer(key))
            }
        }
        #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == attacks.count)
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 0)
    }

    static let all: [(String, @Sendable (SQLEngine) async throws -> Void)] =
        [
            ("rows of every type", rows), ("errors", errors), ("transactions", transactions),
            ("concurrent writers", concurrentWriters), ("reflection", reflection), ("injection", injection),
        ] + OddChecks.all + QueryChecks.all + StrictChecks.all
}

@Suite("SQLite engine")
struct SQLiteEngineTests {
    @Test("On a file and in memory", arguments: EngineChecks.all.indices, [false, true])
    func check(_ index: Int, inMemory: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = inMemory ? "sqlite::memory:" : "sqlite:\(folder.path)/app.db"
        // The writers queue for one connection, and all tests of the process for the processors: how long that takes is not
        // what is tested.
        var options = SQLEngineOptions()
        options.poolTimeout = .seconds(300)
        let engine = try SQLEngine(url, options: options)
        defer { engine.close() }
        try await engine.createAll(Tables.all)
        // What is there already stays.
        try await engine.createAll(Tables.all)
        try await EngineChecks.all[index].1(engine)
        try await engine.dropAll(Tables.all)
        #expect(try await engine.reflect().tables.isEmpty)
    }

    @Test("A file that cannot be opened is an error that names it")
    func noFile() async throws {
        let engine = try SQLEngine("sqlite:/nowhere/at/all.db")
        do {
            try await engine.ping()
            Issue.record("opened")
        } catch {
            #expect(error.kind == .connectionFailed)
            #expect(error.message.contains("sqlite:/nowhere/at/all.db"))
            #expect(error.isUnavailable)
        }
    }

    @Test("A closed engine says so")
    func closed() async throws {
        let engine = try SQLEngine("sqlite::memory:")
        try await engine.ping()
        engine.close()
        await #expect { try await engine.ping() } throws: { ($0 as? SQLError)?.kind == .closed }
    }

    @Test("Waiting for the only connection ends by the time limit and by cancellation")
    func waiting() async throws {
        var options = SQLEngineOptions()
        options.poolTimeout = .milliseconds(20)
        let engine = try SQLEngine("sqlite::memory:", options: options)
        try await engine.withConnection { _ in
            await #expect { try await engine.ping() } throws: { ($0 as? SQLError)?.kind == .poolTimeout }
        }
        try await engine.ping()
        let patient = try SQLEngine("sqlite::memory:")
        try await patient.withConnection { _ in
            let task = Task { try await patient.ping() }
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? SQLError)?.kind == .cancelled }
        }
        try await patient.ping()
    }

    @Test("Cancelling the task ends a statement that runs, and the connection lives on")
    func cancelling() async throws {
        let engine = try SQLEngine("sqlite::memory:")
        let endless = TextStatement(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", isReadOnly: true)
        // Before the statement is there, while it comes, and while it runs.
        for wait in [Duration.zero, .microseconds(50), .microseconds(500), .milliseconds(20)] {
            let task = Task { try await engine.fetch(endless) }
            if wait > .zero { try await Task.sleep(for: wait) }
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? SQLError)?.kind == .cancelled }
            try await engine.ping()
        }
    }

    @Test("A reader sees the last commit while a writer's transaction is open")
    func readersBesideWriter() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).db")
        let engine = try SQLEngine("sqlite:\(file.path)")
        defer {
            engine.close()
            for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + end) }
        }
        try await engine.createAll(Tables.all)
        try await engine.transaction { transaction in
            try await transaction.execute(t.insert(["name": "a"]))
            #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 0)
        }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 1)
        // Readers cannot write even by a statement that says it only reads.
        await #expect(throws: SQLError.self) {
            try await engine.execute(TextStatement("DELETE FROM teams", isReadOnly: true))
        }
    }
}
