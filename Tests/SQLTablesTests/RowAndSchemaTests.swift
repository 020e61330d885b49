import Foundation
import SQLTables
import Testing

@Suite("Rows, values, declarations, URLs")
struct RowAndSchemaTests {
    @Test("Tables come after those that they refer to, and a circle is named")
    func order() throws {
        #expect(try Tables.all.inDependencyOrder().map(\.name) == ["teams", "developers"])
        #expect(try Tables.all.dropStatements().map(\.description).first == "DROP TABLE IF EXISTS \"developers\"")
        let a = Table(
            "a", Column("id", .integer, primaryKey: true), Column("b", .integer, references: .init("b", "id")))
        let b = Table(
            "b", Column("id", .integer, primaryKey: true), Column("a", .integer, references: .init("a", "id")))
        let own = Table(
            "c", Column("id", .integer, primaryKey: true), Column("up", .integer, references: .init("c", "id")))
        #expect(try Metadata(own).inDependencyOrder().count == 1)
        #expect { try Metadata(a, b, own).inDependencyOrder() } throws: { ("\($0)").contains("a, b") }
        #expect(throws: SQLError.self) { try Metadata(own, own).inDependencyOrder() }
    }

    static let dates: [(String, Double)] = [
        ("1970-01-01", 0), ("1970-01-01 00:00:01.500000", 1.5), ("2000-02-29 12:00:00", 951_825_600),
        ("2026-11-21T19:14:43Z", 1_795_288_483), ("2026-11-21T21:14:43+02:00", 1_795_288_483),
        ("1969-12-31 23:59:59", -1), ("0001-01-01 00:00:00", -62_135_596_800),
    ]

    @Test("Dates as text and back", arguments: dates.indices)
    func date(_ index: Int) throws {
        let (text, seconds) = Self.dates[index]
        let date = try #require(Date(sqlValue: .text(text)))
        #expect(date.timeIntervalSince1970 == seconds)
        let written = try #require(String(sqlValue: date.sqlValue))
        #expect(Date(sqlValue: .text(written)) == date)
    }

    @Test("What is no date", arguments: ["", "2026", "2026-13-01", "2026-11-21 25:00:00", "21.11.2026", "2026-11-21x"])
    func noDate(_ text: String) { #expect(Date(sqlValue: .text(text)) == nil) }

    @Test("Values that do not fit are refused, not cut")
    func values() {
        #expect(Int8(sqlValue: .integer(200)) == nil)
        #expect(UInt64.max.sqlValue == .decimal("18446744073709551615"))
        #expect(UInt64(sqlValue: .decimal("18446744073709551615")) == .max)
        #expect(Bool(sqlValue: .integer(2)) == nil)
        #expect(Int(sqlValue: .text("1")) == nil)
        #expect(Int?(sqlValue: .null) == .some(nil))
        #expect(UUID(sqlValue: .text("x")) == nil)
    }

    static let urls: [(String, String)] = [
        ("sqlite:app.db", "sqlite:app.db"), ("sqlite::memory:", "sqlite::memory:"), ("sqlite://", "sqlite::memory:"),
        ("sqlite:///app.db", "sqlite:app.db"), ("sqlite:////tmp/a.db", "sqlite:/tmp/a.db"),
        ("mysql://ada:p%40ss@db/app", "mysql://ada@db:3306/app"),
        ("mysql://ada:p@s:s/w%rd@db:3307/app?charset=utf8mb4", "mysql://ada@db:3307/app"),
        ("mariadb://[::1]:3306/app", "mariadb://[::1]:3306/app"), ("mysql://db", "mysql://db:3306/"),
        ("mysql://ada@db/app?unix_socket=/run/x.sock", "mysql://ada@db:3306/app at /run/x.sock"),
        ("sqlite:app.db?pool_size=2&pool_timeout=1", "sqlite:app.db"),
        ("mysql://[fe80::1%25eth0]/a", "mysql://[fe80::1%eth0]:3306/a"),
        ("mysql://%61da:%2F%40%3A@db%2Elocal:1/%61pp", "mysql://ada@db.local:1/app"),
    ]

    @Test("URLs, shown without their passwords", arguments: urls.indices)
    func url(_ index: Int) throws {
        let (url, shown) = Self.urls[index]
        #expect(try SQLLocation(url).description == shown)
    }

    @Test(
        "URLs that are none",
        arguments: [
            "", "app.db", "sqlite:", "postgres://x", "mysql:x", "mysql://u:secret@db:x/app", "mysql://db:70000",
            "mysql://u:secret@[::1]3306/app", "sqlite:?pool_size=2",
        ])
    func noURL(_ url: String) {
        #expect { try SQLLocation(url) } throws: { error in
            (error as? SQLError)?.kind == .usage && !"\(error)".contains("secret")
        }
    }

    @Test(
        "Unknown options and wrong values are refused",
        arguments: ["x=1", "pool_size=none", "charset=latin1", "tls=no"])
    func options(_ option: String) {
        #expect(throws: SQLError.self) { try SQLEngine("mysql://db/app?\(option)") }
        #expect(throws: SQLError.self) { try SQLEngine("sqlite:app.db?\(option)") }
    }

    @Test("A row that lacks what the type needs says which column")
    func decoding() async throws {
        struct Wanted: Decodable { var id: Int, nick: String }
        let engine = try SQLEngine("sqlite::memory:")
        let row = try #require(try await engine.fetchOne(select(SQLExpression.value(1).as("id"))))
        #expect(try row.get("id", as: Int.self) == 1)
        #expect { try row.decode(Wanted.self) } throws: { "\($0)".contains("'nick'") }
        #expect { try row.get("id", as: String.self) } throws: { "\($0)".contains("'id'") }
        #expect(try row.decode(Int.self) == 1)
    }

    /// Asks for its columns in an order that changes with the row, and keeps what it read them from.
    private struct Wilful: Decodable {
        let id: Int
        let name: String
        let rows: KeyedDecodingContainer<Keys>

        enum Keys: String, CodingKey { case id, firstName, absent }

        init(from decoder: any Decoder) throws {
            rows = try decoder.container(keyedBy: Keys.self)
            guard rows.contains(.id), !rows.contains(.absent), try rows.decodeNil(forKey: .absent) else {
                throw DecodingError.valueNotFound(Int.self, .init(codingPath: [], debugDescription: ""))
            }
            let number = try rows.decode(Int.self, forKey: .id)
            name =
                number.isMultiple(of: 2)
                ? try rows.decode(String.self, forKey: .firstName)
                : try rows.decodeIfPresent(String.self, forKey: .firstName) ?? "none"
            id = try rows.decode(Int.self, forKey: .id)
        }
    }

    @Test("Keys may come in any order, and a container that is kept stays at its row")
    func wilful() async throws {
        let engine = try SQLEngine("sqlite::memory:")
        defer { engine.close() }
        let table = Table("t", Column("id", .integer, primaryKey: true), Column("first_name", .string(20)))
        try await engine.createAll(Metadata(table))
        for id in 1...5 {
            let name: SQLExpression = id == 3 ? .value(SQLValue.null) : .value("n\(id)")
            try await engine.execute(table.insert(["id": .value(id), "first_name": name]))
        }
        let read = try await engine.fetch(table.select().orderBy(table.id), as: Wilful.self)
        #expect(read.map(\.id) == [1, 2, 3, 4, 5])
        #expect(read.map(\.name) == ["n1", "n2", "none", "n4", "n5"])
        #expect(try read.map { try $0.rows.decode(Int.self, forKey: .id) } == [1, 2, 3, 4, 5])
    }

    @Test("Many columns, names of several kinds, every basic type, and two columns of one name")
    func kinds() async throws {
        struct Kinds: Decodable, Equatable {
            var a: Bool, b: Int8, c: Int16, d: Int32, e: Int64, f: UInt, g: UInt8, h: UInt16, i: UInt32, j: UInt64
            var k: Float, l: Double, userID: String, first: Int?, gone: Bool?, other: Int16?, date: Date
        }
        let engine = try SQLEngine("sqlite::memory:")
        defer { engine.close() }
        let query = TextStatement(
            """
            SELECT 1 AS a, 1 AS b, 1 AS c, 1 AS d, 1 AS e, 1 AS f, 1 AS g, 1 AS h, 1 AS i, 1 AS j, 0.5 AS k, 0.25 AS l,
            'x' AS user_id, 2 AS größe_ä, 7 AS first, 8 AS first, '1970-01-01 00:00:01' AS date
            """, isReadOnly: true)
        let read = try await engine.fetchOne(query, as: Kinds.self)
        let expected = Kinds(
            a: true, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 0.5, l: 0.25, userID: "x",
            first: 7, gone: nil, other: nil, date: Date(timeIntervalSince1970: 1))
        #expect(read == expected)
        struct Foreign: Decodable {
            let size: Int
            enum CodingKeys: String, CodingKey { case size = "größeÄ" }
        }
        #expect(try await engine.fetchOne(query, as: Foreign.self)?.size == 2)
    }
}
