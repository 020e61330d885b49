import SQLRows
import SQLTables

/// A row that reads its columns by itself.
@Row struct DeveloperRow {
    var id: Int
    var firstName: String
    var lastName: String
    var expert: String
}

/// Times inserts, gets, lists of 100 and updates, one after the other, and prints a line for each: its name and
/// microseconds. `sqlalchemy_peer.py` does the same with SQLAlchemy Core.
@main
struct SQLBenchmarks {
    struct Developer: Codable {
        var id: Int
        var firstName: String
        var lastName: String
        var expert: String
    }

    static let developers = Table(
        "bench_developers", Column("id", .integer, primaryKey: true), Column("first_name", .string(255)),
        Column("last_name", .string(255)), Column("expert", .string(255)))

    static func main() async throws {
        guard CommandLine.arguments.count == 3, let rounds = Int(CommandLine.arguments[2]) else {
            print("usage: SQLBenchmarks URL ROUNDS")
            return
        }
        let engine = try SQLEngine(CommandLine.arguments[1])
        defer { engine.close() }
        let d = developers
        try await engine.dropAll(Metadata(d))
        try await engine.createAll(Metadata(d))
        try await time("insert", rounds) { number in
            let row: Assignments = [
                "first_name": .value("first \(number)"), "last_name": .value("last \(number)"), "expert": "Swift",
            ]
            try await engine.execute(d.insert(row))
        }
        try await time("get", rounds) { number in
            let query = d.select().where(d.id == number % rounds + 1)
            guard try await engine.fetchOne(query, as: Developer.self) != nil else { throw Missing() }
        }
        try await time("list of 100", rounds / 10) { number in
            let query = d.select().orderBy(d.id).limit(100)
            guard try await engine.fetch(query, as: Developer.self).count == 100 else { throw Missing() }
        }
        try await time("get, @Row", rounds) { number in
            let query = d.select().where(d.id == number % rounds + 1)
            guard try await engine.fetchOne(query, as: DeveloperRow.self) != nil else { throw Missing() }
        }
        try await time("list, @Row", rounds / 10) { number in
            let query = d.select().orderBy(d.id).limit(100)
            guard try await engine.fetch(query, as: DeveloperRow.self).count == 100 else { throw Missing() }
        }
        try await time("update", rounds) { number in
            try await engine.execute(d.update(["expert": .value("e\(number)")]).where(d.id == number % rounds + 1))
        }
        try await engine.dropAll(Metadata(d))
    }

    struct Missing: Error {}

    static func time(_ name: String, _ rounds: Int, _ body: (Int) async throws -> Void) async throws {
        // The first tenth warms up.
        for number in 0..<rounds / 10 { try await body(number) }
        let start = ContinuousClock.now
        for number in 0..<rounds { try await body(number) }
        let elapsed = ContinuousClock.now - start
        print("\(name)\t\(Double(elapsed / .nanoseconds(1)) / 1000 / Double(rounds))")
    }
}
