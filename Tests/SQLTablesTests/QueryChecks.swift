import Foundation
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// What queries and changes can say, alike on both engines: see ``EngineChecks``.
enum QueryChecks {
    static let all: [(String, @Sendable (SQLEngine) async throws -> Void)] = [
        ("common tables", commonTables), ("recursion", recursion), ("common tables in changes", changes),
        ("functions", functions), ("tuples", tuples), ("types through queries", types), ("locks", locks),
        ("JSON paths", json),
    ]

    private static func fill(_ engine: SQLEngine) async throws {
        try await engine.execute(t.insert([["id": 1, "name": "core"], ["id": 2, "name": "web"]]))
        let people: [(String, Int?, Int, String?)] = [
            ("a", 1, 10, "C"), ("b", 1, 20, nil), ("c", 2, 30, "Swift"), ("d", nil, 40, "swift"),
        ]
        for (name, team, pay, expert) in people {
            let row: Assignments = [
                "first_name": .value(name), "team_id": .value(team), "pay": .value(pay), "expert": .value(expert),
            ]
            try await engine.execute(d.insert(row))
        }
    }

    private static func texts(_ engine: SQLEngine, _ query: some SQLQuery) async throws -> [String] {
        try await engine.fetch(query).map { try #require(String(sqlValue: $0.values[0])) }
    }

    private static func numbers(_ engine: SQLEngine, _ query: some SQLQuery) async throws -> [Int] {
        try await engine.fetch(query).map { try #require(Int(sqlValue: $0.values[0])) }
    }

    static func commonTables(_ engine: SQLEngine) async throws {
        try await fill(engine)
        let sums = select(d.team_id.as("team"), d.pay.sum.as("total")).where(d.team_id != nil).groupBy(d.team_id)
            .cte("sums")
        let best = select(sums.total.maximum.as("best")).from(sums).where(sums.total > 1).cte("best")
        let query = select(t["name"].as("n"), sums.total.as("s")).from(sums).join(t, on: t.id == sums.team)
            .where(sums.total >= select(best.best).from(best).scalar && t.id > 0).orderBy(t.id)
        #expect(try await texts(engine, query) == ["core", "web"])
        // Read twice, once under another name; and within a query within.
        let other = sums.as("other")
        let pairs = select(sums.team.as("a"), other.team.as("b")).from(sums).join(other, on: sums.team < other.team)
        #expect(try await numbers(engine, pairs) == [1])
        let inner = select(pairs.as("p").b).from(pairs.as("p"))
        #expect(try await texts(engine, select(t["name"]).where(t.id.in(inner))) == ["web"])
        #expect(
            try await texts(engine, select(t["name"]).where(.exists(select(sums).where(sums.team == t.id)))).count == 2)
        let union = select(sums.team.as("x")).from(sums).union(
            select(other.team.as("x")).from(other).where(other.team > 1))
        #expect(try await numbers(engine, union.orderBy(SQLExpression.label("x"))) == [1, 2])
        let written = TextStatement("SELECT 7 AS seven", isReadOnly: true).cte("written")
        #expect(try await numbers(engine, select(written.seven).from(written)) == [7])
        try await engine.transaction { transaction in
            let rows = try await transaction.fetch(select(sums).from(sums).orderBy(sums.team))
            #expect(rows.map { $0.team } == [1, 2])
        }
    }

    static func recursion(_ engine: SQLEngine) async throws {
        let table = Table(
            "places", Column("id", .integer, primaryKey: true), Column("name", .string(20), nullable: false),
            Column("within", .integer, references: .init("places", "id")))
        try await engine.createAll(Metadata(table))
        let rows: [(Int, String, Int?)] = [(1, "world", nil), (2, "europe", 1), (3, "france", 2), (4, "asia", 1)]
        for (id, name, within) in rows {
            try await engine.execute(
                table.insert(["id": .value(id), "name": .value(name), "within": .value(within)]))
        }
        let path = select(
            table.id, table.within, table["name"].cast(to: .string(100)).as("path"), SQLExpression.value(0).as("level")
        )
        .where(table.within == nil)
        let tree = path.cte("tree") { tree in
            select(table.id, table.within, concat(tree.path, "/", table["name"]), tree.level + 1).from(table)
                .join(tree, on: table.within == tree.id)
        }
        let found = try await engine.fetch(select(tree).from(tree).orderBy(tree.path))
        #expect(found.map { $0.path } == ["world", "world/asia", "world/europe", "world/europe/france"])
        #expect(try found.map { try $0.get("level", as: Int.self) } == [0, 1, 1, 2])
        // A circle ends where rows that are known are found no more.
        try await engine.execute(table.update(["within": 3]).where(table.id == 1))
        let up = select(table.id, table.within).where(table.id == 4).cte("up", distinct: true) { up in
            select(table.id, table.within).from(table).join(up, on: table.id == up.within)
        }
        #expect(try await numbers(engine, select(up.id).from(up).orderBy(up.id)) == [1, 2, 3, 4])
        // No limit of a server cuts it.
        let counted = select(SQLExpression.value(1).as("i")).cte("counted") { counted in
            select(counted.i + 1).from(counted).where(counted.i < 5000)
        }
        #expect(try await numbers(engine, select(count().as("n")).from(counted)) == [5000])
        try await engine.execute(table.update(["within": nil]))
        try await engine.dropAll(Metadata(table))
    }

    static func changes(_ engine: SQLEngine) async throws {
        try await fill(engine)
        let rich = select(d.id.as("id"), d.first_name.as("first")).where(d.pay > 15).cte("rich")
        let inserted = try await engine.execute(
            t.insert(["name"], from: select(rich.first).from(rich).where(rich.first != "d")))
        #expect(inserted.affectedRows == 2)
        #expect(inserted.lastInsertID != nil)
        try await engine.execute(
            t.insert(["name"], from: select(rich.first).from(rich)).onConflict("name", set: ["name": "twice"])
                .onConflictDoNothing())
        #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 5)
        let changed = d.update([
            "expert": "rich", "team_id": select(count().as("n")).from(rich).where(rich.id < 3).scalar,
        ])
        .where(d.id.in(select(rich.id).from(rich)))
        #expect(try await engine.execute(changed).affectedRows == 3)
        #expect(
            try await texts(engine, select(d.first_name).where(d.expert == "rich").orderBy(d.id)) == ["b", "c", "d"])
        let gone = d.delete().where(.exists(select(rich.id).from(rich).where(rich.id == d.id && rich.first != "b")))
        #expect(try await engine.execute(gone).affectedRows == 2)
        let one: Assignments = ["name": select(rich.first).from(rich).scalar.concat("!")]
        try await engine.execute(t.insert(one))
        #expect(try await texts(engine, select(t["name"]).where(t["name"] == "b!")) == ["b!"])
    }

    static func functions(_ engine: SQLEngine) async throws {
        try await fill(engine)
        let none = SQLExpression.null
        let values: [(SQLExpression, SQLValue)] = [
            (SQLExpression.value("𝒜é").length, 2), (SQLExpression.value(" a ").trimmed, "a"),
            (SQLExpression.value("hello").substring(from: 2), "ello"),
            (SQLExpression.value("hello").substring(from: 2, count: 3), "ell"),
            (SQLExpression.value("hello").substring(from: -3, count: 2), "ll"),
            (SQLExpression.value("a-b").replacing("-", with: "+"), "a+b"),
            (none.coalesce(none, "c"), "c"), (SQLExpression.value("x").nullIf("x"), .null),
            (SQLExpression.value("x").nullIf("y"), "x"), (SQLExpression.value(-3).absolute, 3),
            (concat("a", "b", "c"), "abc"), (concat("a", none), .null), (greatest(3, 7, 5), 7), (least(3, 7, 5), 3),
            (SQLExpression.value("B").lower, "b"), (SQLExpression.value("b").upper, "B"),
        ]
        for (index, (expression, value)) in values.enumerated() {
            let row = try #require(try await engine.fetchOne(select(expression.as("x"))))
            #expect(row.x == value, "\(index)")
        }
        try await engine.execute(d.update(["pay": .value(SQLValue.decimal("-2.25"))]).where(d.id == 1))
        let rounded = select(d.pay.rounded(1).as("a"), (-d.pay).rounded().as("b")).from(d).where(d.id == 1)
        let digits = try #require(try await engine.fetchOne(rounded))
        #expect(try digits.get("a", as: Double.self) == -2.3)
        #expect(try digits.get("b", as: Double.self) == 2)
        try await engine.execute(d.update(["pay": 10]).where(d.id == 1))
        func names(_ condition: SQLExpression) async throws -> [String] {
            try await texts(engine, select(d.first_name).where(condition).orderBy(d.id))
        }
        #expect(try await names(d.pay.notBetween(15, 35)) == ["a", "d"])
        #expect(try await names(d.expert.isDifferent(from: "C")) == ["b", "c", "d"])
        #expect(try await names(d.expert.isDifferent(from: nil)) == ["a", "c", "d"])
        #expect(try await names(d.expert.likeInAnyCase("SW%")) == ["c", "d"])
        let bytewise = engine.isSQLite ? "BINARY" : "utf8mb4_bin"
        #expect(try await names(d.expert.collate(bytewise) == "swift") == ["d"])
        let anyCase = engine.isSQLite ? "NOCASE" : "utf8mb4_unicode_520_ci"
        #expect(try await names(d.expert.collate(anyCase) == "SWIFT") == ["c", "d"])
        for (index, escape) in ["!", "\\", "'", "^"].enumerated() {
            let mark = try #require(escape.first)
            let text = "50%_\(escape)\(index)"
            try await engine.execute(t.insert(["name": .value(text)]))
            let pattern = "50\(escape)%\(escape)_\(escape)\(escape)\(index)"
            let found = select(t["name"]).where(t["name"].like(.value(pattern), escape: mark))
            #expect(try await texts(engine, found) == [text])
            #expect(
                try await texts(engine, select(t["name"]).where(t["name"].contains("%_\(escape)\(index)"))) == [text])
        }
        func order(_ order: SQLOrder) async throws -> [String] {
            try await texts(engine, select(d.first_name).orderBy(order, d.id))
        }
        #expect(try await order(d.expert.ascending.nullsLast).last == "b")
        #expect(try await order(d.expert.descending.nullsFirst).first == "b")
        let filtered = select(
            count().filter(d.pay > 15).as("n"), d.pay.sum.filter(d.team_id == 1).as("s"),
            count(d.team_id, distinct: true).filter(d.pay < 35).as("t"),
            d.first_name.joined(separator: "', '").filter(d.team_id == 1).as("j"))
        let row = try #require(try await engine.fetchOne(filtered))
        #expect(row.n == 3)
        #expect(try row.get("s", as: Decimal.self) == 30)
        #expect(row.t == 2)
        #expect(["a', 'b", "b', 'a"].contains(row.j))
        // Times.
        try await engine.execute(
            d.update(["joined": .value("2026-11-21T20:14:43.25+01:00"), "born": .value("2024-02-29")]).where(d.id == 1))
        let parts: [any SQLSelectable] = SQLDatePart.allCases.map { d.joined.part($0).as("\($0)") }
        let time = try #require(try await engine.fetchOne(select(parts).where(d.id == 1)))
        #expect(time.values == [2026, 11, 21, 19, 14, 43])
        #expect(try await numbers(engine, select(d.born.part(.day).as("x")).where(d.born.part(.month) == 2)) == [29])
        try await engine.execute(d.update(["joined": .now, "born": .today]).where(d.id == 2))
        let now = try #require(try await engine.fetchOne(d.select().where(d.id == 2 && d.joined <= .now)))
        #expect(try abs(now.get("joined", as: Date.self).timeIntervalSinceNow) < 600)
        #expect(try abs(now.get("born", as: Date.self).timeIntervalSinceNow) < 90_000)
    }

    static func tuples(_ engine: SQLEngine) async throws {
        try await fill(engine)
        func names(_ condition: SQLExpression) async throws -> [String] {
            try await texts(engine, select(d.first_name).where(condition).orderBy(d.id))
        }
        let pair = tuple(d.first_name, d.team_id)
        #expect(try await names(pair.in([["a", 1], ["b", 2], ["c", 2]])) == ["a", "c"])
        #expect(try await names(pair.notIn([["a", 1], ["c", 2]])) == ["b", "d"])
        #expect(try await names(pair.in([])).isEmpty)
        #expect(try await names(pair.notIn([])).count == 4)
        #expect(
            try await names(pair.in(select(d.as("o").first_name, t.id).from(d.as("o")).crossJoin(t))) == [
                "a", "b", "c",
            ])
        #expect(try await names(tuple(d.pay, d.id) > tuple(20, 2)) == ["c", "d"])
        #expect(try await names(tuple(d.pay, d.id) >= tuple(20, 2)) == ["b", "c", "d"])
        #expect(try await names(tuple(d.pay, d.id) < tuple(20, 2)) == ["a"])
        #expect(try await names(tuple(d.team_id, d.first_name) == tuple(1, "b")) == ["b"])
        let limited = select(d.as("o").id).orderBy(d.as("o").pay.descending).limit(2)
        #expect(try await names(d.id.in(limited)) == ["c", "d"])
        #expect(try await names(d.id.in(limited.union(select(t.id)).limit(1))).count <= 1)
    }

    /// A day and a number keep their manner of being compared on the way through functions and queries.
    static func types(_ engine: SQLEngine) async throws {
        let table = Table(
            "typed", Column("id", .integer, primaryKey: true), Column("n", .numeric(38, 10)), Column("day", .date))
        try await engine.createAll(Metadata(table))
        let numbers = ["9", "10", "1234567890123456789012345678.0123456789", "-5.5"]
        for (index, number) in numbers.enumerated() {
            let date = Date(timeIntervalSince1970: Double(index) * 86_400 + 5)
            try await engine.execute(table.insert(["n": .value(SQLValue.decimal(number)), "day": .value(date)]))
        }
        let day = Date(timeIntervalSince1970: 2 * 86_400 + 77)
        for source in [table.select().as("s"), table.select().cte("s")] {
            #expect(try await engine.fetch(select(source.id).from(source).where(source.n > 9)).count == 2)
            #expect(try await engine.fetch(select(source.id).from(source).where(source.n == Decimal(10))).count == 1)
            #expect(try await engine.fetch(select(source.id).from(source).where(source.day == day)).count == 1)
        }
        let top = table.n.maximum
        #expect(try await engine.fetchValue(select(top.as("m")), as: String.self) == numbers[2])
        #expect(try await engine.fetch(select(table.day).groupBy(table.day).having(top > 9)).count == 2)
        let tops = select(table.day.as("day"), top.as("top")).groupBy(table.day).as("tops")
        #expect(try await engine.fetch(select(tops.day).from(tops).where(tops.top > 9)).count == 2)
        let latest = select(table.day).groupBy(table.day).having(table.day.maximum.coalesce(table.day) == day)
        #expect(try await engine.fetch(latest).count == 1)
        try await engine.dropAll(Metadata(table))
    }

    static func locks(_ engine: SQLEngine) async throws {
        try await fill(engine)
        let first = select(t.id).where(t.id == 1)
        try await engine.transaction { transaction in
            #expect(try await transaction.fetch(first.forUpdate()).count == 1)
            guard !engine.isSQLite else {
                // Who locks is the only writer.
                #expect(try await transaction.fetch(select(t.id).forShare(.skip)).count == 2)
                return
            }
            try await engine.transaction { other in
                let open = try await other.fetch(select(t.id).orderBy(t.id).forUpdate(.skip))
                #expect(open.map { $0.id } == [2])
                #expect(try await other.fetch(select(t.id).forShare(.skip)).count == 1)
                await #expect { try await other.fetch(first.forUpdate(.fail)) } throws: {
                    ($0 as? SQLError)?.kind == .lockTimeout
                }
            }
        }
    }

    static func json(_ engine: SQLEngine) async throws {
        let text = #"{"a b": {"list": [1, "ä", {"x": 2.5}]}, "none": null, "yes": true, "t": "5"}"#
        try await engine.execute(
            d.insert([["first_name": "j", "extra": .value(text)], ["first_name": "k", "extra": nil]]))
        func value(_ expression: SQLExpression) async throws -> SQLValue? {
            try await engine.fetchOne(select(expression.cast(to: .string(20)).as("v")).from(d).where(d.id == 1))?.v
        }
        #expect(try await value(d.extra.json("a b", "list", 0)) == "1")
        #expect(try await value(d.extra.json("a b", "list", 1)) == "ä")
        #expect(try await value(d.extra.json("a b", "list", 2, "x")) == "2.5")
        #expect(try await value(d.extra.json("yes")) == "1")
        for path in [d.extra.json("none"), d.extra.json("nowhere"), d.extra.json("a b"), d.extra.json("a b", "list")] {
            #expect(try await value(path) == .null)
        }
        let found = select(d.first_name).where(
            d.extra.json("a b", "list", 1) == "ä" && d.extra.json("a b", "list", 0) == 1)
        #expect(try await texts(engine, found) == ["j"])
    }
}

extension SQLEngine {
    /// Whether it is SQLite that is asked.
    var isSQLite: Bool { "\(self)".hasPrefix("sqlite") }
}
