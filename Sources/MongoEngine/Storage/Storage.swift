import CSQLite
import Dispatch
import Foundation
import Synchronization

/// A database file of Nectar's: records by id, ordered index tables, and named bytes. It knows nothing of BSON.
///
/// One file in SQLite's WAL mode has one writer and many readers, each with a snapshot. Writes that come together
/// share a transaction; the log is flushed within `StorageOptions.flushInterval`, or before a write returns.
package final class Storage: Sendable {
    /// "NECT", in the file's header.
    static let applicationID: Int32 = 0x4E45_4354
    static let formatVersion = 1

    /// The path of the database file.
    package let path: String
    private let options: StorageOptions
    private let lock: FileLock?
    private let memory: MemoryDirectory?
    private let readers: ReaderPool
    private let gate = WriteGate()
    private let writing: Writing?
    private let counts = RecordCounts()
    private let closed = Mutex(false)
    private let commits = Atomic<Int>(0)
    private let transactions = Atomic<Int>(0)

    /// The writing side; whoever has the gate uses the writer.
    private final class Writing: @unchecked Sendable {
        var writer: StorageWriter?
        let log: LogKeeper
        /// Pages in the log after the running transaction's commit; nil when it wrote nothing.
        var pages: Int?

        init(_ writer: StorageWriter, _ log: LogKeeper) {
            (self.writer, self.log) = (writer, log)
            let context = Unmanaged.passUnretained(self).toOpaque()
            sqlite3_wal_hook(
                writer.connection.handle,
                { context, _, _, pages in
                    if let context { Unmanaged<Writing>.fromOpaque(context).takeUnretainedValue().pages = Int(pages) }
                    return SQLITE_OK
                }, context)
        }
    }

    /// Opens the database, and creates it where it does not exist and may be written.
    /// - Throws: `StorageError`: `.locked` where another process writes to it, `.format` for a file that is not ours,
    ///   `.corrupt`, `.io`.
    package init(_ options: StorageOptions) throws(StorageError) {
        self.options = options
        let path: String
        switch options.location {
        case .file(let file):
            path = StorageFiles.resolve(file)
            try StorageFiles.checkPlace(of: path, mustExist: options.readOnly)
            memory = nil
        case .memory:
            let directory = try MemoryDirectory()
            path = directory.path + "/data.nectar"
            memory = directory
        }
        self.path = path
        let (readOnly, durable) = (options.readOnly, memory == nil)
        let connect: @Sendable (SQLiteConnection.Role) throws(StorageError) -> SQLiteConnection = {
            role throws(StorageError) in
            try SQLiteConnection(path: path, role: role, readOnly: readOnly, synchronous: durable)
        }
        readers = ReaderPool(limit: options.maxReaders, versions: readOnly ? VersionCounter() : nil) {
            () throws(StorageError) in try connect(.reader)
        }
        do throws(StorageError) {
            if readOnly {
                (lock, writing) = (nil, nil)
                try Self.checkFormat(connect(.reader), path)
                return
            }
            lock = durable ? try FileLock.takeDatabase(path) : nil
            let connection = try connect(.writer)
            // SQLite opens a file that it may not write all the same, and fails at the first write.
            guard sqlite3_db_readonly(connection.handle, nil) != 1 else {
                throw StorageError(
                    .readOnly, "\(path) cannot be written to. Check its permissions, or open it with readOnly=true.")
            }
            if try Self.checkFormat(connection, path) { try Self.create(connection) }
            guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
                throw StorageError(.io, "\(path): the file system cannot hold a write-ahead log. Use a local disk.")
            }
            try connection.execute("PRAGMA journal_size_limit = \(options.walLimitPages * 5 * 8192)")
            _ = try connection.text("SELECT count(*) FROM meta")  // makes the log's file
            if durable {
                try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  // a new file is durable from here on
                try StorageFiles.synchronizeDirectory(of: path)
            }
            let log = try LogKeeper(
                log: path + "-wal", durable: durable, options: options, gate: gate, readers: readers
            ) {
                () throws(StorageError) in try connect(.checkpointer)
            }
            writing = Writing(StorageWriter(connection), log)
        } catch {
            memory?.remove()
            throw error
        }
    }

    deinit { close() }

    /// Flushes, copies the log into the file and closes it; a database in memory is gone. Later use throws `.closed`.
    package func close() {
        closed.withLock { closed in
            guard !closed else { return }
            closed = true
            gate.close()
            readers.close()
            writing?.log.stop()
            writing?.writer = nil
            memory?.remove()
            lock?.release()
        }
    }

    /// Runs `body` on a snapshot, on the calling thread. Keep it short: an open snapshot holds the log.
    package func read<R>(_ body: (StorageReader) throws -> R) throws -> R {
        let lease = try readers.take()
        defer { readers.give(back: lease) }
        return try body(lease.reader)
    }

    /// A snapshot that stays, for a transaction.
    package func snapshot() throws -> StorageSnapshot { try StorageSnapshot(readers) }

    /// Runs `body` in a write transaction: on the calling thread when no other write runs, else in that one's group.
    /// An error thrown by `body` takes back its own changes only.
    package nonisolated(nonsending) func write<R: Sendable>(
        durability: Durability = .buffered, _ body: @escaping @Sendable (StorageWriter) throws -> R
    ) async throws -> R {
        guard let writing else {
            throw StorageError(.readOnly, "\(path) was opened with readOnly=true. Open it without to change it.")
        }
        let (outcome, commit): (Result<R, any Error>, UInt64)
        if try gate.enter() {
            (outcome, commit) = lead(writing, body)
        } else {
            let queued = Queued(body)
            let turn = await withCheckedContinuation { continuation in
                gate.wait(WriteGate.Waiter(write: queued) { continuation.resume(returning: $0) })
            }
            switch turn {
            case .lead where gate.accept(): (outcome, commit) = lead(writing, body)
            case .done(let number): (outcome, commit) = (queued.outcome, number)
            case .lead, .closed: throw StorageError.closed
            }
        }
        let value = try outcome.get()
        if durability == .flushed { try await writing.log.flushed(commit) }
        return value
    }

    /// The number of a table's records, where it is known without reading.
    package func knownCount(_ table: TableID) -> Int? { counts.count(table) }

    /// The exact number of a table's records. The first call reads all pages of `index`, which has an entry for each of
    /// them; later ones read nothing, as commits keep the number.
    package func count(_ table: TableID, by index: TableID) throws -> Int {
        if let count = counts.count(table) { return count }
        for _ in 0..<20 where writing != nil {
            // A snapshot has the changes that were committed before it, if no commit came while it began.
            let (commit, changes) = (readers.lastCommit, counts.changes(table))
            let count = try read { reader -> Int? in
                _ = try reader.metadata("-")  // the first read begins the snapshot
                guard let commit, commit == readers.lastCommit else { return nil }
                let count = try reader.count(index)
                counts.counted(table, count, with: changes)
                return count
            }
            if let count { return count }
        }
        return try read { try $0.count(index) }
    }

    /// Runs `body` in a write transaction on the calling thread, before anybody else writes.
    package func writeFirst<R>(_ body: (StorageWriter) throws -> R) throws -> R {
        guard let writing, try gate.enter() else {
            throw StorageError(.busy, "\(path): others write to it already.")
        }
        return try lead(writing, body).0.get()
    }

    /// What the storage has done since it was opened, and its sizes now.
    package var statistics: StorageStatistics {
        let log = writing?.log.statistics
        return StorageStatistics(
            fileBytes: StorageFiles.size(path), walBytes: StorageFiles.size(path + "-wal"),
            commits: commits.load(ordering: .relaxed), transactions: transactions.load(ordering: .relaxed),
            fsyncs: log?.fsyncs ?? 0, checkpoints: log?.checkpoints ?? 0, readersInUse: readers.inUse)
    }

    /// Writes that wait for a transaction to take them along.
    var queuedWrites: Int { gate.waiting }

    // MARK: Group commit

    /// A queued write with its outcome.
    private final class Queued<R: Sendable>: QueuedWrite {
        private let body: @Sendable (StorageWriter) throws -> R
        private let state = Mutex<Result<R, any Error>>(.failure(StorageError.closed))

        init(_ body: @escaping @Sendable (StorageWriter) throws -> R) { self.body = body }

        var outcome: Result<R, any Error> { state.withLock { $0 } }

        func run(_ writer: StorageWriter) -> Bool {
            let result = Result { try body(writer) }
            state.withLock { $0 = result }
            if case .success = result { return true }
            return false
        }

        func fail(_ error: any Error) { state.withLock { $0 = .failure(error) } }
    }

    /// The most writes that share a transaction, and the longest time for which it takes more.
    private static let groupLimit = 256
    private static let groupTime = Duration.milliseconds(5)

    /// Runs `body` and the writes that queue behind it in one transaction, and passes the gate on.
    private func lead<R>(
        _ writing: Writing, _ body: (StorageWriter) throws -> R
    ) -> (Result<R, any Error>, UInt64) {
        defer { gate.leave() }
        guard let writer = writing.writer else { return (.failure(StorageError.closed), 0) }
        let connection = writer.connection
        var outcome: Result<R, any Error> = .failure(StorageError.closed)
        var group: [WriteGate.Waiter] = []
        var commit: UInt64 = 0
        writing.pages = nil
        writer.changes.removeAll(keepingCapacity: true)
        do {
            try writing.log.check()
            try connection.run(.beginWriting)
            outcome = Result { try body(writer) }
            try endBody(connection)
            var succeeded = 1
            if case .failure = outcome {
                succeeded = 0
                _ = try writer.finish(.rollback)
            }
            lazy var deadline = ContinuousClock.now + Self.groupTime
            while group.count < Self.groupLimit, let waiter = gate.take() {
                group.append(waiter)
                if !connection.inTransaction { try connection.run(.beginWriting) }
                if try runQueued(waiter, writer) { succeeded += 1 }
                if deadline < .now { break }
            }
            if connection.inTransaction {
                try readers.committing { () throws(StorageError) in
                    let changes = writer.changes
                    let dropped = try writer.finish(.commit)
                    counts.apply(changes, dropped: dropped)
                    return !dropped.isEmpty
                }
                if writing.pages != nil {
                    commits.add(succeeded, ordering: .relaxed)
                    transactions.add(1, ordering: .relaxed)
                }
            }
            commit = writing.log.committed(pages: writing.pages)
        } catch {
            connection.endScope()
            if connection.inTransaction { _ = try? writer.finish(.rollback) }
            outcome = .failure(error)
            for waiter in group { waiter.write?.fail(error) }
        }
        connection.endScope()
        for waiter in group { waiter.resume(.done(commit)) }
        return (outcome, commit)
    }

    /// Runs a queued write so that its failure takes back its own changes only.
    private func runQueued(_ waiter: WriteGate.Waiter, _ writer: StorageWriter) throws -> Bool {
        let connection = writer.connection
        try connection.run(.savepoint)
        let changes = writer.changes
        let succeeded = waiter.write?.run(writer) ?? false
        try endBody(connection)
        if !succeeded {
            try connection.run(.undo)
            writer.changes = changes
        }
        try connection.run(.release)
        return succeeded
    }

    /// Ends the cursors of one body; throws where SQLite may have rolled the whole group back.
    private func endBody(_ connection: SQLiteConnection) throws {
        if let doomed = connection.doomed { throw doomed }
        connection.endScope()
    }

    // MARK: The file

    /// Whether the file is new; throws where it is another program's or a later version's.
    @discardableResult
    private static func checkFormat(_ connection: SQLiteConnection, _ path: String) throws(StorageError) -> Bool {
        let id = try connection.text("PRAGMA application_id")
        if id == "0", try connection.text("SELECT count(*) FROM sqlite_schema") == "0" { return true }
        guard id == String(applicationID) else {
            throw StorageError(.format, "\(path) is another program's database. Give the path of another file.")
        }
        let version = try connection.text("PRAGMA user_version")
        guard version == String(formatVersion) else {
            throw StorageError(
                .format,
                "\(path) has format \(version), and this is format \(formatVersion). Use a newer Nectar for it.")
        }
        return false
    }

    private static func create(_ connection: SQLiteConnection) throws(StorageError) {
        try connection.execute("PRAGMA page_size = 8192")
        _ = try connection.text("PRAGMA journal_mode = WAL")
        try connection.execute(
            """
            BEGIN IMMEDIATE;
            CREATE TABLE meta (k TEXT PRIMARY KEY NOT NULL, v BLOB) WITHOUT ROWID;
            PRAGMA application_id = \(applicationID); PRAGMA user_version = \(formatVersion);
            COMMIT;
            """)
    }
}
