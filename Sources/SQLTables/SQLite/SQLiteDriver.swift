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
        if isReader {
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = 1") }
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
    private struct State {
        /// The number of the statement that runs.
        var running: Int?
        var number = 0
        var isClosed = false
    }

    private let queue: DatabaseQueue
    private let state = Mutex(State())

    init(_ queue: DatabaseQueue) { self.queue = queue }

    var dialect: SQLDialect { .sqlite }
    var isBroken: Bool { state.withLock { $0.isClosed } }

    func isAlive(idle: Duration) async -> Bool { true }

    func close() {
        state.withLock { $0.isClosed = true }
        try? queue.close()
    }

    func run(_ statement: CompiledSQL, isReadOnly: Bool) async throws(SQLError) -> SQLResult {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<SQLResult, SQLError>, Never>) in
                queue.asyncWriteWithoutTransaction { [self] database in
                    state.withLock { $0.running = number }
                    let result = Self.run(statement, isReadOnly, database)
                    state.withLock { $0.running = nil }
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            // Under the lock, so that it cannot hit the statement after this one.
            state.withLock { state in
                if state.running == number { queue.interrupt() }
            }
        }
        return try result.get()
    }

    /// GRDB prepares statements and keeps them; values are bound and read here, since GRDB's texts end at a zero byte.
    private static func run(
        _ compiled: CompiledSQL, _ isReadOnly: Bool, _ database: Database
    ) -> Result<SQLResult, SQLError> {
        do {
            let statement = try database.cachedStatement(sql: compiled.text)
            guard let handle = database.sqliteConnection else {
                return .failure(SQLError(.closed, "The connection is closed"))
            }
            let raw = SQLiteStatement(handle: statement.sqliteStatement, database: handle)
            return .success(try raw.run(compiled, isReadOnly: isReadOnly))
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
