import Foundation
import MariaDBHarness
import SQLTables
import Testing

/// Databases that were made by hand, not by ``Metadata``.
@Suite("Reflection of what is there")
struct ReflectionTests {
    /// What is expected of a table's columns: name, type, default.
    private struct Expected: Sendable {
        let name: String
        let type: ColumnType
        var standard: Column.ServerDefault?
    }

    private static func check(_ table: Table?, _ expected: [Expected]) throws {
        let table = try #require(table)
        #expect(table.columns.map(\.name) == expected.map(\.name))
        for (column, wanted) in zip(table.columns, expected) {
            #expect(column.type == wanted.type, "\(column.name)")
            #expect(column.serverDefault == wanted.standard, "\(column.name)")
        }
    }

    static let sqliteWords: [StaticString] = [
        "CREATE TABLE parent (region TEXT, code INTEGER, label, PRIMARY KEY (region, code))",
        "CREATE TABLE single (code TEXT PRIMARY KEY) WITHOUT ROWID",
        """
        CREATE TABLE "odd ""name""; --" (
            id INTEGER PRIMARY KEY, "select" VARCHAR(20) DEFAULT 'it''s', n BIGINT DEFAULT -5, x DOUBLE PRECISION DEFAULT 1.5,
            price DECIMAL(8,3) DEFAULT 1.250, flag BOOLEAN NOT NULL DEFAULT TRUE, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
            day DATE DEFAULT CURRENT_DATE, sum INT DEFAULT (1 + 2), place POINT2, region TEXT, code INTEGER, ref TEXT,
            twice INT GENERATED ALWAYS AS (n * 2) VIRTUAL, kept INT AS (n + 1) STORED,
            bits INT CONSTRAINT "odd ""one"" it" CHECK (bits IN (1, 2, (3))) DEFAULT (length('check (1)')) /* CHECK (0) */,
            "check (x)" TEXT NOT NULL DEFAULT '' cHeCk/**/( "check (x)" <> ') -- '' (' -- what ) it is
              AND 1 ), CHECK (n < 10), CONSTRAINT unused UNIQUE (bits), CONSTRAINT [whole one] CHECK (("select" || '"(') <> `select` || ']'),
            FOREIGN KEY (region, code) REFERENCES parent, FOREIGN KEY (ref) REFERENCES single ON DELETE CASCADE,
            FOREIGN KEY (id) REFERENCES "odd ""name""; --" (id), UNIQUE ("select", n))
        """,
        "CREATE INDEX plain ON \"odd \"\"name\"\"; --\" (n, x)",
        "CREATE UNIQUE INDEX some ON \"odd \"\"name\"\"; --\" (x) WHERE x > 1",
        "CREATE INDEX computed ON \"odd \"\"name\"\"; --\" (lower(\"select\"))",
        "CREATE VIEW seen AS SELECT id, \"select\" AS word FROM \"odd \"\"name\"\"; --\"",
    ]

    @Test("SQLite: odd names, composite and implied keys, defaults, computed columns, views")
    func sqlite() async throws {
        let engine = try SQLEngine("sqlite::memory:")
        defer { engine.close() }
        for words in Self.sqliteWords { try await engine.execute(TextStatement(words)) }
        let found = try await engine.reflect()
        #expect(found.tables.map(\.name) == ["odd \"name\"; --", "parent", "single"])
        let odd = try #require(found["odd \"name\"; --"])
        try Self.check(
            odd,
            [
                .init(name: "id", type: .integer), .init(name: "select", type: .string(20), standard: .value("it's")),
                .init(name: "n", type: .bigInteger, standard: .value(-5)),
                .init(name: "x", type: .double, standard: .value(1.5)),
                .init(name: "price", type: .numeric(8, 3), standard: .value(.decimal("1.250"))),
                .init(name: "flag", type: .boolean, standard: .value(true)),
                .init(name: "at", type: .dateTime, standard: .now), .init(name: "day", type: .date, standard: .now),
                .init(name: "sum", type: .integer, standard: .expression("1 + 2")),
                .init(name: "place", type: .text), .init(name: "region", type: .text),
                .init(name: "code", type: .integer), .init(name: "ref", type: .text),
                .init(name: "twice", type: .integer), .init(name: "kept", type: .integer),
                .init(name: "bits", type: .integer, standard: .expression("length('check (1)')")),
                .init(name: "check (x)", type: .text, standard: .value("")),
            ])
        #expect(odd.columns.filter(\.isGenerated).map(\.name) == ["twice", "kept"])
        #expect(odd.checks.map(\.name) == ["odd \"one\" it", nil, nil, "whole one"])
        let conditions = [
            "bits IN (1, 2, (3))", "\"check (x)\" <> ') -- '' (' AND 1", "n < 10",
            "(\"select\" || '\"(') <> `select` || ']'",
        ]
        let texts = try odd.checks.map { try $0.sql().split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        #expect(texts == conditions)
        #expect(Set(odd.foreignKeys.map(\.referenced)) == [["region", "code"], ["code"], ["id"]])
        #expect(odd.uniqueKeys == [["bits"], ["select", "n"]])
        #expect(odd.indexes == [Index("plain", on: ["n", "x"])])
        #expect(found["parent"]?.primaryKey.map(\.name) == ["region", "code"])
        let views = try await engine.reflect(views: true)
        #expect(views["seen"]?.columns.map(\.name) == ["id", "word"])
        // What was found is used like what was declared.
        let made: Assignments = ["id": 1, "select": "x", "n": 4, "bits": 1]
        try await engine.execute(odd.insert(made))
        let row = try #require(try await engine.fetchOne(odd.select().where(odd["select"] == "x")))
        #expect(row.twice == 8)
        #expect(throws: SQLError.self) { try CreateTable(odd).sql() }
    }

    static let mariaDBWords: [StaticString] = [
        "CREATE TABLE parent (region VARCHAR(9), code INT, PRIMARY KEY (region, code))",
        """
        CREATE TABLE `odd ``name``; --` (
            id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, `select` VARCHAR(20) DEFAULT 'it''s \\\\ \\n', tiny TINYINT UNSIGNED,
            whole INT UNSIGNED DEFAULT 7, n BIGINT DEFAULT -5, x DOUBLE DEFAULT 1.5, price DECIMAL(40,10) DEFAULT 1.25,
            flag BOOLEAN NOT NULL DEFAULT TRUE, at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), day DATE DEFAULT CURDATE(),
            level ENUM('low','it''s') DEFAULT 'low', tags SET('a','b'), doc JSON, bits BIT(4), spot POINT, clock TIME(3),
            born YEAR, ip INET6, notes MEDIUMTEXT DEFAULT (uuid()), region VARCHAR(9), code INT,
            twice BIGINT AS (n * 2) VIRTUAL, kept BIGINT AS (n + 1) STORED, PRIMARY KEY (id), CHECK (n < 10),
            FOREIGN KEY own (region, code) REFERENCES parent (region, code) ON DELETE SET NULL, UNIQUE u (`select`, n),
            KEY plain (n, x), KEY part (notes(9)), FULLTEXT words (notes), CONSTRAINT `odd ``one` CHECK (`select` <> ') -- ('),
            small INT CHECK (small IN (1, 2)))
        """,
        "CREATE VIEW seen AS SELECT id, `select` AS word FROM `odd ``name``; --`",
    ]

    @Test("MariaDB: unsigned, sets, bits, computed columns, parts of texts, views", .enabled(if: MariaDBServer.isAsked))
    func onMariaDB() async throws {
        let engine = try await MariaDBServer.shared("reflection").engine()
        defer { engine.close() }
        for words in Self.mariaDBWords { try await engine.execute(TextStatement(words)) }
        let found = try await engine.reflect()
        #expect(found.tables.map(\.name) == ["odd `name`; --", "parent"])
        let odd = try #require(found["odd `name`; --"])
        try Self.check(
            odd,
            [
                .init(name: "id", type: .bigInteger),
                .init(name: "select", type: .string(20), standard: .value("it's \\ \n")),
                .init(name: "tiny", type: .integer), .init(name: "whole", type: .bigInteger, standard: .value(7)),
                .init(name: "n", type: .bigInteger, standard: .value(-5)),
                .init(name: "x", type: .double, standard: .value(1.5)),
                .init(name: "price", type: .numeric(40, 10), standard: .value(.decimal("1.2500000000"))),
                .init(name: "flag", type: .boolean, standard: .value(true)),
                .init(name: "at", type: .dateTime, standard: .now), .init(name: "day", type: .date, standard: .now),
                .init(name: "level", type: .enumeration(["low", "it's"]), standard: .value("low")),
                .init(name: "tags", type: .text), .init(name: "doc", type: .json), .init(name: "bits", type: .binary),
                .init(name: "spot", type: .binary), .init(name: "clock", type: .text),
                .init(name: "born", type: .integer), .init(name: "ip", type: .string(45)),
                .init(name: "notes", type: .text, standard: .expression("uuid()")),
                .init(name: "region", type: .string(9)), .init(name: "code", type: .integer),
                .init(name: "twice", type: .bigInteger), .init(name: "kept", type: .bigInteger),
                .init(name: "small", type: .integer),
            ])
        #expect(odd.checks.map(\.name) == [nil, "CONSTRAINT_1", "odd `one"])
        #expect(try odd.checks.map { try $0.sql() } == ["`small` in (1,2)", "`n` < 10", "`select` <> ') -- ('"])
        #expect(odd.columns.filter(\.isGenerated).map(\.name) == ["twice", "kept"])
        #expect(odd.foreignKeys.map(\.columns) == [["region", "code"]])
        #expect(odd.foreignKeys.map(\.onDelete) == [.setNull])
        #expect(odd.uniqueKeys == [["select", "n"]])
        #expect(odd.indexes == [Index("plain", on: ["n", "x"])])
        let views = try await engine.reflect(views: true)
        #expect(views["seen"]?.columns.map(\.name) == ["id", "word"])
        // Values of every type there is come back as something that can be read.
        let values: Assignments = [
            "tiny": 255, "whole": 4_294_967_295, "price": .value(SQLValue.decimal("123456789012345678901234567890.1")),
            "level": "it's", "tags": "a,b", "doc": "{}", "bits": .value([UInt8]([5])), "clock": "11:12:13.5",
            "born": 2026, "ip": "::1", "n": 4,
        ]
        try await engine.execute(odd.insert(values))
        let row = try #require(try await engine.fetchOne(odd.select()))
        let read: [String: SQLValue] = [
            "tiny": 255, "whole": 4_294_967_295, "price": .decimal("123456789012345678901234567890.1000000000"),
            "level": "it's", "tags": "a,b", "doc": "{}", "bits": .binary([5]), "clock": "11:12:13.500", "born": 2026,
            "ip": "::1", "twice": 8, "kept": 5, "spot": .null, "select": "it's \\ \n",
        ]
        for (name, value) in read { #expect(row[name] == value, "\(name)") }
    }
}
