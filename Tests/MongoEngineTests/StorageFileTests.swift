import Foundation
import Synchronization
import Testing

@testable import MongoEngine

private func expectError(
    _ kind: StorageError.Kind, saying text: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("There was no error.", sourceLocation: sourceLocation)
    } catch let error as StorageError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        #expect(text.isEmpty || error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

private final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .sequentiallyConsistent) }
    func increment() { value.add(1, ordering: .sequentiallyConsistent) }
}

@Suite("Storage files")
struct StorageFileTests {
    let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    @Test("What was written is there when the file is opened again")
    func reopen() async throws {
        var storage = try Storage(StorageOptions(.file(directory.database)))
        let (table, id) = try await storage.write { writer throws in
            let table = try writer.createRecordTable()
            return (table, try writer.insert(table, [1, 2, 3]))
        }
        storage.close()
        storage = try Storage(StorageOptions(.file(directory.database)))
        defer { storage.close() }
        #expect(try storage.read { try $0.bytes(table, id) } == [1, 2, 3])
        let other = try await storage.write { try $0.createRecordTable() }
        #expect(other != table)
    }

    @Test("What was committed is in a copy of the files made while they are open")
    func copyOfOpenFiles() async throws {
        let storage = try Storage(StorageOptions(.file(directory.database)))
        defer { storage.close() }
        let (table, id) = try await storage.write(durability: .flushed) { writer throws in
            let table = try writer.createRecordTable()
            return (table, try writer.insert(table, [7]))
        }
        let copy = directory.path + "/copy.db"
        try FileManager.default.copyItem(atPath: directory.database, toPath: copy)
        try FileManager.default.copyItem(atPath: directory.database + "-wal", toPath: copy + "-wal")
        let recovered = try Storage(StorageOptions(.file(copy)))
        defer { recovered.close() }
        #expect(try recovered.read { try $0.bytes(table, id) } == [7])
    }

    @Test("A second writer is told who holds the file")
    func secondWriter() async throws {
        let storage = try Storage(StorageOptions(.file(directory.database)))
        await expectError(.locked, saying: "\(getpid())") {
            _ = try Storage(StorageOptions(.file(directory.database)))
        }
        storage.close()
        try Storage(StorageOptions(.file(directory.database))).close()
    }

    @Test("A read-only opener sees commits as they come, and refuses to write")
    func readOnly() async throws {
        let storage = try Storage(StorageOptions(.file(directory.database)))
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        let reader = try Storage(StorageOptions(.file(directory.database), readOnly: true))
        defer { reader.close() }
        let version = try reader.read { reader throws in
            #expect(try reader.count(table) == 0)
            return reader.dataVersion
        }
        #expect(try reader.read { $0.dataVersion } == version)
        _ = try await storage.write { try $0.insert(table, [1]) }
        try reader.read { reader throws in
            #expect(try reader.count(table) == 1)
            #expect(reader.dataVersion != version)
        }
        await expectError(.readOnly) { _ = try await reader.write { try $0.createRecordTable() } }
    }

    @Test("A read-only opener does not create a file")
    func readOnlyMissing() async throws {
        await expectError(.io) { _ = try Storage(StorageOptions(.file(directory.database), readOnly: true)) }
        #expect(!FileManager.default.fileExists(atPath: directory.database))
    }

    @Test("A flushed write returns after a flush of the disk")
    func flushed() async throws {
        let flushes = Counter()
        var options = StorageOptions(.file(directory.database), flushInterval: .seconds(3600))
        options.synchronize = { descriptor in
            flushes.increment()
            return StorageFiles.synchronize(descriptor)
        }
        let storage = try Storage(options)
        defer { storage.close() }
        let table = try await storage.write { try $0.createRecordTable() }
        #expect(flushes.count == 0)
        _ = try await storage.write(durability: .flushed) { try $0.insert(table, [1]) }
        #expect(flushes.count == 1)
        #expect(storage.statistics.fsyncs == 1)
        try await storage.write(durability: .flushed) { _ in }
        #expect(storage.statistics.fsyncs == 1)
    }

    @Test("A buffered write is flushed without being asked, and at the end")
    func flushedInTime() async throws {
        let (flushes, flush) = AsyncStream.makeStream(of: Void.self)
        var options = StorageOptions(.file(directory.database), flushInterval: .milliseconds(1))
        options.synchronize = { descriptor in
            flush.yield()
            return StorageFiles.synchronize(descriptor)
        }
        let storage = try Storage(options)
        _ = try await storage.write { try $0.createRecordTable() }
        for await _ in flushes { break }
        storage.close()
    }

    @Test("After a flush has failed nothing is acknowledged")
    func failedFlush() async throws {
        var options = StorageOptions(.file(directory.database), flushInterval: .seconds(3600))
        options.synchronize = { _ in
            errno = EIO
            return false
        }
        let storage = try Storage(options)
        defer { storage.close() }
        await expectError(.io) { _ = try await storage.write(durability: .flushed) { try $0.createRecordTable() } }
        await expectError(.io, saying: "refused") { _ = try await storage.write { try $0.createRecordTable() } }
    }

    @Test("A file that is no database, or another program's, is refused and left alone")
    func foreignFiles() async throws {
        let text = Data(String(repeating: "This is a letter. ", count: 1000).utf8)
        try text.write(to: URL(fileURLWithPath: directory.database))
        await expectError(.format) { _ = try Storage(StorageOptions(.file(directory.database))) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.database)) == text)

        let other = directory.path + "/other.db"
        let connection = try SQLiteConnection(path: other, role: .writer, readOnly: false, synchronous: false)
        try connection.execute("CREATE TABLE t (a)")
        for readOnly in [false, true] {
            await expectError(.format, saying: "another program") {
                _ = try Storage(StorageOptions(.file(other), readOnly: readOnly))
            }
        }
        #expect(try connection.text("PRAGMA journal_mode") == "delete")
    }

    @Test("A file of a later format says to use a newer Nectar")
    func laterFormat() async throws {
        try Storage(StorageOptions(.file(directory.database))).close()
        do {
            let connection = try SQLiteConnection(
                path: directory.database, role: .writer, readOnly: false, synchronous: false)
            try connection.execute("PRAGMA user_version = 2")
        }
        await expectError(.format, saying: "newer Nectar") {
            _ = try Storage(StorageOptions(.file(directory.database)))
        }
    }

    @Test("A truncated file is an error that says so")
    func truncated() async throws {
        let storage = try Storage(StorageOptions(.file(directory.database)))
        try await storage.write { writer throws in
            let table = try writer.createRecordTable()
            for _ in 0..<100 { _ = try writer.insert(table, [UInt8](repeating: 1, count: 4000)) }
        }
        storage.close()
        #expect(truncate(directory.database, 20_000) == 0)
        await expectError(.corrupt, saying: "backup") {
            let storage = try Storage(StorageOptions(.file(directory.database)))
            defer { storage.close() }
            _ = try storage.read { try $0.allMetadata() }
        }
    }

    @Test("A missing directory is an error")
    func missingDirectory() async throws {
        await expectError(.io) { _ = try Storage(StorageOptions(.file(directory.path + "/no/such.db"))) }
    }

    @Test("A closed storage says that it is closed, however often it is closed")
    func closed() async throws {
        let storage = try Storage(StorageOptions(.file(directory.database)))
        let table = try await storage.write { try $0.createRecordTable() }
        storage.close()
        storage.close()
        await expectError(.closed) { _ = try storage.read { try $0.count(table) } }
        await expectError(.closed) { _ = try await storage.write { try $0.insert(table, [1]) } }
        await expectError(.closed) { _ = try storage.snapshot() }
        #expect(!FileManager.default.fileExists(atPath: directory.database + "-wal"))
    }

    @Test("A database in memory leaves nothing behind, and removes what dead ones left")
    func memory() async throws {
        let base = FileManager.default.temporaryDirectory.path
        let dead = base + "/nectar-memory-1-dead\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: dead + "/lock"))
        try Data([1]).write(to: URL(fileURLWithPath: dead + "/data.nectar"))

        let first = try Storage(StorageOptions(.memory))
        // A process looks for them once: another test may have done it before, or be about to remove this one.
        MemoryDirectory.sweep(base)
        for _ in 0..<3000 where FileManager.default.fileExists(atPath: dead) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(FileManager.default.fileExists(atPath: first.path))
        let second = try Storage(StorageOptions(.memory))
        #expect(first.path != second.path)
        let table = try await first.write(durability: .flushed) { try $0.createRecordTable() }
        #expect(try first.read { try $0.count(table) } == 0)
        for storage in [first, second] {
            let directory = (storage.path as NSString).deletingLastPathComponent
            storage.close()
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }
}
