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
}
