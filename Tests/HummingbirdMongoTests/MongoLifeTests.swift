import ClientFixture
import Foundation
import Logging
import Nectar
import ServiceLifecycle
import Testing

@testable import HummingbirdMongo

/// Runs `body` with the connection string of a server of an engine of its own.
func withServer(_ body: (String) async throws -> Void) async throws {
    try await withTestServer { port in try await body("mongodb://127.0.0.1:\(port)") }
}

@Suite("The life of an application's database")
struct MongoLifeTests {
    @Test("The start logs whether the database is in the process or over the network, and where, without a password")
    func logs() async throws {
        let cases: [(set: [String: String], line: String)] = [
            (["MONGO_URI": "embedded::memory:"], "Using the embedded engine, embedded::memory:"),
            (["MONGO_HOST": "db.invalid"], "Using the network, mongodb://db.invalid:27017/"),
            (
                ["MONGO_HOST": "db.invalid", "MONGO_USERNAME": "kim", "MONGO_PASSWORD": "hunter2"],
                "Using the network, mongodb://db.invalid:27017/"
            ),
        ]
        for (set, line) in cases {
            let (logger, lines) = LogLines.logger()
            let mongo = try await Mongo(.settings(set), logger: logger)
            await mongo.close()
            #expect(lines.all.contains { $0.contains(line) }, "\(lines.all)")
            #expect(!lines.all.contains { $0.contains("hunter2") || $0.contains("kim") })
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString)").path
        let (logger, lines) = LogLines.logger()
        let mongo = try await Mongo(.settings([:]), applicationName: folder, logger: logger)
        await mongo.close()
        for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: "\(folder).db\(end)") }
        #expect(lines.all.contains { $0.contains("MONGO_URI is not set: using the embedded engine, embedded:") })
    }

    @Test("Names on one server share one client, which closes with the last of them")
    func sharing() async throws {
        try await withServer { uri in
            let variables = [
                "MONGO_URI": "\(uri)/a", "MONGO2_URI": "\(uri)/b", "MONGO3_URI": "\(uri)/?maxPoolSize=3",
            ]
            let source = Mongo.Source.settings(variables)
            async let opening = Mongo(source, prefix: "MONGO2")
            let first = try await Mongo(source)
            let second = try await opening
            let third = try await Mongo(source, prefix: "MONGO3")
            #expect(first.client === second.client)
            #expect(first.client !== third.client)
            #expect(first.db.name == "a" && second.db.name == "b")
            try await first.db["x"].insertOne(["n": 1])
            await first.close()
            await first.close()
            #expect(try await second.db.client["a"]["x"].countDocuments() == 1)
            await second.close()
            let error = await #expect(throws: MongoError.self) { try await second.db["x"].countDocuments() }
            #expect(error?.kind == .closed)
            await third.close()
            // Who comes after the last gets a new one.
            let fourth = try await Mongo(source)
            #expect(try await fourth.db["x"].countDocuments() == 1)
            await fourth.close()
        }
    }

    @Test("A deferred database is opened by its first operation")
    func deferred() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString).db").path
        defer {
            for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) }
        }
        let mongo = try await Mongo(.settings(["MONGO_URI": "embedded:\(path)", "MONGO_CONNECT": "false"]))
        #expect(!FileManager.default.fileExists(atPath: path))
        async let one: Void = { _ = try await mongo.db["x"].insertOne(["n": 1]) }()
        async let two: Void = { _ = try await mongo.db["x"].insertOne(["n": 2]) }()
        _ = try await (one, two)
        #expect(try await mongo.db["x"].countDocuments() == 2)
        await mongo.close()
        let error = await #expect(throws: MongoError.self) { try await mongo.db["x"].countDocuments() }
        #expect(error?.kind == .closed)
        let unused = try await Mongo(.settings(["MONGO_URI": "embedded:\(path)", "MONGO_CONNECT": "false"]))
        await unused.close()
        await #expect(throws: MongoError.self) { try await unused.db["x"].countDocuments() }
    }

    @Test("A deferred database over the network takes its options from the connection string")
    func deferredNetwork() async throws {
        try await withServer { uri in
            let source = Mongo.Source.settings(["MONGO_URI": "\(uri)/?w=majority", "MONGO_CONNECT": "no"])
            try await withMongo(source) { mongo in
                #expect(mongo.client.defaults.writeConcern.w == .majority)
                try await mongo.db["x"].insertOne(["n": 1])
                #expect(try await mongo.db["x"].countDocuments() == 1)
            }
        }
    }

    @Test("Writes are not acknowledged where MONGOALCHEMY_SAFE_SESSION says so")
    func unsafe() async throws {
        for (text, w) in [("false", 0), ("true", 1)] {
            let source = Mongo.Source.settings([
                "MONGOALCHEMY_DATABASE": "library", "MONGOALCHEMY_SAFE_SESSION": text,
                "MONGOALCHEMY_CONNECTION_STRING": "embedded::memory:",
            ])
            try await withMongo(source, prefix: "MONGOALCHEMY") { mongo in
                #expect(mongo.db.defaults.writeConcern.w == .members(w))
                #expect(mongo.db.name == "library")
            }
        }
    }

    @Test("Safe sessions weaken no write concern of the connection string's, and unsafe ones contradict a strict one")
    func safety() async throws {
        func concern(_ options: String, safe: String) async throws -> WriteConcern {
            let source = Mongo.Source.settings([
                "A_DATABASE": "library", "A_SAFE_SESSION": safe, "A_CONNECTION_STRING": "mongodb://h/?\(options)",
            ])
            return try await withMongo(source, prefix: "A", names: .mongoAlchemy) { $0.db.defaults.writeConcern }
        }
        #expect(try await concern("w=majority", safe: "true") == .majority)
        #expect(try await concern("w=0", safe: "true").w == .members(1))
        #expect(try await concern("w=majority", safe: "false").w == .members(0))
        let error = await #expect(throws: MongoError.self) { try await concern("journal=true", safe: "false") }
        #expect(error?.kind == .usage && error?.message.contains("SAFE_SESSION is false") == true)
    }

    @Test("A script's database is closed behind it, even where it fails")
    func scripts() async throws {
        struct Broken: Error {}
        var kept: Mongo?
        await #expect(throws: Broken.self) {
            try await withMongo(.settings(["MONGO_URI": "embedded::memory:"])) { mongo in
                kept = mongo
                try await mongo.db["x"].insertOne(["n": 1])
                throw Broken()
            }
        }
        await #expect(throws: MongoError.self) { try await kept?.db["x"].countDocuments() }
    }

    @Test("As a service it closes when the application stops")
    func service() async throws {
        let mongo = try await Mongo(uri: "embedded::memory:")
        let group = ServiceGroup(services: [mongo], logger: Logger(label: "test"))
        async let running: Void = group.run()
        try await mongo.db["x"].insertOne(["n": 1])
        await group.triggerGracefulShutdown()
        try await running
        await #expect(throws: MongoError.self) { try await mongo.db["x"].countDocuments() }
    }

    /// How many files and sockets this process has open.
    private static var openFiles: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    @Test(
        "Nothing leaks over a thousand starts and stops",
        .enabled(if: ProcessInfo.processInfo.environment["NECTAR_LONG"] == "1"))
    func thousandRounds() async throws {
        // In a process of its own: other suites open files beside this one.
        await #expect(processExitsWith: .success) {
            try await withServer { uri in
                for place in [uri, "embedded::memory:"] {
                    for _ in 0..<20 { try await MongoLifeTests.round(place) }
                    let before = MongoLifeTests.openFiles
                    let memory = residentKilobytes()
                    for _ in 0..<1000 { try await MongoLifeTests.round(place) }
                    let after = MongoLifeTests.openFiles
                    #expect(after < before + 20, "\(place): \(before) open files became \(after)")
                    let now = residentKilobytes()
                    #expect(now < memory + 10_000, "\(place): \(memory) KB became \(now)")
                }
            }
        }
    }

    /// One start, one write, one stop.
    private static func round(_ place: String) async throws {
        let mongo = try await Mongo(uri: place, databaseName: "test")
        let group = ServiceGroup(services: [mongo], logger: Logger(label: "test"))
        async let running: Void = group.run()
        try await mongo.db["x"].replaceOne(["_id": 1], ["_id": 1], upsert: true)
        await group.triggerGracefulShutdown()
        try await running
    }
}

/// The memory of this process that is in use, in kilobytes. Pages of mapped files do not count: the system takes them back
/// when it needs them.
func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
}
