internal import Synchronization

/// A connection that a task has for itself, until the closure that was given it ends.
public final class SQLConnection: SQLExecutor {
    private struct State {
        var isReleased = false
        var savepoints = 0
        var isInTransaction = false
        /// Why the database has taken the transaction back: what would follow were not of it, and would stay.
        var end: SQLError?
    }

    let driver: any DriverConnection
    private let state = Mutex(State())

    init(_ driver: any DriverConnection) { self.driver = driver }

    /// The database's SQL.
    public var dialect: SQLDialect { driver.dialect }

    /// Runs a statement.
    @discardableResult public func execute(_ statement: some SQLStatement) async throws(SQLError) -> SQLResult {
        guard !state.withLock({ $0.isReleased }) else {
            throw SQLError(.usage, "The connection was given back: use it only within the closure that was given it")
        }
        let compiled = try statement.sql(driver.dialect)
        let limit = driver.dialect.maximumParameters
        if compiled.parameters.count > limit {
            if let parts = (statement as? Insert)?.parts(binding: limit) { return try await execute(parts) }
            throw SQLError(
                .usage,
                "The statement binds \(compiled.parameters.count) values and \(driver.dialect) takes \(limit): "
                    + "send it in parts, or put the values into a table")
        }
        if let end = state.withLock({ $0.end }) { throw end }
        do throws(SQLError) {
            return try await driver.run(compiled, isReadOnly: statement.isReadOnly)
        } catch {
            var error = error
            error.statement = compiled.text
            noteEnd(error)
            throw error
        }
    }

    /// Keeps in mind that an error took back the whole transaction, even where the program passes over it.
    private func noteEnd(_ error: SQLError) {
        // What MySQL says of its transactions with an answer it does not say with an error.
        let isGone = driver.dialect.family == .mysql ? error.kind == .deadlock : !driver.isInTransaction
        guard isGone else { return }
        state.withLock { state in if state.isInTransaction, state.end == nil { state.end = error } }
    }

    /// Runs inserts as if they were one: all of them or none.
    private func execute(_ parts: [Insert]) async throws(SQLError) -> SQLResult {
        let all = { @Sendable (connection: SQLConnection) async throws -> SQLResult in
            var rows: [SQLRow] = []
            var affected = 0
            var ids: [Int64] = []
            for part in parts {
                let result = try await connection.execute(part)
                rows += result.rows
                affected += result.affectedRows
                if let id = result.lastInsertID { ids.append(id) }
            }
            let id = connection.dialect.family == .sqlite ? ids.last : ids.first
            return SQLResult(rows: rows, affectedRows: affected, lastInsertID: id)
        }
        do {
            return try await driver.isInTransaction ? savepoint(all) : transaction(nil, readOnly: false, all)
        } catch let error as SQLError {
            throw error
        } catch {
            throw SQLError(.cancelled, "The task was cancelled")
        }
    }

    /// Runs `body` such that an error takes back what it did, and only that.
    @discardableResult public func savepoint<R>(_ body: (SQLConnection) async throws -> R) async throws -> R {
        let number = state.withLock { state in
            state.savepoints += 1
            return state.savepoints
        }
        let name = try driver.dialect.quoted("sp\(number)")
        try await execute(TextStatement(text: "SAVEPOINT \(name)"))
        do {
            let result = try await body(self)
            try await execute(TextStatement(text: "RELEASE SAVEPOINT \(name)"))
            return result
        } catch {
            // A deadlock has taken the whole transaction back already, and the savepoint with it.
            _ = try? await execute(TextStatement(text: "ROLLBACK TO SAVEPOINT \(name)"))
            throw error
        }
    }

    /// Ends its use; a transaction that a statement began and none ended is taken back.
    func release() async {
        state.withLock { $0.isReleased = true }
        if driver.isInTransaction { await rollBack() }
    }

    /// Runs `body` between BEGIN and COMMIT.
    func transaction<R>(
        _ isolation: SQLIsolation?, readOnly: Bool, _ body: (SQLConnection) async throws -> R
    ) async throws -> R {
        for text in SQLIsolation.beginning(isolation, readOnly, driver.dialect) {
            try await execute(TextStatement(text: text))
        }
        state.withLock { $0.isInTransaction = true }
        defer {
            state.withLock { state in
                state.isInTransaction = false
                state.end = nil
            }
        }
        do {
            let result = try await body(self)
            try Task.checkCancellation()
            try await execute(TextStatement(text: "COMMIT"))
            return result
        } catch {
            await rollBack()
            throw error
        }
    }

    /// Runs a statement without which the connection must not be used again, even when the task is cancelled.
    func restore(_ statement: some SQLStatement) async {
        guard let compiled = try? statement.sql(driver.dialect) else { return driver.close() }
        let driver = driver
        let isDone = await Task.detached { (try? await driver.run(compiled, isReadOnly: false)) != nil }.value
        if !isDone { driver.close() }
    }

    /// Takes the transaction back, even when the task is cancelled. A connection that cannot is not used again.
    private func rollBack() async {
        guard !driver.isBroken else { return }
        let driver = driver
        let isBack = await Task.detached {
            (try? await driver.run(CompiledSQL(text: "ROLLBACK", parameters: []), isReadOnly: false)) != nil
        }.value
        if !isBack, !driver.rolledBackByItself { driver.close() }
    }
}

extension DriverConnection {
    /// SQLite takes some transactions back by itself, and then there is none to roll back: that is no fault.
    fileprivate var rolledBackByItself: Bool { dialect == .sqlite }
}

/// How far a transaction sees what others do meanwhile.
public enum SQLIsolation: String, Sendable {
    /// It sees what others have not committed.
    case readUncommitted = "READ UNCOMMITTED"
    /// It sees what others have committed.
    case readCommitted = "READ COMMITTED"
    /// It sees the database as it was at its first read.
    case repeatableRead = "REPEATABLE READ"
    /// It is as if it were alone; in SQLite each is so.
    case serializable = "SERIALIZABLE"

    /// The statements that begin a transaction.
    static func beginning(_ isolation: SQLIsolation?, _ readOnly: Bool, _ dialect: SQLDialect) -> [String] {
        guard dialect.family == .mysql else {
            // A transaction that began as a reader could not become the writer while another is.
            return [readOnly ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE"]
        }
        let level = isolation.map { ["SET TRANSACTION ISOLATION LEVEL \($0.rawValue)"] } ?? []
        return level + [readOnly ? "START TRANSACTION READ ONLY" : "START TRANSACTION"]
    }
}
