import Foundation
import Synchronization
import Testing

@testable import MongoEngine

/// A directory of a test's own, removed at its end.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/nectar-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/test.db" }
}

extension StorageWriter {
    func insert(_ table: TableID, _ bytes: [UInt8]) throws -> RecordID {
        try bytes.withUnsafeBytes { try insert(table, $0) }
    }

    @discardableResult
    func insertKey(_ index: TableID, unique: Bool = false, _ key: [UInt8], _ record: Int64) throws -> RecordID? {
        try key.withUnsafeBytes { try insertKey(index, unique: unique, key: $0, RecordID(raw: record)) }
    }
}

extension StorageReader {
    func bytes(_ table: TableID, _ id: RecordID) throws -> [UInt8]? { try record(table, id) { Array($0) } }

    /// The entries of an index as "key:record", a key being its bytes with dots.
    func list(
        _ index: TableID, _ range: KeyRange = .all, after: (key: [UInt8], record: RecordID)? = nil,
        descending: Bool = false
    ) throws -> [String] {
        let cursor = try keys(index, range, after: after, descending: descending)
        var found: [String] = []
        while try cursor.next() { found.append(cursor.text) }
        return found
    }
}

extension KeyCursor {
    var text: String { key.map(String.init).joined(separator: ".") + ":\(record.raw)" }
}

private struct Refused: Error {}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

@Suite("Storage")
struct StorageTests {
    let storage: Storage

    init() throws { storage = try Storage(StorageOptions(.memory)) }

    @Test("A record comes back as it was written, replaced and removed")
    func roundTrip() async throws {
        defer { storage.close() }
        let large = [UInt8](repeating: 9, count: 100_000)
        let (table, small, big, empty) = try await storage.write { writer throws in
            let table = try writer.createRecordTable()
            return (
                table, try writer.insert(table, [1, 2]), try writer.insert(table, large), try writer.insert(table, [])
            )
        }
        try storage.read { reader throws in
            #expect(try reader.bytes(table, small) == [1, 2])
            #expect(try reader.bytes(table, big) == large)
            #expect(try reader.bytes(table, empty) == [])
            #expect(try reader.bytes(table, RecordID(raw: 99)) == nil)
            #expect(try reader.count(table) == 3)
        }
        try await storage.write { writer throws in
            try [3].withUnsafeBytes { try writer.replace(table, small, $0) }
            try writer.remove(table, big)
        }
        let next = try await storage.write { try $0.insert(table, [4]) }
        try storage.read { reader throws in
            #expect(try reader.bytes(table, big) == nil)
            let up = try reader.records(table, from: small)
            #expect(try up.next() && up.id == empty && up.bytes.isEmpty)
            #expect(try up.next() && up.id == next)
            #expect(try !up.next() && !up.next())
            let down = try reader.records(table, descending: true)
            #expect(try down.next() && down.id == next)
            #expect(try down.next() && down.id == empty)
        }
    }

    @Test("The id of a removed record is not given again")
    func monotonicIDs() async throws {
        defer { storage.close() }
        let (first, second) = try await storage.write { writer throws in
            let table = try writer.createRecordTable()
            let first = try writer.insert(table, [1])
            try writer.truncate(table)
            return (first, try writer.insert(table, [2]))
        }
        #expect(first < second)
    }

    @Test("Replacing a record that is not there is an error")
    func replaceMissing() async throws {
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        await #expect {
            try await storage.write { try $0.replace(table, RecordID(raw: 1), .init(start: nil, count: 0)) }
        } throws: {
            ($0 as? StorageError)?.kind == .missing
        }
    }

    @Test(
        "Index entries come in the order of their bytes and records, both ways, from any position",
        arguments: [false, true])
    func keyOrder(unique: Bool) async throws {
        defer { storage.close() }
        let index = try await storage.write { writer throws in
            let index = try writer.createIndexTable(unique: unique)
            for (key, record) in [([2], 5), ([2, 0], 1), ([1, 255], 7), ([255], 2), ([], 3)] as [([UInt8], Int64)] {
                try writer.insertKey(index, unique: unique, key, record)
            }
            if !unique { try writer.insertKey(index, [2], 4) }
            return index
        }
        let all =
            unique ? [":3", "1.255:7", "2:5", "2.0:1", "255:2"] : [":3", "1.255:7", "2:4", "2:5", "2.0:1", "255:2"]
        try storage.read { reader throws in
            #expect(try reader.list(index) == all)
            #expect(try reader.list(index, descending: true) == all.reversed())
            #expect(try reader.count(index) == all.count)
            for descending in [false, true] {
                func sorted(_ entries: [String]) -> [String] { descending ? entries.reversed() : entries }
                let twos = all.filter { $0.hasPrefix("2:") }
                let list = { (range: KeyRange) in try reader.list(index, range, descending: descending) }
                #expect(try list(.only([2])) == sorted(twos))
                #expect(try list(.only([3])).isEmpty)
                #expect(try list(KeyRange(lower: [3], upper: [2])).isEmpty)
                #expect(try list(KeyRange(lower: [2], lowerInclusive: false)) == sorted(["2.0:1", "255:2"]))
                #expect(try list(KeyRange(upper: [2], upperInclusive: false)) == sorted([":3", "1.255:7"]))
                #expect(try list(KeyRange(lower: [2], lowerInclusive: false, upper: [2, 0])) == ["2.0:1"])
                #expect(try list(KeyRange(lower: [2], upper: [2], upperInclusive: false)).isEmpty)
            }
        }
    }

    @Test("A scan resumes behind any entry, also one that is gone")
    func resume() async throws {
        defer { storage.close() }
        let index = try await storage.write { writer throws in
            let index = try writer.createIndexTable(unique: false)
            for (key, record) in [([1], 1), ([2], 1), ([2], 3), ([2], 5), ([3], 1)] as [([UInt8], Int64)] {
                try writer.insertKey(index, key, record)
            }
            return index
        }
        try storage.read { reader throws in
            func after(_ key: [UInt8], _ record: Int64, _ range: KeyRange = .all, down: Bool = false) throws -> [String]
            {
                try reader.list(index, range, after: (key, RecordID(raw: record)), descending: down)
            }
            #expect(try after([2], 1) == ["2:3", "2:5", "3:1"])
            #expect(try after([2], 4) == ["2:5", "3:1"])
            #expect(try after([2], 4, down: true) == ["2:3", "2:1", "1:1"])
            #expect(try after([2], 1, down: true) == ["1:1"])
            #expect(try after([2], 3, .only([2])) == ["2:5"])
            #expect(try after([1], 1, .only([2])) == ["2:1", "2:3", "2:5"])
            #expect(try after([3], 1, .only([2])).isEmpty)
            #expect(try after([3], 1, .only([2]), down: true) == ["2:5", "2:3", "2:1"])
            #expect(try after([1], 1, .only([2]), down: true).isEmpty)
            #expect(try after([9], 9).isEmpty)
        }
    }

    @Test("A cursor seeks forward, never back nor out of its range")
    func seek() async throws {
        defer { storage.close() }
        let index = try await storage.write { writer throws in
            let index = try writer.createIndexTable(unique: false)
            for key in 1...9 as ClosedRange<UInt8> { try writer.insertKey(index, [key], Int64(key)) }
            return index
        }
        try storage.read { reader throws in
            let up = try reader.keys(index, KeyRange(lower: [2], upper: [8]))
            try up.seek(to: [1])
            #expect(try up.next() && up.text == "2:2")
            try up.seek(to: [5])
            #expect(try up.next() && up.text == "5:5")
            try up.seek(to: [3])
            #expect(try up.next() && up.text == "6:6")
            try up.seek(to: [9])
            #expect(try !up.next())
            let down = try reader.keys(index, descending: true)
            try down.seek(to: [7, 1])
            #expect(try down.next() && down.text == "7:7")
            try down.seek(to: [4])
            #expect(try down.next() && down.text == "4:4")
            try down.seek(to: [6])
            #expect(try down.next() && down.text == "3:3")
        }
    }

    @Test("A unique index names the record that holds a key, and takes the same entry twice")
    func uniqueKeys() async throws {
        defer { storage.close() }
        try await storage.write { writer throws in
            let index = try writer.createIndexTable(unique: true)
            #expect(try writer.insertKey(index, unique: true, [1], 10) == nil)
            #expect(try writer.insertKey(index, unique: true, [1], 10) == nil)
            #expect(try writer.insertKey(index, unique: true, [1], 11) == RecordID(raw: 10))
            #expect(try writer.firstRecord(index, key: [1]) == RecordID(raw: 10))
            try [UInt8]([1]).withUnsafeBytes { try writer.removeKey(index, key: $0, RecordID(raw: 11)) }
            #expect(try writer.count(index) == 1)
            try [UInt8]([1]).withUnsafeBytes { try writer.removeKey(index, key: $0, RecordID(raw: 10)) }
            #expect(try writer.firstRecord(index, key: [1]) == nil)
        }
    }

    @Test("Metadata is kept by name and listed by prefix")
    func metadata() async throws {
        defer { storage.close() }
        try await storage.write { writer throws in
            _ = try writer.createRecordTable()
            for (name, bytes) in [("a.x", [1]), ("a.y", []), ("b", [2])] as [(String, [UInt8])] {
                try writer.setMetadata(name, bytes)
            }
            try writer.setMetadata("b", [3])
        }
        try storage.read { reader throws in
            #expect(try reader.metadata("b") == [3])
            #expect(try reader.metadata("c") == nil)
            #expect(try reader.allMetadata(prefix: "a.").map(\.0) == ["a.x", "a.y"])
            #expect(try reader.allMetadata().map(\.0) == ["a.x", "a.y", "b"])
        }
        try await storage.write { try $0.setMetadata("b", nil) }
        #expect(try storage.read { try $0.metadata("b") } == nil)
    }

    @Test("A dropped table is gone for every reader, and its number is not given again")
    func drop() async throws {
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        #expect(try storage.read { try $0.count(table) } == 0)
        try await storage.write { try $0.drop(table) }
        #expect { try storage.read { try $0.count(table) } } throws: { ($0 as? StorageError)?.kind == .missing }
        let index = try await storage.write { try $0.createIndexTable(unique: false) }
        let other = try await storage.write { try $0.createRecordTable() }
        #expect(other != table && index != table)
        #expect(try storage.read { try ($0.count(other), $0.count(index)) } == (0, 0))
    }

    @Test("A cursor that outlives its read is an error")
    func staleCursor() async throws {
        defer { storage.close() }
        let table = try await storage.write { writer throws in
            let table = try writer.createRecordTable()
            for byte in 1...3 as ClosedRange<UInt8> { _ = try writer.insert(table, [byte]) }
            return table
        }
        let cursor = try storage.read { reader throws in
            let cursor = try reader.records(table)
            #expect(try cursor.next())
            return cursor
        }
        #expect { try cursor.next() } throws: { ($0 as? StorageError)?.kind == .closed }
        #expect(try storage.read { try $0.count(table) } == 3)
    }

    @Test("Cursors that outlive their reads leave no statements behind")
    func keptStatements() async throws {
        defer { storage.close() }
        let (table, index) = try await storage.write { writer throws in
            let (table, index) = try (writer.createRecordTable(), writer.createIndexTable(unique: false))
            for byte in 1...3 as ClosedRange<UInt8> {
                let id = try writer.insert(table, [byte])
                try writer.insertKey(index, [byte], id.raw)
            }
            return (table, index)
        }
        var cursors: [(RecordCursor, KeyCursor)] = []
        var counts: Set<Int> = []
        for _ in 0..<20 {
            try storage.read { reader in
                let (records, keys) = try (reader.records(table), reader.keys(index))
                #expect(try records.next() && keys.next() && records.id.raw == keys.record.raw)
                cursors.append((records, keys))
                counts.insert(reader.connection.statementCount)
            }
        }
        // The first read prepares, and whatever else a pool's first reads need.
        #expect(counts.count <= 2, "\(counts.sorted())")
        #expect(cursors.allSatisfy { $0.id.raw == 0 && $1.record.raw == 0 && $0.bytes.isEmpty && $1.key.isEmpty })
    }

    @Test("A snapshot stays as it was until it is closed")
    func snapshot() async throws {
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        let snapshot = try storage.snapshot()
        #expect(try snapshot.read { try $0.count(table) } == 0)
        _ = try await storage.write { try $0.insert(table, [1]) }
        #expect(try snapshot.read { try $0.count(table) } == 0)
        #expect(try storage.read { try $0.count(table) } == 1)
        snapshot.close()
        #expect { try snapshot.read { try $0.count(table) } } throws: { ($0 as? StorageError)?.kind == .closed }
        #expect(storage.statistics.readersInUse == 0)
    }

    @Test("A read sees every write that returned before, whichever reader it gets")
    func readsAreCurrent() async throws {
        defer { storage.close() }
        let storage = storage
        let table = try await storage.write { try $0.createRecordTable() }
        for number in 1...20 as ClosedRange<UInt8> {
            _ = try await storage.write { try $0.insert(table, [number]) }
            let seen = try storage.read { outer in
                try [outer.count(table)] + storage.read { try [$0.count(table), storage.read { try $0.count(table) }] }
            }
            #expect(seen == [Int](repeating: Int(number), count: 3))
            #expect(storage.statistics.readersInUse == 0)
        }
    }

    @Test("An error takes back its own changes, and nothing else")
    func rollback() async throws {
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        await #expect(throws: Refused.self) {
            try await storage.write { writer throws in
                _ = try writer.insert(table, [1])
                throw Refused()
            }
        }
        #expect(try storage.read { try $0.count(table) } == 0)
    }

    @Test("Writes that come together share transactions, and one that throws harms no other")
    func groups() async throws {
        defer { storage.close() }
        let storage = storage
        let table = try await storage.write { try $0.createRecordTable() }
        let refused = try await withThrowingTaskGroup(of: Bool.self) { tasks in
            for number in 0..<400 as Range<Int> {
                tasks.addTask {
                    do {
                        try await storage.write { writer throws in
                            _ = try writer.insert(table, [UInt8(number % 250)])
                            if number % 4 == 0 { throw Refused() }
                        }
                        return false
                    } catch is Refused {
                        return true
                    }
                }
            }
            return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused == 100)
        #expect(try storage.read { try $0.count(table) } == 300)
    }

    @Test(
        "Writes that queue behind a running one are in its transaction",
        .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "The running one waits on its thread."))
    func queuedGroup() async throws {
        defer { storage.close() }
        let storage = storage
        let table = try await storage.write { try $0.createRecordTable() }
        let before = storage.statistics
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (entered, go) = AsyncStream.makeStream(of: Void.self)
            tasks.addTask {
                try await storage.write { writer throws in
                    _ = try writer.insert(table, [0])
                    go.finish()
                    while storage.queuedWrites < 3 { sched_yield() }
                }
            }
            for await _ in entered {}
            for number in 1...3 as ClosedRange<UInt8> {
                tasks.addTask {
                    do {
                        try await storage.write { writer throws in
                            _ = try writer.insert(table, [number])
                            if number == 2 { throw Refused() }
                        }
                    } catch is Refused {}
                }
            }
            try await tasks.waitForAll()
        }
        let after = storage.statistics
        #expect(after.transactions - before.transactions == 1)
        #expect(after.commits - before.commits == 3)
        #expect(try storage.read { try $0.count(table) } == 3)
    }

    @Test("Ten readers beside a writer see whole transactions only")
    func readersBesideWriter() async throws {
        defer { storage.close() }
        let storage = storage
        let (first, second) = try await storage.write { try ($0.createRecordTable(), $0.createRecordTable()) }
        let done = Flag()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<10 {
                tasks.addTask {
                    var last = 0
                    repeat {
                        let (a, b) = try storage.read { try ($0.count(first), $0.count(second)) }
                        #expect(a == b && a >= last)
                        last = a
                        await Task.yield()
                    } while !done.isSet
                }
            }
            for _ in 0..<500 {
                try await storage.write { writer throws in
                    _ = try writer.insert(first, [1])
                    _ = try writer.insert(second, [1])
                }
                let seen = try storage.read { try $0.count(first) }
                #expect(try storage.read { try $0.count(second) } == seen)
            }
            done.set()
            try await tasks.waitForAll()
        }
        #expect(try storage.read { try $0.count(first) } == 500)
    }

    @Test("The log stays bounded while reads come and go")
    func boundedLog() async throws {
        let directory = try TestDirectory()
        let storage = try Storage(StorageOptions(.file(directory.database), walLimitPages: 64))
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        let done = Flag()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    repeat {
                        _ = try storage.read { try $0.count(table) }
                        await Task.yield()
                    } while !done.isSet
                }
            }
            let bytes = [UInt8](repeating: 1, count: 4000)
            for _ in 0..<4000 { _ = try await storage.write { try $0.insert(table, bytes) } }
            done.set()
            try await tasks.waitForAll()
        }
        // Without checkpoints it would be past 64 MB.
        #expect(storage.statistics.checkpoints > 0)
        #expect(storage.statistics.walBytes < 32 << 20)
        #expect(try storage.read { try $0.count(table) } == 4000)
    }
}
