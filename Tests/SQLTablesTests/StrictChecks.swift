import Foundation
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// What databases would take and change without a word, and transactions that end before their end: see ``EngineChecks``.
enum StrictChecks {
    static let all: [(String, @Sendable (SQLEngine) async throws -> Void)] = [
        ("values that are none of the column's", values), ("spellings of times", spellings), ("emoji", emoji),
        ("digits", digits), ("names and texts in the words", injection), ("too many values", tooMany),
        ("a transaction that ended", ended),
        ("savepoints three deep", savepoints), ("odd names", names), ("checks", checks),
        ("no value and JSON's null", nulls),
    ]

    static func values(_ engine: SQLEngine) async throws {
        let table = Table(
            "strict", Column("id", .integer, primaryKey: true), Column("n", .integer), Column("big", .bigInteger),
            Column("yes", .boolean), Column("level", .enumeration(["low", "high", "😀"])), Column("at", .dateTime),
            Column("day", .date))
        try await engine.createAll(Metadata(table))
        let refused: [(String, SQLExpression)] = [
            ("n", 1.5), ("n", .value(SQLValue.decimal("2.5"))), ("big", 0.1), ("yes", 2), ("yes", 0.5),
            ("yes", .value(SQLValue.decimal("1"))), ("level", "LOW"), ("level", 1), ("level", ""), ("level", "😁"),
            ("at", 20_260_101), ("at", "now"), ("at", "2026-01-01 25:00:00"), ("at", "2460000.5"), ("day", 20_260_101),
            ("day", "tomorrow"), ("day", true),
        ]
        for (column, value) in refused {
            let row = Assignments([(column, value)])
            #expect(await kind { try await engine.execute(table.insert(row)) } == .invalidValue, "\(column) \(value)")
        }
        #expect(try await engine.fetchValue(select(count()).from(table), as: Int.self) == 0)
        let taken: [(String, SQLExpression, SQLValue)] = [
            ("n", 2.0, 2), ("n", .value(SQLValue.decimal("-3.00")), -3), ("big", .value(1e15), 1_000_000_000_000_000),
            ("yes", 1, 1), ("yes", false, 0), ("level", "high", "high"), ("level", "😀", "😀"), ("level", nil, .null),
            ("day", .value(SQLValue.date("2026-01-02")), .date("2026-01-02")),
            ("day", "2026-01-02T23:30:00-01:00", .date("2026-01-03")),
        ]
        for (column, value, wanted) in taken {
            let id = try await engine.execute(table.insert(Assignments([(column, value)]))).lastInsertID
            let read = try await engine.fetchOne(select(table[column]).where(table.id == id))?[column]
            // SQLite keeps days as texts.
            let isAsWanted = read == wanted || String(sqlValue: read ?? .null) == String(sqlValue: wanted)
            #expect(isAsWanted, "\(column): \(String(describing: read))")
        }
        try await engine.dropAll(Metadata(table))
    }

    static func spellings(_ engine: SQLEngine) async throws {
        let instant = Date(timeIntervalSince1970: 1_767_261_600.123_456)
        let spellings = [
            "2026-01-01 10:00:00.123456", "2026-01-01T10:00:00.123456Z", "2026-01-01T12:00:00.123456+02:00",
            "2026-01-01 04:30:00.1234560-05:30",
        ]
        for text in spellings {
            let id = try await engine.execute(d.insert(["first_name": "a", "joined": .value(text)])).lastInsertID
            // The same instant, whoever compares.
            for other in [SQLExpression.value(instant), .value(spellings[2])] {
                let found = d.select().where(d.id == id && d.joined == other && d.joined <= other)
                let row = try #require(try await engine.fetchOne(found), "\(text)")
                #expect(try abs(row.get("joined", as: Date.self).timeIntervalSince(instant)) < 0.000_000_5)
            }
        }
        let whole = try await engine.execute(d.insert(["first_name": "b", "joined": "2026-01-01 10:00:00"]))
            .lastInsertID
        let same = select(d.id).where(d.joined == Date(timeIntervalSince1970: 1_767_261_600))
        #expect(try await engine.fetchValue(same, as: Int64.self) == whole)
    }

    static func emoji(_ engine: SQLEngine) async throws {
        // Each is itself: in a key, a comparison, a group.
        let faces = ["😀", "😁", "👩‍👩‍👧", "🇫🇷", "🇩🇪", "𝒜", "𝒞"]
        try await engine.execute(t.insert(faces.map { ["name": .value($0)] }))
        for face in faces {
            let found = try await engine.fetch(select(t["name"]).where(t["name"] == face))
            #expect(found.map { $0["name"] } == [.text(face)])
            let row: Assignments = ["first_name": .value(face), "extra": .value("{\"\(face)\": \"\(face)\"}")]
            let id = try await engine.execute(d.insert(row)).lastInsertID
            let read = try #require(try await engine.fetchOne(d.select().where(d.id == id && d.first_name.in([face]))))
            #expect(read.extra == .text("{\"\(face)\": \"\(face)\"}"))
            let path = select(d.extra.json(face).as("v")).from(d).where(d.id == id)
            #expect(try await engine.fetchValue(path, as: String.self) == face)
        }
        #expect(
            try await engine.fetch(select(d.first_name, count().as("n")).groupBy(d.first_name)).count == faces.count)
        #expect(await kind { try await engine.execute(t.insert(["name": "😀"])) } == .uniqueViolation)
    }

    static func digits(_ engine: SQLEngine) async throws {
        let table = Table("digits", Column("id", .integer, primaryKey: true), Column("n", .numeric(38, 10)))
        try await engine.createAll(Metadata(table))
        let numbers = [
            "9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999", "0.0000000001",
            "-0.0000000001", "1234567890123456789012345678.0123456789", "0.1",
        ]
        for number in numbers {
            let decimal = try #require(Decimal(string: number))
            for value in [SQLExpression.value(decimal), .value(SQLValue.decimal(number))] {
                let id = try await engine.execute(table.insert(["n": value])).lastInsertID
                let found = table.select().where(table.id == id && table.n == value && table.n.in([decimal]))
                let row = try #require(try await engine.fetchOne(found), "\(number)")
                #expect(try row.get("n", as: Decimal.self) == decimal)
            }
        }
        let next = Decimal(string: "9999999999999999999999999999.9999999998") ?? 0
        #expect(try await engine.fetch(table.select().where(table.n > next)).count == 2)
        let sorted = try await engine.fetch(select(table.n).distinct().orderBy(table.n))
        try await arithmetic(engine, table)
        #expect(
            try sorted.map { try $0.get("n", as: Decimal.self) } == numbers.compactMap { Decimal(string: $0) }.sorted())
        try await engine.dropAll(Metadata(table))
    }

    /// No digit is lost by sums and products.
    private static func arithmetic(_ engine: SQLEngine, _ table: Table) async throws {
        try await engine.execute(table.delete())
        let numbers = ["1234567890123456789012.0000000001", "-0.0000000003", "9", "10"]
        for number in numbers { try await engine.execute(table.insert(["n": .value(SQLValue.decimal(number))])) }
        func value(_ expression: SQLExpression) async throws -> Decimal? {
            try await engine.fetchValue(select(expression.as("x")).from(table), as: Decimal.self)
        }
        func digits(_ text: String) -> Decimal? { Decimal(string: text) }
        let n = table.n
        #expect(try await value(n.sum) == digits("1234567890123456789030.9999999998"))
        #expect(try await value(n.sum.filter(n < 10)) == digits("8.9999999997"))
        #expect(try await value(n.sum - n.maximum) == digits("18.9999999997"))
        #expect(try await value((n + n).maximum) == digits("2469135780246913578024.0000000002"))
        #expect(try await value((-n).minimum) == digits("-1234567890123456789012.0000000001"))
        #expect(try await value((n * 3 - 1).maximum) == digits("3703703670370370367035.0000000003"))
        let totals = try await engine.fetchOne(select(n.sum.as("s")).from(table).where(n.between(9, 10)))
        #expect(try totals?.get("s", as: Decimal.self) == 19)
        let nine = try #require(try await engine.fetchOne(select(n).where(n == 9)))
        #expect(try nine.get("n", as: Int.self) == 9)
        #expect(try nine.get("n", as: Double.self) == 9)
        for order in [(n + 1).ascending, (n * 2).ascending] {
            let rows = try await engine.fetch(select(table.id).orderBy(order))
            let ids = try rows.map { try $0.get("id", as: Int.self) }
            let first = try #require(ids.min())
            #expect(ids.map { $0 - first } == [1, 2, 3, 0])
        }
        #expect(try await engine.fetch(table.select().where(n + 1 > 10)).count == 2)
        #expect(try await engine.fetch(table.select().where(n + 1 >= n * 2 - 8)).count == 2)
        let factor = SQLExpression.value(SQLValue.decimal("1.5"))
        try await engine.execute(table.update(["n": n * factor]))
        #expect(try await value(n.maximum) == digits("1851851835185185183518.0000000002"))
        let over = await kind { try await engine.execute(table.update(["n": n * 1_000_000_000])) }
        #expect(over == .invalidValue)
        // A short one is rounded as well.
        try await engine.execute(d.insert(["first_name": "a", "pay": 10]))
        try await engine.execute(d.update(["pay": d.pay / 3]))
        try await engine.execute(d.update(["pay": d.pay * SQLExpression.value(SQLValue.decimal("1.111"))]))
        let pay = try await engine.fetchValue(select(d.pay), as: Decimal.self)
        #expect([Decimal(string: "3.70"), Decimal(string: "3.33")].contains(pay))
        #expect(await kind { try await engine.execute(d.update(["pay": d.pay * 1_000_000_000])) } == .invalidValue)
    }

    /// No text changes a statement in places that cannot be bound.
    static func injection(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert(["name": "core"]))
        try await engine.execute(d.insert(["first_name": "a", "extra": "{\"a\": 1}"]))
        for text in EngineChecks.attacks where !text.utf8.contains(0) {
            let isInBasicPlane = text.unicodeScalars.allSatisfy { $0.value < 0x10000 }
            if isInBasicPlane || engine.isSQLite {
                let common = select(t["name"].as(text)).where(t.id == 1).cte(text)
                let found = try await engine.fetch(select(common[text]).from(common))
                #expect(found.map { $0[text] } == ["core"], "\(text)")
            }
            let joined = select(t["name"].joined(separator: text).as("j")).from(t)
            #expect(try await engine.fetchValue(joined, as: String.self) == "core")
            let path = select(d.extra.json(text).as("v")).from(d)
            if text.contains("\"") || text.contains("\\") {
                #expect(await kind { _ = try await engine.fetch(path) } == .usage)
            } else {
                #expect(try await engine.fetch(path).map { $0.v } == [.null], "\(text)")
            }
            let sorted = select(t["name"].collate(text)).from(t)
            #expect(await kind { _ = try await engine.fetch(sorted) } == .usage)
        }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 1)
    }

    static func tooMany(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert(["id": 1, "name": "a"]))
        let many = Array(1...70_000)
        // Found before anything is sent, so the message is ours.
        for statement: any SQLStatement in [t.select().where(t.id.in(many)), t.delete().where(t.id.notIn(many))] {
            do {
                try await engine.execute(statement)
                Issue.record("taken")
            } catch {
                #expect(error.kind == .usage)
                #expect(error.message.contains("70000"))
            }
        }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 1)
        let most = Array(1...30_000)
        #expect(try await engine.fetch(t.select().where(t.id.in(most))).count == 1)
    }

    /// A statement's error that takes back the whole transaction ends it, even where the program passes over the error.
    static func ended(_ engine: SQLEngine) async throws {
        guard engine.isSQLite else {
            // On MariaDB it takes two transactions that wait for each other: see MariaDBTests.
            return
        }
        let words = TextStatement("INSERT OR ROLLBACK INTO teams (id, name) VALUES (1, 'again')")
        let failure = await kind {
            try await engine.transaction { transaction in
                try await transaction.execute(t.insert(["id": 1, "name": "a"]))
                _ = try? await transaction.execute(words)
                try await transaction.execute(t.insert(["id": 2, "name": "b"]))
            }
        }
        #expect(failure == .uniqueViolation)
        let atEnd = await kind {
            try await engine.transaction { transaction in
                try await transaction.execute(t.insert(["id": 1, "name": "a"]))
                _ = try? await transaction.execute(words)
            }
        }
        #expect(atEnd == .uniqueViolation)
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 0)
        try await engine.execute(t.insert(["id": 1, "name": "a"]))
    }

    static func savepoints(_ engine: SQLEngine) async throws {
        struct Stop: Error {}
        func add(_ connection: SQLConnection, _ name: String) async throws {
            try await connection.execute(t.insert(["name": .value(name)]))
        }
        try await engine.transaction { transaction in
            try await add(transaction, "0")
            try? await transaction.savepoint { one in
                try await add(one, "1")
                try await one.savepoint { two in
                    try await add(two, "1.1")
                    try? await two.savepoint { three in
                        try await add(three, "1.1.1")
                        throw Stop()
                    }
                    try await two.savepoint { three in try await add(three, "1.1.2") }
                }
                #expect(try await one.fetchValue(select(count()).from(t), as: Int.self) == 4)
                try? await one.savepoint { two in
                    try await add(two, "1.2")
                    try await two.savepoint { three in
                        try await add(three, "1.2.1")
                        throw Stop()
                    }
                }
                #expect(try await one.fetchValue(select(count()).from(t), as: Int.self) == 4)
            }
        }
        let names = try await engine.fetch(select(t["name"]).orderBy(t.id)).map { $0["name"] }
        #expect(names == ["0", "1", "1.1", "1.1.2"])
    }

    static func names(_ engine: SQLEngine) async throws {
        // MariaDB keeps names to the basic plane.
        for name in ["select", "it's", "a\"b`c", "ö ü", "a.b", "a;--", "名前", "%s ?", "group by"] {
            let table = Table(
                name, Column("id", .integer, primaryKey: true), Column(name + "2", .string(9), unique: true),
                constraints: [.check(name + "3", SQLExpression.label(name + "2") != "no")],
                indexes: [Index(name + "4", on: [name + "2", "id"])])
            try await engine.createAll(Metadata(table))
            try await engine.execute(table.insert(Assignments([(name + "2", "x")])))
            let other = table.as(name + "5")
            let query = select(other[name + "2"].as(name + "6")).from(other).where(other[name + "2"] == "x")
            let common = query.cte(name + "7")
            let found = try await engine.fetch(select(common).from(common).orderBy(SQLExpression.label(name + "6")))
            #expect(found.map { $0[name + "6"] } == ["x"], "\(name)")
            let reflected = try #require(try await engine.reflect()[name], "\(name)")
            #expect(reflected.columns.map(\.name) == table.columns.map(\.name))
            #expect(reflected.checks.map(\.name) == [name + "3"])
            #expect(reflected.indexes.contains(table.indexes[0]))
            #expect(
                await kind { try await engine.execute(table.insert(Assignments([(name + "2", "no")]))) }
                    == .checkViolation)
            try await engine.dropAll(Metadata(table))
        }
    }

    static func checks(_ engine: SQLEngine) async throws {
        let n = SQLExpression.label("n")
        let s = SQLExpression.label("s")
        let table = Table(
            "checked", Column("id", .integer, primaryKey: true), Column("n", .integer), Column("s", .string(20)),
            Column("level", .enumeration(["low", "it's ("])), Column("doc", .json), Column("yes", .boolean),
            constraints: [
                .check("bounds", n > 0 && (n < 100 || n == 500)), .check("quotes", s != "it's ) \\ --" && s != "\"`"),
                .check("some", n.in([1, 2, 500]) || s.isNull),
            ])
        try await engine.createAll(Metadata(table))
        let found = try #require(try await engine.reflect()["checked"])
        #expect(found.checks.compactMap(\.name).sorted() == ["bounds", "quotes", "some"])
        #expect(found.columns.map(\.type) == table.columns.map(\.type))
        if engine.isSQLite {
            #expect(try found.checks.map { try $0.sql() } == table.checks.map { try $0.sql() })
        }
        // Made again from what was found, it refuses the same.
        try await engine.dropAll(Metadata(table))
        try await engine.createAll(Metadata(found))
        for made in [table, found] {
            let refused: [Assignments] = [
                ["n": 0], ["n": 100], ["n": 1, "s": "it's ) \\ --"], ["n": 1, "s": "\"`"], ["n": 3, "s": "x"],
            ]
            for row in refused {
                #expect(await kind { try await engine.execute(made.insert(row)) } == .checkViolation, "\(row)")
            }
            try await engine.execute(
                made.insert(["n": 500, "s": "it's )", "level": "it's (", "doc": "[]", "yes": true]))
        }
        #expect(try await engine.reflect()["checked"]?.checks.count == 3)
        try await engine.dropAll(Metadata(table))
    }

    static func nulls(_ engine: SQLEngine) async throws {
        let rows: [Assignments] = [["first_name": "no value", "extra": nil], ["first_name": "JSON", "extra": "null"]]
        try await engine.execute(d.insert(rows))
        let without = select(d.first_name).where(d.extra == nil)
        #expect(try await engine.fetchValue(without, as: String.self) == "no value")
        let with = try #require(try await engine.fetchOne(d.select().where(d.extra != nil)))
        #expect(with.extra == "null")
        #expect(try with.get("extra", as: String?.self) == "null")
        // As a type of one's own both are nil.
        for row in try await engine.fetch(d.select(), as: Developer.self) { #expect(row.extra == nil) }
        let flags = select((d.extra == nil).as("f"), d.active.as("a")).from(d).orderBy(d.id)
        let read = try await engine.fetch(flags)
        #expect(try read.map { try $0.get("f", as: Bool.self) } == [true, false])
        #expect(try read.map { try $0.get("a", as: Bool.self) } == [true, true])
    }
}
