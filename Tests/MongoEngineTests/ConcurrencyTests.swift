import BSON
import Foundation
import MongoProtocol
import Synchronization
import Testing

@testable import MongoEngine

@Suite("Readers beside writers and scans")
struct ConcurrencyTests {
    /// Whether the tests that take minutes run too.
    private static let isLong = ProcessInfo.processInfo.environment["NECTAR_LONG"] != nil

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private static func insert(_ engine: TestEngine, _ range: Range<Int>) async {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1000) {
            let part = start..<min(start + 1000, range.upperBound)
            let documents = part.map {
                BSONValue.document(["_id": .int($0), "v": 0, "text": .string("document number \($0)")])
            }
            await engine.run(["insert": "n", "documents": .array(BSONArray(documents))])
        }
    }

    @Test("ten readers beside a writer all get on, and each sees the writes whole and in their order")
    func readersBesideWriter() async throws {
        try await withEngine { engine in
            await Self.insert(engine, 0..<20)
            let done = Flag()
            let increment: BSONDocument = [
                "update": "n", "updates": [["q": [:], "u": ["$inc": ["v": 1]], "multi": true]],
            ]
            let writer = Task {
                var count = 0
                while !done.isSet {
                    let reply = await engine.run(increment)
                    #expect(reply["nModified"] == 20, "\(reply)")
                    count += 1
                    await Task.yield()
                }
                return count
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        var last = 0
                        for _ in 0..<150 {
                            let seen = await engine.batch(["find": "n"]).compactMap { $0["v"]?.int }
                            #expect(seen.count == 20 && Set(seen).count == 1, "\(seen)")
                            #expect(seen.first ?? 0 >= last)
                            last = seen.first ?? 0
                            await Task.yield()
                        }
                    }
                }
            }
            done.set()
            let writes = await writer.value
            #expect(writes > 0)
            #expect(await engine.batch(["find": "n", "filter": ["_id": 0]]).first?["v"]?.int == writes)
        }
    }

    @Test("nobody waits for a scan of a million documents, and the log stays short", .enabled(if: isLong))
    func scan() async throws {
        let directory = try TestDirectory()
        try await withEngine(.file(directory.database)) { engine in
            await Self.insert(engine, 0..<1_000_000)
            let done = Flag()
            let scan = Task {
                let reply = await engine.run(["count": "n", "query": ["text": ["$regex": "7 none"]]])
                done.set()
                return reply
            }
            let (reads, writes, longest) = try await withThrowingTaskGroup(of: (Int, Int, Int64).self) { group in
                for reader in 0..<4 {
                    group.addTask {
                        var reads = 0
                        while !done.isSet {
                            let id = (reads * 7919 + reader) % 1_000_000
                            #expect(await engine.batch(["find": "n", "filter": ["_id": .int(id)]]).count == 1)
                            if !done.isSet { reads += 1 }
                            await Task.yield()
                        }
                        return (reads, 0, 0)
                    }
                }
                group.addTask {
                    var (writes, longest) = (0, Int64(0))
                    while !done.isSet {
                        let id = writes * 6007 % 1_000_000
                        await engine.run([
                            "update": "n", "updates": [["q": ["_id": .int(id)], "u": ["$inc": ["v": 1]]]],
                        ])
                        writes += 1
                        await Task.yield()
                        longest = max(longest, engine.engine.storage.statistics.walBytes)
                    }
                    return (0, writes, longest)
                }
                return try await group.reduce((0, 0, 0)) { ($0.0 + $1.0, $0.1 + $1.1, max($0.2, $1.2)) }
            }
            #expect(await scan.value["n"] == 0)
            #expect(reads > 1_000 && writes > 100, "\(reads) point reads and \(writes) writes during the scan")
            // Four times the length at which the log is copied, and what comes while it is cut.
            #expect(longest < 200 << 20)
        }
    }

    /// The write that makes the collection is acknowledged after those that were committed with it.
    @Test("Who has the answer to a write reads it, also where another write of the same commit made the collection")
    func ownWrites() async throws {
        try await withEngine { engine in
            for round in 0..<200 {
                let name = BSONValue.string("c\(round)")
                let index: BSONDocument = ["createIndexes": name, "indexes": [["key": ["a": 1], "name": "a_1"]]]
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await engine.run(index) }
                    for writer in 0..<6 {
                        group.addTask {
                            await engine.run(["insert": name, "documents": [["_id": .int(writer)]]])
                            let reply = await engine.run(["find": name, "filter": ["_id": .int(writer)]])
                            #expect(reply["cursor"]?.document?["firstBatch"]?.array?.count == 1)
                        }
                    }
                }
            }
        }
    }
}
