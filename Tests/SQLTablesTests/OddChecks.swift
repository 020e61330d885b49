import Foundation
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// What is odd and must be alike on both engines: see ``EngineChecks``. Each removes the tables that it makes.
enum OddChecks {
    static let all: [(String, @Sendable (SQLEngine) async throws -> Void)] = [
        ("circles of tables", circles), ("numbers", numbers), ("times", times), ("JSON", json),
        ("kinds of errors", kinds), ("conflicts", conflicts), ("rows beyond the limit of parameters", manyRows),
        ("queries", queries), ("changes by queries", changes), ("transactions left open", leftOpen),
        ("savepoints within savepoints", savepoints), ("bytes and texts", bytes), ("defaults", defaults),
    ]

    /// Runs a check with tables of its own.
    private static func with(
        _ engine: SQLEngine, _ tables: Table..., body: () async throws -> Void
    ) async throws {
        try await engine.createAll(Metadata(tables))
        try await body()
        try await engine.dropAll(Metadata(tables))
    }

    static func circles(_ engine: SQLEngine) async throws {
        let a = Table(
            "circle_a", Column("id", .integer, primaryKey: true),
            Column("b", .integer, references: .init("circle_b", "id")))
        let b = Table(
            "circle_b", Column("id", .integer, primaryKey: true),
            Column("a", .integer, references: .init("circle_a", "id")),
            Column("up", .integer, references: .init("circle_b", "id")))
        try await with(engine, a, b) {
            try await engine.createAll(Metadata(a, b))
            try await engine.execute(a.insert(["id": 1]))
            try await engine.execute(b.insert(["id": 1, "a": 1, "up": 1]))
            try await engine.execute(a.update(["b": 1]))
            #expect(await kind { try await engine.execute(a.insert(["b": 9])) } == .foreignKeyViolation)
        }
        #expect(await kind { try await engine.execute(d.insert(["team_id": 9])) } == .foreignKeyViolation)
        // One that fails half way leaves no connection that looks away.
        let broken = Table(
            "circle_c", Column("id", .integer, primaryKey: true),
            Column("d", .text, serverDefault: .now, references: .init("circle_d", "id")))
        let other = Table(
            "circle_d", Column("id", .integer, primaryKey: true),
            Column("c", .integer, references: .init("circle_c", "id")))
        #expect(await kind { try await engine.createAll(Metadata(broken, other)) } == .usage)
        #expect(await kind { try await engine.execute(d.insert(["team_id": 9])) } == .foreignKeyViolation)
        try await engine.dropAll(Metadata(broken, other))
    }

    static func numbers(_ engine: SQLEngine) async throws {
        let table = Table(
            "numbers", Column("id", .integer, primaryKey: true), Column("small", .numeric(10, 2)),
            Column("large", .numeric(30, 10)), Column("big", .bigInteger), Column("x", .double))
        func decimal(_ text: String) throws -> Decimal { try #require(Decimal(string: text)) }
        try await with(engine, table) {
            let texts = ["0.1", "99999999.99", "-99999999.99", "1.1", "10", "9.99", "-0.01", "0"]
            for text in texts {
                let value = SQLExpression.value(try decimal(text))
                let id = try await engine.execute(table.insert(["small": value, "large": value])).lastInsertID
                let row = try #require(try await engine.fetchOne(table.select().where(table.id == id)))
                #expect(try row.get("small", as: Decimal.self) == decimal(text), "\(text)")
                #expect(try row.get("large", as: Decimal.self) == decimal(text), "\(text)")
                for column in [table.small, table.large] {
                    let found = select(count()).from(table).where(column == value && table.id == id)
                    #expect(try await engine.fetchValue(found, as: Int.self) == 1, "\(text)")
                }
            }
            // The same order for both, which texts would not have.
            let sorted = try texts.map(decimal).sorted()
            for column in ["small", "large"] {
                let rows = try await engine.fetch(select(table[column]).orderBy(table[column]))
                #expect(try rows.map { try $0.get(column, as: Decimal.self) } == sorted)
                let above = select(count()).from(table).where(table[column] > Decimal(9))
                #expect(try await engine.fetchValue(above, as: Int.self) == 3)
            }
            let sum = select(table.small.sum.as("s")).having(table.small.sum > Decimal(21))
            // SQLite adds by binary fractions.
            let total = try #require(try await engine.fetchValue(sum, as: Double.self))
            #expect(abs(total - 21.18) < 0.000_001)
            for text in ["12345678901234567890.0123456789", "-0.0000000001"] {
                let value = SQLExpression.value(SQLValue.decimal(text))
                let id = try await engine.execute(table.insert(["large": value])).lastInsertID
                let read = try await engine.fetchValue(select(table.large).where(table.id == id), as: String.self)
                #expect(read == text)
            }
            // More digits behind the point are rounded, more before it refused.
            try await engine.execute(table.update(["small": .value(SQLValue.decimal("1.005"))]))
            #expect(try await engine.fetchValue(select(table.small.maximum), as: Decimal.self) == decimal("1.01"))
            let beyond = SQLExpression.value(SQLValue.decimal("100000000"))
            #expect(await kind { try await engine.execute(table.insert(["small": beyond])) } == .invalidValue)
            let unsigned = SQLExpression.value(UInt64.max)
            #expect(await kind { try await engine.execute(table.insert(["big": unsigned])) } == .invalidValue)
            for number in [Double.nan, .infinity] where number.isNaN || "\(engine)".hasPrefix("mysql") {
                let value = SQLExpression.value(number)
                #expect(await kind { try await engine.execute(table.insert(["x": value])) } == .invalidValue)
            }
        }
    }

    static func times(_ engine: SQLEngine) async throws {
        let table = Table(
            "times", Column("id", .integer, primaryKey: true), Column("at", .dateTime), Column("day", .date))
        try await with(engine, table) {
            let seconds = [
                0, -1, -0.000_001, 0.123_456, 951_782_400.999_999, -2_000_000_000.5, 4_102_444_800, 1_700_000_000.1,
            ]
            for second in seconds {
                let date = Date(timeIntervalSince1970: second)
                let value = SQLExpression.value(date)
                let id = try await engine.execute(table.insert(["at": value, "day": value])).lastInsertID
                let found = try await engine.fetchOne(
                    table.select().where(table.id == id && table.at == value && table.day == value))
                let row = try #require(found, "\(second)")
                #expect(try abs(row.get("at", as: Date.self).timeIntervalSince(date)) < 0.000_000_3, "\(second)")
                let day = (second / 86_400).rounded(.down) * 86_400
                #expect(try row.get("day", as: Date.self) == Date(timeIntervalSince1970: day), "\(second)")
            }
            let early = select(count()).from(table).where(table.day < Date(timeIntervalSince1970: 0))
            #expect(try await engine.fetchValue(early, as: Int.self) == 3)
            for date in [Date.distantPast, Date(timeIntervalSince1970: 1e12)] {
                let row: Assignments = ["at": .value(date)]
                #expect(await kind { try await engine.execute(table.insert(row)) } == .invalidValue)
            }
            for text in ["yesterday", "2026-02-30", "2026-13-01"] {
                let row: Assignments = ["day": .value(text)]
                #expect(await kind { try await engine.execute(table.insert(row)) } == .invalidValue, "\(text)")
            }
        }
        #expect(Date(sqlValue: "2026-02-29") == nil)
        #expect(Date(sqlValue: "2028-02-29") != nil)
    }

    static func json(_ engine: SQLEngine) async throws {
        let table = Table("docs", Column("id", .integer, primaryKey: true), Column("doc", .json))
        try await with(engine, table) {
            for text in ["1.0", "12345678901234567890", "\"x\"", "true", "null", "{\"a\": [1, 2.50]}", "[]"] {
                let id = try await engine.execute(table.insert(["doc": .value(text)])).lastInsertID
                let read = try await engine.fetchValue(select(table.doc).where(table.id == id), as: String.self)
                #expect(read == text)
            }
            let refused = await kind { try await engine.execute(table.insert(["doc": "{"])) }
            #expect(refused == .invalidValue || refused == .checkViolation)
        }
    }

    static func kinds(_ engine: SQLEngine) async throws {
        let table = Table(
            "kinds", Column("id", .integer, primaryKey: true), Column("n", .integer), Column("big", .bigInteger),
            Column("x", .double), Column("yes", .boolean), Column("level", .enumeration(["low", "high"])),
            constraints: [.check("positive", SQLExpression.label("n") > -SQLExpression.value(-1))])
        try await with(engine, table) {
            try await engine.execute(
                table.insert(["n": 5, "big": .value(Int64.min), "x": 1, "yes": true, "level": "low"]))
            let refused: [(SQLError.Kind, any SQLStatement)] = [
                (.checkViolation, table.insert(["n": 1])), (.invalidValue, table.insert(["n": "many"])),
                (.invalidValue, table.insert(["n": .value(Int64(1) << 31)])),
                (.invalidValue, table.insert(["big": "many"])), (.invalidValue, table.insert(["x": "much"])),
                (.invalidValue, table.insert(["level": "middle"])), (.uniqueViolation, table.insert(["id": 1])),
                (.notFound, TextStatement("SELECT nope FROM kinds", isReadOnly: true)),
                (.notFound, TextStatement("INSERT INTO kinds (nope) VALUES (1)")),
                (.notFound, DropTable("nowhere")), (.syntax, TextStatement("SELECT FROM WHERE", isReadOnly: true)),
            ]
            for (expected, statement) in refused {
                #expect(await kind { try await engine.execute(statement) } == expected, "\(statement)")
            }
            #expect(try await engine.fetchValue(select(count()).from(table), as: Int.self) == 1)
        }
    }

    static func conflicts(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert(["id": 1, "name": "a"]))
        let again = try await engine.execute(t.insert(["name": "a"]).onConflictDoNothing())
        #expect(again.affectedRows <= 1)
        #expect(try await engine.fetch(t.select()).map(\.values) == [[1, "a"]])
        // It is about keys alone: nothing else passes, and no text is cut.
        let long = SQLExpression.value(String(repeating: "x", count: 41))
        let refused: [(SQLError.Kind, Insert)] = [
            (.dataTooLong, t.insert(["name": long])), (.notNullViolation, t.insert(["name": nil])),
            (.foreignKeyViolation, d.insert(["team_id": 99])),
        ]
        for (expected, insert) in refused {
            #expect(await kind { try await engine.execute(insert.onConflictDoNothing()) } == expected)
        }
        let both = t.insert([["name": "a"], ["name": "b"]]).onConflictDoNothing()
        try await engine.execute(both)
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 2)

        try await engine.execute(d.insert([["first_name": "b"], ["first_name": "c"]]))
        let copy = t.insert(["name"], from: select(d.first_name)).onConflict("name", set: ["name": "B"])
        try await engine.execute(copy)
        #expect(try await engine.fetch(t.select().orderBy(t.id)).map { $0["name"] } == ["a", "B", "c"])
        try await engine.execute(t.insert(["name"], from: select(d.first_name)).onConflictDoNothing())
        let sum = t.insert(["id": 1, "name": "z"]).onConflict(
            "id", set: ["name": t["name"].concat(.inserted("name"))])
        try await engine.execute(sum)
        #expect(try await engine.fetchValue(select(t["name"]).where(t.id == 1), as: String.self) == "az")
    }

    static func manyRows(_ engine: SQLEngine) async throws {
        let count = 40_000
        var rows: [Assignments] = (1...count).map { ["id": .value($0), "name": .value("n\($0)")] }
        let result = try await engine.execute(t.insert(rows))
        #expect(result.affectedRows == count)
        #expect(try await engine.fetchValue(select(SQLTables.count()).from(t), as: Int.self) == count)
        try await engine.execute(t.delete())
        rows.append(["id": 1, "name": "twice"])
        #expect(await kind { try await engine.execute(t.insert(rows)) } == .uniqueViolation)
        #expect(try await engine.fetchValue(select(SQLTables.count()).from(t), as: Int.self) == 0)
        try await engine.transaction { transaction in
            try await transaction.execute(t.insert(["id": 0, "name": "kept"]))
            #expect(await kind { try await transaction.execute(t.insert(rows)) } == .uniqueViolation)
        }
        #expect(try await engine.fetchValue(select(SQLTables.count()).from(t), as: Int.self) == 1)
    }

    static func queries(_ engine: SQLEngine) async throws {
        try await engine.execute(
            t.insert([["id": 1, "name": "core"], ["id": 2, "name": "web"], ["id": 3, "name": "_x%"]]))
        let people: [(String, Int?, Int)] = [("a", 1, 10), ("b", 1, 20), ("c", 2, 30), ("d", nil, 40)]
        for (name, team, pay) in people {
            let row: Assignments = ["first_name": .value(name), "team_id": .value(team), "pay": .value(pay)]
            try await engine.execute(d.insert(row))
        }
        func names(_ query: some SQLQuery) async throws -> [String] {
            try await engine.fetch(query).map { try #require(String(sqlValue: $0.values[0])) }
        }
        func numbers(_ query: some SQLQuery) async throws -> [Int] {
            try await engine.fetch(query).map { try #require(Int(sqlValue: $0.values[0])) }
        }
        let name = select(d.first_name).orderBy(d.first_name)
        let members = select(count()).from(d).where(d.team_id == t.id)
        #expect(try await numbers(select(members.scalar.as("n")).from(t).orderBy(t.id)) == [2, 1, 0])
        #expect(
            try await names(select(t["name"]).where(!.exists(members.where(d.id > 0).having(count() > 0)))) == ["_x%"])
        #expect(try await names(name.where(d.team_id.in(select(t.id).where(t["name"] == "core")))) == ["a", "b"])
        #expect(try await names(name.where(d.team_id.in([Int]()))).isEmpty)
        #expect(try await names(name.where(d.team_id.notIn([Int]()))).count == 4)
        #expect(try await names(name.where(d.team_id == nil)) == ["d"])
        #expect(try await names(name.where(d.team_id.isSame(as: nil))) == ["d"])
        #expect(try await names(name.where(d.pay.between(20, 30))) == ["b", "c"])
        #expect(try await names(name.offset(3)) == ["d"])
        #expect(try await names(select(t["name"]).where(t["name"].contains("x%"))) == ["_x%"])
        #expect(try await names(select(t["name"]).where(t["name"].like("!_%"))) == ["_x%"])
        #expect(try await numbers(select(count(d.team_id, distinct: true))) == [2])
        #expect(try await numbers(select(d.team_id).where(d.team_id != nil).distinct().orderBy(d.team_id)) == [1, 2])
        let groups = select(d.team_id.as("team"), count().as("n")).groupBy(.label("team")).having(count() > 1)
        #expect(try await numbers(groups) == [1])
        let (a, b) = (d.as("a"), d.as("b"))
        let pairs = select(a.first_name.concat(b.first_name).as("p")).from(a).join(
            b, on: a.team_id == b.team_id && a.id < b.id)
        #expect(try await names(pairs) == ["ab"])
        #expect(try await names(select(a.first_name).where(a.id == 3)) == ["c"])
        let cases = select(caseWhen((d.pay < 20, "low"), (d.pay < 40, "mid")).as("c")).orderBy(d.id)
        #expect(try await engine.fetch(cases).map { $0.c } == ["low", "mid", "mid", .null])
        let union = select(d.first_name.as("n")).where(d.id < 3).unionAll(select(t["name"].as("n")))
        #expect(try await names(union.orderBy(SQLExpression.label("n").descending).limit(2).offset(1)).count == 2)
        let sub = select(d.team_id.as("team"), d.pay.sum.as("total")).groupBy(d.team_id).as("sums")
        let joined = select(t["name"]).from(t).join(sub, on: sub.team == t.id).where(sub.total > 29).orderBy(t.id)
        #expect(try await names(joined) == ["core", "web"])
        let frame = d.pay.sum.over(orderBy: [d.id.ascending], frame: .rows(.preceding(1), .currentRow))
        #expect(try await numbers(select(frame.as("s")).orderBy(d.id)) == [10, 30, 50, 70])
        let rank = function("row_number").over(partitionBy: [d.team_id], orderBy: [d.pay.descending])
        let ranked = select(d.first_name.as("n"), rank.as("r")).from(d).as("ranked")
        #expect(
            try await names(select(ranked.n).from(ranked).where(ranked.r == 1).orderBy(ranked.n)) == ["b", "c", "d"])
        #expect(try await numbers(select(d.id).intersect(select(t.id))).sorted() == [1, 2, 3])
        #expect(try await numbers(select(d.id).except(select(t.id))) == [4])
    }

    static func changes(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert([["id": 1, "name": "core"], ["id": 2, "name": "web"]]))
        for name in ["a", "b", "a", "c"] {
            try await engine.execute(d.insert(["first_name": .value(name), "team_id": 1, "pay": 1]))
        }
        let other = d.as("other")
        let doubles = d.delete().where(
            .exists(select(other.id).where(other.first_name == d.first_name && other.id < d.id)))
        #expect(try await engine.execute(doubles).affectedRows == 1)
        let members = select(count()).from(d).where(d.team_id == t.id).scalar
        try await engine.execute(t.update(["name": members.cast(to: .string(9)).concat(t["name"])]))
        #expect(try await engine.fetch(t.select().orderBy(t.id)).map { $0["name"] } == ["3core", "0web"])
        try await engine.execute(d.delete().where(d.team_id.in(select(t.id).where(t["name"].hasPrefix("3")))))
        #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == 0)
        let gone = try await engine.execute(t.delete().where(t.id == 2).returning(t["name"]))
        #expect(gone.rows.map { $0["name"] } == ["0web"])
        // What changes no rows counts none, and gives no number.
        let none = try await engine.execute(TextStatement("CREATE TABLE leftover (id INTEGER)"))
        #expect(none.affectedRows == 0)
        #expect(none.lastInsertID == nil)
        try await engine.execute(DropTable("leftover"))
    }

    static func leftOpen(_ engine: SQLEngine) async throws {
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await engine.withConnection { connection in
                try await connection.execute(TextStatement("BEGIN"))
                try await connection.execute(t.insert(["name": "a"]))
                throw Stop()
            }
        }
        try await engine.withConnection { connection in
            try await connection.execute(TextStatement("BEGIN"))
            try await connection.execute(t.insert(["name": "b"]))
        }
        try await engine.execute(TextStatement("BEGIN"))
        try await engine.execute(t.insert(["name": "c"]))
        #expect(try await engine.fetch(t.select()).map { $0["name"] } == ["c"])
    }

    static func savepoints(_ engine: SQLEngine) async throws {
        struct Stop: Error {}
        try await engine.transaction { transaction in
            try await transaction.savepoint { outer in
                try await outer.execute(t.insert(["name": "outer"]))
                try? await outer.savepoint { inner in
                    try await inner.execute(t.insert(["name": "inner"]))
                    throw Stop()
                }
                try await outer.savepoint { inner in try await inner.execute(t.insert(["name": "second"])) }
            }
            try? await transaction.savepoint { outer in
                try await outer.savepoint { inner in try await inner.execute(t.insert(["name": "released"])) }
                throw Stop()
            }
            // An error of a statement takes back that statement alone.
            #expect(await kind { try await transaction.execute(t.insert(["name": "outer"])) } == .uniqueViolation)
            try await transaction.execute(t.insert(["name": "last"]))
        }
        let names = try await engine.fetch(select(t["name"]).orderBy(t.id)).map { $0["name"] }
        #expect(names == ["outer", "second", "last"])
        let task = Task {
            try await engine.transaction { transaction in
                try await transaction.execute(t.insert(["name": "cancelled"]))
                try await Task.sleep(for: .seconds(60))
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 3)
    }

    static func bytes(_ engine: SQLEngine) async throws {
        let table = Table(
            "bytes", Column("id", .integer, primaryKey: true), Column("b", .binary), Column("s", .text))
        try await with(engine, table) {
            let values: [([UInt8], String)] = [
                ([], ""), ([0], "\0"), ([0, 0xff, 0, 0x27, 0x5c], "😀\0'\\\"`\n\r\u{1a}"), ([0xf0, 0x9f], "𝒜é\u{301}"),
            ]
            for (bytes, text) in values {
                let row: Assignments = ["b": .value(bytes), "s": .value(text)]
                let id = try await engine.execute(table.insert(row)).lastInsertID
                let read = try #require(
                    try await engine.fetchOne(table.select().where(table.id == id && table.b == bytes)))
                #expect(read.b == .binary(bytes))
                #expect(read.s == .text(text))
            }
            let id = try await engine.execute(table.insert(["b": "text"])).lastInsertID
            let read = try await engine.fetchValue(select(table.b).where(table.id == id), as: [UInt8].self)
            #expect(read == Array("text".utf8))
        }
    }

    static func defaults(_ engine: SQLEngine) async throws {
        let table = Table(
            "defaults", Column("id", .integer, primaryKey: true),
            Column("name", .string(20), serverDefault: .value("it's \\ a")),
            Column("n", .integer, serverDefault: .expression("1 + 2")),
            Column("pay", .numeric(6, 2), serverDefault: .value(.decimal("1.50"))),
            Column("at", .dateTime, serverDefault: .now), Column("day", .date, serverDefault: .now),
            Column("key", .string(36), nullable: false, defaultValue: { "k" }))
        try await with(engine, table) {
            try await engine.execute(table.insert([:]))
            let row = try #require(try await engine.fetchOne(table.select()))
            #expect(row["name"] == "it's \\ a")
            #expect(row.n == 3)
            #expect(try row.get("pay", as: Decimal.self) == Decimal(string: "1.5"))
            #expect(row.key == "k")
            #expect(try abs(row.get("at", as: Date.self).timeIntervalSinceNow) < 600)
            let found = try #require(try await engine.reflect()["defaults"])
            #expect(found.columns.map(\.type) == table.columns.map(\.type))
            // What was found can be made again, and means the same.
            try await engine.dropAll(Metadata(table))
            try await engine.createAll(Metadata(found))
            try await engine.execute(found.insert(["key": "k"]))
            let again = try #require(try await engine.fetchOne(table.select()))
            #expect(again.values.prefix(4) == row.values.prefix(4))
        }
    }
}
