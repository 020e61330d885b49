internal import CSQLite
internal import Foundation
internal import GRDB
internal import Synchronization

/// Opens connections to a SQLite database.
struct SQLiteDriver: Driver {
    let place: SQLLocation.Place
    let busyTimeout: Duration
    let name: String
    /// For readers: the pool of the writer, whose first connection makes the file.
    private var writers: ConnectionPool?
    private let isMade = Flag()

    /// Whether the file is there, and in the form that readers need.
    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    init(place: SQLLocation.Place, busyTimeout: Duration, name: String) {
        self.place = place
        self.busyTimeout = busyTimeout
        self.name = name
    }

    /// The same database, for connections that only read.
    func reader(after writers: ConnectionPool) -> SQLiteDriver {
        var copy = self
        copy.writers = writers
        return copy
    }

    func connect() async throws(SQLError) -> any DriverConnection {
        if let writers, !isMade.value.load(ordering: .acquiring) { writers.checkIn(try await writers.checkOut()) }
        var configuration = Configuration()
        // A transaction of ours spans several statements, each a visit of its own to the queue.
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(Double(busyTimeout / .milliseconds(1)) / 1000)
        configuration.label = "SQLTables"
        let isReader = writers != nil
        configuration.prepareDatabase { database in
            database.add(
                collation: DatabaseCollation(DecimalText.collation) { a, b in
                    ComparisonResult(rawValue: DecimalText.compare(a, b)) ?? .orderedSame
                })
            SQLiteDecimals.register(database)
            if isReader { try database.execute(sql: "PRAGMA query_only = 1") }
        }
        do {
            switch place {
            case .file(let path):
                if !isReader { configuration.journalMode = .wal }
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                isMade.value.store(true, ordering: .releasing)
                return SQLiteConnection(queue)
            default: return SQLiteConnection(try DatabaseQueue(configuration: configuration))
            }
        } catch {
            let code = (error as? DatabaseError)?.extendedResultCode.rawValue ?? 0
            throw SQLError(.connectionFailed, "Cannot open \(name): \(error)", code: Int(code))
        }
    }
}

/// A SQLite connection; statements run on a queue of its own.
final class SQLiteConnection: DriverConnection {
    /// Whether the task of a statement was cancelled. SQLite asks while the statement runs: an interruption from outside
    /// would be lost where it comes before the first step.
    private final class Cancellation: Sendable {
        let isCancelled = Atomic(false)

        /// Ends the statements that run during `body` once the task is cancelled.
        func watch<R>(_ database: OpaquePointer, _ body: () throws -> R) rethrows -> R {
            sqlite3_progress_handler(
                database, 1000,
                { context in
                    guard let context else { return 0 }
                    let cancellation = Unmanaged<Cancellation>.fromOpaque(context).takeUnretainedValue()
                    return cancellation.isCancelled.load(ordering: .relaxed) ? 1 : 0
                }, Unmanaged.passUnretained(self).toOpaque())
            defer { sqlite3_progress_handler(database, 0, nil, nil) }
            return try withExtendedLifetime(self) { try body() }
        }
    }

    private let queue: DatabaseQueue
    private let isClosed = Atomic(false)
    private let inTransaction = Atomic(false)

    init(_ queue: DatabaseQueue) { self.queue = queue }

    var dialect: SQLDialect { .sqlite }
    var isBroken: Bool { isClosed.load(ordering: .acquiring) }

    var isInTransaction: Bool { inTransaction.load(ordering: .acquiring) }

    func isAlive(idle: Duration) async -> Bool { true }

    func close() {
        isClosed.store(true, ordering: .releasing)
        try? queue.close()
    }

    func run(_ statement: CompiledSQL, isReadOnly: Bool) async throws(SQLError) -> SQLResult {
        let cancellation = Cancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<SQLResult, SQLError>, Never>) in
                queue.asyncWriteWithoutTransaction { database in
                    let result = Self.run(statement, isReadOnly, database, cancellation)
                    let isOpen = database.sqliteConnection.map { sqlite3_get_autocommit($0) == 0 } ?? false
                    self.inTransaction.store(isOpen, ordering: .releasing)
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            cancellation.isCancelled.store(true, ordering: .relaxed)
        }
        return try result.get()
    }

    /// GRDB prepares statements and keeps them; values are bound and read here, since GRDB's texts end at a zero byte.
    private static func run(
        _ compiled: CompiledSQL, _ isReadOnly: Bool, _ database: Database, _ cancellation: Cancellation
    ) -> Result<SQLResult, SQLError> {
        guard !cancellation.isCancelled.load(ordering: .relaxed) else {
            return .failure(SQLError(.cancelled, "The task was cancelled"))
        }
        do {
            let statement = try database.cachedStatement(sql: compiled.text)
            guard let handle = database.sqliteConnection else {
                return .failure(SQLError(.closed, "The connection is closed"))
            }
            let raw = SQLiteStatement(handle: statement.sqliteStatement, database: handle)
            return .success(try cancellation.watch(handle) { try raw.run(compiled, isReadOnly: isReadOnly) })
        } catch let error as SQLError {
            return .failure(error)
        } catch let error as DatabaseError {
            return .failure(
                SQLiteErrors.error(code: error.extendedResultCode.rawValue, message: error.message ?? "\(error)"))
        } catch {
            return .failure(SQLError(.other, "\(error)"))
        }
    }
}
