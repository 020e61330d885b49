import BSON
import FaultHarness
import MongoProtocol
import Synchronization
import Testing

@testable import MongoDriver

/// A resolver whose records a test changes.
final class TestResolver: DNSResolver {
    private let records: Mutex<[ServiceRecord]?>
    private let questions = Mutex<[String]>([])

    /// - Parameter records: Nil where no DNS server answers.
    init(_ records: [ServiceRecord]?) { self.records = Mutex(records) }

    /// The names that were asked for.
    var asked: [String] { questions.withLock { $0 } }

    func set(_ new: [ServiceRecord]?) { records.withLock { $0 = new } }

    func serviceRecords(of name: String) async throws -> [ServiceRecord] {
        questions.withLock { $0.append(name) }
        guard let found = records.withLock({ $0 }) else { throw MongoError(.network, "no answer") }
        return found
    }

    func textRecords(of name: String) async throws -> [String] { [] }
}

@Suite("Polling of SRV records", .timeLimit(.minutes(2)))
struct SeedlistPollingTests {
    /// Runs the poller of db.test.example against `resolver`, with a clock of its own.
    private func withPoller(
        _ resolver: TestResolver, known: [ServerAddress]?, limit: Int = 0,
        _ body: (ManualClock, Recorder<[ServerAddress]>) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        var source = SeedlistSource(host: "db.test.example", limit: limit, resolver: resolver)
        source.clock = clock
        let poller = SeedlistPoller(source: source, heartbeatFrequency: .seconds(10))
        let taken = Recorder<[ServerAddress]>()
        let task = Task {
            await poller.run {
                taken.all.last ?? known
            } take: {
                taken.add($0)
            }
        }
        try await body(clock, taken)
        task.cancel()
        await task.value
    }

    /// Waits until the poller sleeps until `time`.
    private func sleeps(_ clock: ManualClock, until time: Duration) async throws {
        for _ in 0..<500 where clock.sleepers != [time] { try await Task.sleep(for: .milliseconds(2)) }
        #expect(clock.sleepers == [time])
    }

    private static func address(_ name: String) -> ServerAddress { ServerAddress(host: "\(name).test.example") }
    private static func record(_ name: String, _ seconds: Int = 30) -> ServiceRecord {
        ServiceRecord(target: "\(name).test.example", port: 27017, timeToLive: seconds)
    }

    @Test("Servers come and go with the records, which are asked for when they end, and at most every minute")
    func changes() async throws {
        let resolver = TestResolver([Self.record("a"), Self.record("b", 90), Self.record("c", 90)])
        try await withPoller(resolver, known: [Self.address("a"), Self.address("b")]) { clock, taken in
            try await sleeps(clock, until: .seconds(60))
            #expect(resolver.asked.isEmpty)
            clock.advance(by: .seconds(60))
            try await sleeps(clock, until: .seconds(120))
            #expect(taken.all.map(Set.init) == [Set(["a", "b", "c"].map(Self.address))])
            #expect(resolver.asked == ["_mongodb._tcp.db.test.example"])
            resolver.set([Self.record("c", 300), Self.record("evil.example.com.x", 300)])
            clock.advance(by: .seconds(60))
            try await sleeps(clock, until: .seconds(420))
            #expect(taken.all.last?.contains(Self.address("c")) == true)
        }
    }

    @Test("Records that cannot be had, or are all of other domains, change nothing and are soon asked for again")
    func failures() async throws {
        let resolver = TestResolver(nil)
        try await withPoller(resolver, known: [Self.address("a")]) { clock, taken in
            try await sleeps(clock, until: .seconds(60))
            clock.advance(by: .seconds(60))
            try await sleeps(clock, until: .seconds(70))
            resolver.set([ServiceRecord(target: "a.other.example", port: 1)])
            clock.advance(by: .seconds(10))
            try await sleeps(clock, until: .seconds(80))
            #expect(taken.all.isEmpty)
            resolver.set([Self.record("b")])
            clock.advance(by: .seconds(10))
            try await sleeps(clock, until: .seconds(140))
            #expect(taken.all == [[Self.address("b")]])
        }
    }

    @Test("No more servers are taken than srvMaxHosts allows, and those that stay stay")
    func limit() async throws {
        let resolver = TestResolver(["a", "b", "c", "d"].map { Self.record($0) })
        try await withPoller(resolver, known: [Self.address("a"), Self.address("x")], limit: 2) { clock, taken in
            try await sleeps(clock, until: .seconds(60))
            clock.advance(by: .seconds(60))
            try await sleeps(clock, until: .seconds(120))
            let last = try #require(taken.all.last)
            #expect(last.count == 2 && last.first == Self.address("a") && !last.contains(Self.address("x")))
        }
    }

    @Test("Nobody asks any more once the deployment is none of routers")
    func replicaSet() async throws {
        let resolver = TestResolver([])
        try await withPoller(resolver, known: nil) { clock, _ in
            try await sleeps(clock, until: .seconds(60))
            clock.advance(by: .seconds(60))
            for _ in 0..<20 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(clock.sleepers.isEmpty && resolver.asked.isEmpty)
        }
    }

    @Test("A deployment moves to the server that the records name from now on")
    func deployment() async throws {
        try await withServer { server, options in
            // Numbers are names too, and this one's domain is 0.0.1, to which 127.0.0.1 belongs.
            let resolver = TestResolver([ServiceRecord(target: "127.0.0.1", port: 1)])
            let string = try ConnectionString("mongodb+srv://db.0.0.1/?tls=false&serverSelectionTimeoutMS=20000")
            var options = try DriverOptions(try await string.resolved(by: resolver), resolver: resolver)
            let clock = ManualClock()
            options.seedlist?.clock = clock
            try await withDriver(options) { driver in
                async let reply = driver.run(MongoOperation(MongoCommand(["ping": 1]), deadline: .now + .seconds(20)))
                try await sleeps(clock, until: .seconds(60))
                resolver.set([ServiceRecord(target: "127.0.0.1", port: await server.port)])
                clock.advance(by: .seconds(60))
                let answer = try await reply
                let port = await server.port
                #expect(answer["ok"]?.double == 1 && driver.snapshot.servers.keys.map(\.port) == [port])
            }
            for _ in 0..<500 where !clock.sleepers.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            #expect(clock.sleepers.isEmpty)
        }
    }
}
