import HummingbirdMongo
import Logging
import MongoProtocol
import Nectar
import ServiceLifecycle
import Synchronization
import Testing

/// A document store that can be away, lose its answers, or refuse a document.
private final class FlakyStore: Deployment {
    enum Mode { case up, away, losesAnswers }

    struct State {
        var mode = Mode.up
        var documents: [BSONDocument] = []
        var commands = 0
    }

    let state = Mutex(State())

    func set(_ mode: Mode) { state.withLock { $0.mode = mode } }
    var documents: [BSONDocument] { state.withLock { $0.documents } }
    var commands: Int { state.withLock { $0.commands } }

    func run(_ operation: MongoOperation) async throws -> BSONDocument {
        guard operation.command.name == "insert" else { return ["ok": 1.0, "n": 0] }
        let batch = operation.command.sequences.flatMap(\.documents)
        let (mode, failures) = state.withLock { state -> (Mode, [BSONValue]) in
            state.commands += 1
            guard state.mode != .away else { return (state.mode, []) }
            var failures: [BSONValue] = []
            for (index, document) in batch.enumerated() {
                if state.documents.contains(where: { $0["_id"] == document["_id"] }) {
                    failures.append(["index": .int(index), "code": 11000, "errmsg": "there"])
                } else if document["bad"] == true {
                    failures.append(["index": .int(index), "code": 121, "errmsg": "refused"])
                } else {
                    state.documents.append(document)
                }
            }
            return (state.mode, failures)
        }
        guard mode == .up else { throw MongoError(.network, "the store is away") }
        let reply: BSONDocument =
            failures.isEmpty
            ? ["ok": 1.0, "n": .int(batch.count)]
            : ["ok": 1.0, "n": .int(batch.count - failures.count), "writeErrors": .array(BSONArray(failures))]
        if let error = MongoError(reply: reply, command: "insert") { throw error }
        return reply
    }

    var topology: TopologyDescription { get async { TopologyDescription(.single) } }
    func close() async {}
}

@Suite("Log pipeline")
struct MongoLogsTests {
    /// Runs a test beside the pipeline and then stops it.
    private func withLogs(
        _ change: (inout MongoLogs.Options) -> Void = { _ in },
        _ test: @escaping @Sendable (MongoLogs, FlakyStore) async throws -> Void
    ) async throws -> (MongoLogs.Statistics, [BSONDocument]) {
        let store = FlakyStore()
        var options = MongoLogs.Options()
        options.retryInterval = .milliseconds(1)
        options.closingTime = .milliseconds(200)
        change(&options)
        let collection = MongoClient(deployment: store)["app"]["logs"]
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let logs = MongoLogs(collection, options: options, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [logs], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await test(logs, store)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        return (logs.statistics, store.documents)
    }

    @Test("Records are written in order, in batches, with an id and a time")
    func order() async throws {
        let (statistics, documents) = try await withLogs { logs, store in
            store.set(.away)
            for number in 0..<1200 { #expect(logs.record(["number": .int(number)])) }
            store.set(.up)
            await logs.flush()
            #expect(store.documents.count == 1200)
            #expect(store.commands < 600)
        }
        #expect(documents.map { $0["number"]?.int } == (0..<1200).map { $0 })
        #expect(documents.allSatisfy { $0["_id"]?.objectID != nil && $0["at"]?.date != nil })
        #expect(statistics.written == 1200 && statistics.dropped == 0 && statistics.waiting == 0)
    }

    @Test("With the store away records wait up to the bound, the rest is counted, and all that waited is written after")
    func away() async throws {
        let (statistics, documents) = try await withLogs({ $0.capacity = 100 }) { logs, store in
            store.set(.away)
            let taken = (0..<150).map { logs.record(["number": .int($0)]) }
            #expect(taken.count { $0 } == 100)
            #expect(logs.statistics.waiting == 100 && logs.statistics.dropped == 50)
            while logs.statistics.failures < 3 { try await Task.sleep(for: .milliseconds(1)) }
            store.set(.up)
            await logs.flush()
            #expect(logs.record(["number": 150]))
        }
        #expect(documents.map { $0["number"]?.int } == Array(0..<100) + [150])
        #expect(statistics.accepted == 101 && statistics.written == 101 && statistics.dropped == 50)
    }

    @Test("Bytes are bounded too")
    func bytes() async throws {
        _ = try await withLogs({ $0.byteCapacity = 10_000 }) { logs, store in
            store.set(.away)
            let text = BSONValue.string(String(repeating: "x", count: 3000))
            let taken = (0..<10).map { _ in logs.record(["text": text]) }
            #expect(taken.count { $0 } == 3)
            store.set(.up)
        }
    }

    @Test("A batch whose answer was lost is written once")
    func lostAnswer() async throws {
        let (statistics, documents) = try await withLogs { logs, store in
            store.set(.losesAnswers)
            for number in 0..<10 { logs.record(["number": .int(number)]) }
            while store.commands < 3 { try await Task.sleep(for: .milliseconds(1)) }
            store.set(.up)
            await logs.flush()
        }
        #expect(documents.count == 10)
        #expect(statistics.written == 10 && statistics.dropped == 0)
    }

    @Test("A record that the store refuses is dropped and counted, and keeps no other back")
    func refused() async throws {
        let (statistics, documents) = try await withLogs { logs, _ in
            for number in 0..<9 { logs.record(["number": .int(number), "bad": .bool(number == 4)]) }
            await logs.flush()
        }
        #expect(documents.count == 8)
        #expect(statistics.written == 8 && statistics.dropped == 1)
    }

    @Test("Stopping writes what is left; with the store away it gives up after a while and lets go who waits")
    func stopping() async throws {
        let (done, documents) = try await withLogs { logs, _ in
            for number in 0..<50 { logs.record(["number": .int(number)]) }
        }
        #expect(documents.count == 50 && done.waiting == 0)
        let (lost, none) = try await withLogs({ $0.closingTime = .milliseconds(20) }) { logs, store in
            store.set(.away)
            for number in 0..<50 { logs.record(["number": .int(number)]) }
            Task { await logs.flush() }
        }
        #expect(none.isEmpty && lost.dropped == 50 && lost.waiting == 0)
    }

    static let nameCases: [(String, Bool)] = [
        ("password", true), ("userPassword", true), ("X-API-Key", true), ("access_token", true), ("pin", true),
        ("shipping", false), ("author", false), ("first_name", false), ("card", true), ("discard_all", false),
    ]

    @Test("Which names tell of a secret", arguments: nameCases.indices)
    func names(_ index: Int) {
        let (name, isSensitive) = Self.nameCases[index]
        #expect(LogRedaction().isSensitive(name) == isSensitive)
    }

    @Test("Documents keep their form with secrets masked, long texts cut and depths ended")
    func redaction() {
        let redaction = LogRedaction()
        let document: BSONDocument = ["a": ["password": "x", "list": [["token": 1, "b": 2]]], "c": 3]
        #expect(
            redaction.redacted(document) == ["a": ["password": "***", "list": [["token": "***", "b": 2]]], "c": 3])
        let long = redaction.redacted(["t": .string(String(repeating: "é", count: 5000))])["t"]?.string
        #expect(long?.count == 1001)
        var deep: BSONValue = 1
        for _ in 0..<50 { deep = ["d": deep] }
        #expect(redaction.redacted(["d": deep]).extendedJSON().contains("…"))
    }
}
