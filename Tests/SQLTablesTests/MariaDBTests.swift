import Foundation
import MariaDBHarness
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// With NECTAR_LONG=1: each test on a database of its own, on one server.
@Suite("MariaDB engine", .serialized, .enabled(if: MariaDBServer.isAsked))
struct MariaDBTests {
    private func withTables(
        _ options: SQLEngineOptions = .init(), _ body: (SQLEngine) async throws -> Void
    ) async throws {
        let engine = try await MariaDBServer.shared("engine").engine(options)
        defer { engine.close() }
        try await engine.createAll(Tables.all)
        try await engine.createAll(Tables.all)
        try await body(engine)
    }

    @Test("Does what the SQLite engine does", arguments: EngineChecks.all.indices)
    func check(_ index: Int) async throws {
        try await withTables { engine in
            try await EngineChecks.all[index].1(engine)
            try await engine.dropAll(Tables.all)
            #expect(try await engine.reflect().tables.isEmpty)
        }
    }

    @Test("Values of every length and character come back whole")
    func values() async throws {
        try await withTables { engine in
            let table = Table(
                "large", Column("id", .integer, primaryKey: true), Column("t", .text), Column("b", .binary),
                Column("u", .bigInteger), Column("x", .double))
            try await engine.createAll(Metadata(table))
            for length in [0, 1, 511, 512, 513, 70_000, 1_000_000] {
                let text = String(repeating: "𝒜", count: length)
                let bytes = [UInt8](repeating: 0, count: length) + [0xff]
                let row: Assignments = [
                    "t": .value(text), "b": .value(bytes), "u": .value(Int64.min), "x": .value(0.1),
                ]
                let id = try await engine.execute(table.insert(row)).lastInsertID
                let read = try #require(try await engine.fetchOne(table.select().where(table.id == id)))
                #expect(read.t == .text(text))
                #expect(read.b == .binary(bytes))
                #expect(read.u == .integer(.min))
                #expect(read.x == .double(0.1))
            }
        }
    }

    @Test("Passwords with any character, in URLs and by parts")
    func passwords() async throws {
        let server = try await MariaDBServer.shared("engine")
        let name = try await server.database()
        let place = "127.0.0.1:\(server.port)/\(name)"
        let encoded = "p%40ss%3Aw%2F%C3%B6r%25d%20100%2525"
        // The last one has them as they are, where a '%' and two digits after it must be encoded still.
        for password in [encoded, "p@ss:w/ör%d 100%2525"] {
            let engine = try SQLEngine("mysql://ada:\(password)@\(place)?charset=utf8mb4")
            try await engine.ping()
            engine.close()
        }
        let wrong = try SQLEngine(server.location(name, password: "s3cret"))
        defer { wrong.close() }
        do {
            try await wrong.ping()
            Issue.record("logged in")
        } catch {
            #expect(error.kind == .connectionFailed)
            #expect(error.code == 1045)
            #expect(error.message.contains("mysql://ada@127.0.0.1:\(server.port)/\(name)"))
            #expect(!"\(error)".contains("s3cret"))
        }
    }

    @Test("The connection is encrypted, and verified where that is asked for")
    func tls() async throws {
        let server = try await MariaDBServer.shared("engine")
        func cipher(_ change: (inout SQLEngineOptions) -> Void) async throws -> String {
            var options = SQLEngineOptions()
            change(&options)
            let engine = try SQLEngine(server.location(nil), options: options)
            defer { engine.close() }
            let row = try await engine.fetchOne(TextStatement("SHOW STATUS LIKE 'Ssl_cipher'", isReadOnly: true))
            return try #require(row).get("Value")
        }
        #expect(try await !cipher { $0.tls = .preferred }.isEmpty)
        #expect(try await !cipher { $0.tls = .required }.isEmpty)
        #expect(try await cipher { $0.tls = .disabled }.isEmpty)
        let authority = server.folder.appendingPathComponent("ca.pem").path
        #expect(
            try await !cipher {
                $0.tls = .verified
                $0.tlsCAFile = authority
            }.isEmpty)
        // The system's authorities have not signed the certificate.
        await #expect { try await cipher { $0.tls = .verified } } throws: {
            ($0 as? SQLError)?.kind == .connectionFailed
        }
    }

    @Test("A connection that the server ended while it was idle is not used")
    func killed() async throws {
        var options = SQLEngineOptions()
        options.poolSize = 3
        try await withTables(options) { engine in
            let server = try await MariaDBServer.shared("engine")
            for _ in 0..<3 {
                let ids = try await engine.fetch(
                    TextStatement("SELECT id FROM information_schema.processlist WHERE db = database()"))
                for row in ids {
                    try await server.endConnection(try row.get("id"))
                }
                try await engine.execute(d.insert(["first_name": "a"]))
            }
            #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == 3)
        }
    }

    @Test("Of two transactions in a deadlock one goes on, and the other does so after a retry")
    func deadlock() async throws {
        try await withTables { engine in
            try await engine.execute(t.insert([["id": 1, "name": "a"], ["id": 2, "name": "b"]]))
            /// Takes the two rows in turns, such that both tasks have one when they want the other.
            func cross(retries: Int) async -> [SQLError] {
                let (first, second) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
                func take(_ ids: (Int, Int), mine: AsyncStream<Void>.Continuation, other: AsyncStream<Void>) async
                    -> SQLError?
                {
                    do {
                        try await engine.transaction(retries: retries) { transaction in
                            let name = "\(UUID())".prefix(30)
                            try await transaction.execute(
                                t.update(["name": .value("\(name)")]).where(t.id == ids.0))
                            mine.yield()
                            mine.finish()
                            for await _ in other { break }
                            try await transaction.execute(
                                t.update(["name": .value("\(name)x")]).where(t.id == ids.1))
                        }
                        return nil
                    } catch { return error as? SQLError }
                }
                async let a = take((1, 2), mine: first.continuation, other: second.stream)
                async let b = take((2, 1), mine: second.continuation, other: first.stream)
                return await [a, b].compactMap { $0 }
            }
            let failures = await cross(retries: 0)
            #expect(failures.map(\.kind) == [.deadlock])
            #expect(await cross(retries: 3).isEmpty)
        }
    }

    @Test("A deadlock ends the transaction, even where its error is passed over")
    func passedOver() async throws {
        try await withTables { engine in
            try await engine.execute(t.insert([["id": 1, "name": "a"], ["id": 2, "name": "b"]]))
            let (first, second) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
            func take(_ ids: (Int, Int), mine: AsyncStream<Void>.Continuation, other: AsyncStream<Void>) async
                -> SQLError.Kind?
            {
                do {
                    try await engine.transaction { transaction in
                        try await transaction.execute(t.update(["name": .value("x\(ids.0)")]).where(t.id == ids.0))
                        mine.yield()
                        mine.finish()
                        for await _ in other { break }
                        _ = try? await transaction.savepoint { inner in
                            try await inner.execute(t.update(["name": .value("y\(ids.0)")]).where(t.id == ids.1))
                        }
                        // It would be a transaction of its own, and stay.
                        _ = try? await transaction.execute(d.insert(["first_name": .value("after \(ids.0)")]))
                    }
                    return nil
                } catch { return (error as? SQLError)?.kind }
            }
            async let a = take((1, 2), mine: first.continuation, other: second.stream)
            async let b = take((2, 1), mine: second.continuation, other: first.stream)
            let ends = await [a, b]
            #expect(ends.compactMap { $0 } == [.deadlock])
            #expect(try await engine.fetchValue(select(count()).from(d), as: Int.self) == 1)
        }
    }

    @Test("A transaction whose connection dies in its middle fails whole, and is not run again by itself")
    func diesInside() async throws {
        try await withTables { engine in
            let server = try await MariaDBServer.shared("engine")
            var runs = 0
            for place in ["statement", "commit", "savepoint"] {
                do {
                    try await engine.transaction(retries: 3) { transaction in
                        runs += 1
                        try await transaction.execute(t.insert(["name": "a"]))
                        let number = TextStatement("SELECT connection_id()", isReadOnly: true)
                        let id = try #require(try await transaction.fetchValue(number, as: Int.self))
                        try await server.endConnection(id)
                        if place == "statement" { try await transaction.execute(t.insert(["name": "b"])) }
                        if place == "savepoint" {
                            _ = try? await transaction.savepoint { try await $0.execute(t.insert(["name": "c"])) }
                            try await transaction.execute(t.insert(["name": "d"]))
                        }
                    }
                    Issue.record("\(place): committed")
                } catch {
                    #expect((error as? SQLError)?.kind == .connectionLost, "\(place): \(error)")
                }
                #expect(try await engine.fetchValue(select(count()).from(t), as: Int.self) == 0)
            }
            #expect(runs == 3)
        }
    }

    @Test("Who waits for a connection stops with its task, and the next in line gets it")
    func waiting() async throws {
        var options = SQLEngineOptions()
        (options.poolSize, options.maxOverflow) = (1, 0)
        try await withTables(options) { engine in
            let (cancelled, patient) = try await engine.withConnection { _ in
                let cancelled = Task { try await engine.ping() }
                try await Task.sleep(for: .milliseconds(50))
                let patient = Task { try await engine.fetchValue(select(count()).from(t), as: Int.self) }
                try await Task.sleep(for: .milliseconds(50))
                cancelled.cancel()
                await #expect { try await cancelled.value } throws: { ($0 as? SQLError)?.kind == .cancelled }
                return (cancelled, patient)
            }
            #expect(cancelled.isCancelled)
            #expect(try await patient.value == 0)
            // Many at once, some of which go away: no connection is lost or given twice.
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let task = Task { try await engine.execute(d.insert(["first_name": .value("\(index)")])) }
                        if index % 3 == 0 { task.cancel() }
                        _ = try? await task.value
                    }
                }
            }
            let number = try await engine.fetchValue(select(count()).from(d), as: Int.self) ?? 0
            #expect((66...100).contains(number))
        }
    }

    @Test("A statement that takes too long ends by the time limit, or with its task")
    func limits() async throws {
        var options = SQLEngineOptions()
        options.statementTimeout = .seconds(1)
        try await withTables(options) { engine in
            let sleep = TextStatement("SELECT SLEEP(20)", isReadOnly: true)
            await #expect { try await engine.fetch(sleep) } throws: { ($0 as? SQLError)?.kind == .connectionLost }
            try await engine.ping()
        }
        try await withTables { engine in
            let task = Task { try await engine.fetch(TextStatement("SELECT SLEEP(20)", isReadOnly: true)) }
            try await Task.sleep(for: .milliseconds(200))
            let start = ContinuousClock.now
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? SQLError)?.kind == .cancelled }
            #expect(ContinuousClock.now - start < .seconds(10))
            try await engine.ping()
        }
    }

    @Test("The server stopped and started under load: what was answered is there, and work goes on by itself")
    func restart() async throws {
        let server = try await MariaDBServer.shared("engine")
        var options = SQLEngineOptions()
        options.poolTimeout = .seconds(2)
        options.connectTimeout = .seconds(1)
        try await withTables(options) { engine in
            for hard in [false, true] {
                let (done, finish) = AsyncStream<Void>.makeStream()
                let stop = Task { for await _ in done {} }
                let answered = try await withThrowingTaskGroup(of: [String].self) { group in
                    for writer in 0..<8 {
                        group.addTask {
                            var names: [String] = []
                            var number = 0
                            while !stop.isCancelled {
                                number += 1
                                let name = "\(hard) \(writer) \(number)"
                                do {
                                    try await engine.execute(d.insert(["first_name": .value(name)]))
                                    names.append(name)
                                } catch let error as SQLError where error.isUnavailable {
                                    try await Task.sleep(for: .milliseconds(20))
                                }
                            }
                            return names
                        }
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    await server.stop(hard: hard)
                    try await Task.sleep(for: .milliseconds(300))
                    await #expect { try await engine.ping() } throws: { error in
                        (error as? SQLError).map { $0.isUnavailable && !$0.message.contains("ör") } ?? false
                    }
                    try await server.start()
                    try await Task.sleep(for: .milliseconds(500))
                    stop.cancel()
                    finish.finish()
                    return try await group.reduce(into: [String]()) { $0 += $1 }
                }
                let read = try await engine.fetch(select(d.first_name).from(d)).compactMap { $0.first_name }
                let names = Set(read.compactMap { String(sqlValue: $0) })
                #expect(answered.count > 8)
                #expect(answered.allSatisfy { names.contains($0) })
            }
        }
    }

    @Test("The pool keeps so many connections, opens so many more, lets others wait, and renews old ones")
    func pool() async throws {
        var options = SQLEngineOptions()
        (options.poolSize, options.maxOverflow) = (2, 1)
        options.poolTimeout = .milliseconds(200)
        options.recycle = nil
        try await withTables(options) { engine in
            let open = TextStatement(
                "SELECT count(*) FROM information_schema.processlist WHERE db = database()", isReadOnly: true)
            try await engine.withConnection { _ in
                try await engine.withConnection { _ in
                    try await engine.withConnection { last in
                        let opened = try await last.fetchValue(open, as: Int.self)
                        #expect(opened == 3)
                        await #expect { try await engine.ping() } throws: { ($0 as? SQLError)?.kind == .poolTimeout }
                    }
                }
            }
            var count: Int? = 3
            for _ in 0..<100 where count != 2 {
                try await Task.sleep(for: .milliseconds(20))
                count = try await engine.fetchValue(open, as: Int.self)
            }
            #expect(count == 2)
        }
        options.recycle = .milliseconds(300)
        try await withTables(options) { engine in
            let number = TextStatement("SELECT connection_id()", isReadOnly: true)
            let first = try await engine.fetchValue(number, as: Int.self)
            try await Task.sleep(for: .milliseconds(400))
            #expect(try await engine.fetchValue(number, as: Int.self) != first)
        }
    }

    @Test("MariaDB gives inserted rows back")
    func returning() async throws {
        try await withTables { engine in
            let row = try await engine.fetchOne(t.insert(["name": "a"]).returning(t.id, t["name"]))
            #expect(row?.id == 1)
            let upsert = t.insert(["id": 1, "name": "b"]).onConflict("id", set: ["name": .inserted("name")])
            try await engine.execute(upsert)
            #expect(try await engine.fetchValue(select(t["name"]).from(t), as: String.self) == "b")
        }
    }
}
