import Foundation
import SQLRows
import Testing

/// The rows of the tests.
enum Level: String, Codable, Sendable { case junior, senior }

@Row struct Person: Equatable {
    var id: Int
    var firstName: String
    @ColumnName("expertise") var expert: String?
    var active: Bool = true
    var pay: Decimal?
    var rate: Double = 1
    var level: Level = .junior
    var joined: Date?
    var tags: [String] = []
    var code: [UInt8]?
}

/// One that has an initializer of its own, names by `CodingKeys`, and a property that is no column.
@Row struct Keyed: Codable, Equatable {
    let number: Int
    var title: String
    var note = "kept"

    enum CodingKeys: String, CodingKey {
        case number = "id"
        case title = "first_name"
    }

    init(number: Int, title: String) {
        self.number = number
        self.title = title
    }
}

/// The same columns by `Codable` alone.
struct Coded: Codable, Equatable {
    var id: Int
    var firstName: String
    var expertise: String?
}

@Suite("Rows by macro")
struct RowTests {
    static let people = Table(
        "people", Column("id", .integer, primaryKey: true), Column("first_name", .string(40), nullable: false),
        Column("expertise", .string(40)), Column("active", .boolean, nullable: false), Column("pay", .numeric(10, 2)),
        Column("rate", .double), Column("level", .string(10)), Column("joined", .dateTime), Column("tags", .json),
        Column("code", .binary))

    private func withPeople(_ test: (SQLEngine) async throws -> Void) async throws {
        let engine = try SQLEngine("sqlite::memory:")
        defer { engine.close() }
        try await engine.createAll(Metadata(Self.people))
        try await test(engine)
    }

    private static let ada = Person(
        id: 1, firstName: "Ada", expert: "Analysis", active: false, pay: Decimal(string: "12.5"), rate: 2.25,
        level: .senior, joined: Date(timeIntervalSince1970: 1_000_000.5), tags: ["a", "b"], code: [0, 255])

    @Test("What is written is read again, with every kind of value and with nils")
    func roundTrip() async throws {
        try await withPeople { engine in
            let bare = Person(id: 2, firstName: "Zoë 😀", expert: nil)
            try await engine.execute(Self.people.insert(encoding: [Self.ada, bare]))
            let query = Self.people.select().orderBy(Self.people.id)
            #expect(try await engine.fetch(query, as: Person.self) == [Self.ada, bare])
            #expect(try await engine.fetchOne(query, as: Person.self) == Self.ada)
            let row = try #require(try await engine.fetchOne(query))
            #expect(try row.decode(Person.self) == Self.ada)
            // The same columns as `Codable` has.
            #expect(row.names.contains("first_name"))
            #expect(try row.decode(Coded.self) == Coded(id: 1, firstName: "Ada", expertise: "Analysis"))
            #expect(row.expertise == "Analysis")
        }
    }

    @Test("The database numbers a row whose id is left out, and an update takes the columns of a row")
    func changes() async throws {
        try await withPeople { engine in
            let p = Self.people
            let result = try await engine.execute(p.insert(encoding: Self.ada, leavingOut: ["id"]))
            #expect(result.lastInsertID == 1)
            var changed = Self.ada
            changed.firstName = "Grace"
            changed.joined = nil
            try await engine.execute(
                p.update(Assignments(encoding: changed, of: p, leavingOut: ["id"])).where(p.id == 1))
            #expect(try await engine.fetchOne(p.select(), as: Person.self) == changed)
        }
    }

    @Test("A column that the result does not have is a default value or nil, and else an error that names it")
    func missing() async throws {
        try await withPeople { engine in
            try await engine.execute(Self.people.insert(encoding: Self.ada))
            let p = Self.people
            let read = try await engine.fetchOne(select(p.first_name, p.id), as: Person.self)
            #expect(read == Person(id: 1, firstName: "Ada", expert: nil))
            await #expect {
                try await engine.fetchOne(select(p.id), as: Person.self)
            } throws: { "\($0)".contains("no column 'firstName'") }
            // Null is no default, and another kind of value is none either.
            let kinds: [(SQLSelection, String)] = [
                (SQLExpression.value(SQLValue.null).as("rate"), "'rate' holds no Double"),
                (SQLExpression.value("x").as("active"), "'active' holds no Bool"),
                (SQLExpression.value("x").as("level"), "'level'"), (SQLExpression.value("{").as("tags"), "'tags'"),
            ]
            for (column, part) in kinds {
                await #expect(throws: SQLError.self, "\(part)") {
                    try await engine.fetchOne(select(p.id, p.first_name, column), as: Person.self)
                }
            }
        }
    }

    @Test("CodingKeys name the columns; what they leave out is no column; an initializer of one's own stays")
    func keys() async throws {
        try await withPeople { engine in
            let p = Self.people
            let keyed = Keyed(number: 7, title: "Ada")
            try await engine.execute(p.insert(["id": 7, "first_name": "Ada", "active": true]))
            #expect(try await engine.fetch(p.select(), as: Keyed.self) == [keyed])
            try await engine.execute(p.update(Assignments(encoding: Keyed(number: 7, title: "Zoë"), of: p)))
            #expect(try await engine.fetchOne(p.select(), as: Keyed.self)?.title == "Zoë")
        }
    }

    @Test("A value is bound, whatever is in it; a table without the column refuses the row")
    func injection() async throws {
        try await withPeople { engine in
            let name = "x'); DROP TABLE people;--"
            try await engine.execute(Self.people.insert(encoding: Person(id: 1, firstName: name, expert: name)))
            #expect(try await engine.fetchOne(Self.people.select(), as: Person.self)?.firstName == name)
            let other = Table("people", Column("id", .integer, primaryKey: true))
            await #expect { try await engine.execute(other.insert(encoding: Self.ada)) } throws: {
                "\($0)".contains("no column 'first_name'")
            }
        }
    }
}
