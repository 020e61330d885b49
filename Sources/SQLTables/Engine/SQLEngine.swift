public import Logging

/// A database: one for the whole application, safe to use from every task.
///
/// ```swift
/// let engine = try SQLEngine("sqlite:app.db")
/// try await engine.createAll(metadata)
/// let rows = try await engine.fetch(developers.select().where(developers.id == 1), as: Developer.self)
/// ```
///
/// Nothing is opened before the first statement, so an application starts while its database is down. Each statement
/// of the engine's own has a connection for itself; a transaction has one from its beginning to its end.
public final class SQLEngine: SQLExecutor, CustomStringConvertible {
    /// Where the database is.
    public let location: SQLLocation
    private let readers: ConnectionPool
    private let writers: ConnectionPool
    private let logger: Logger

    /// Makes the engine of a database.
    /// - Parameters:
    ///   - url: The database's URL; see ``SQLLocation``.
    ///   - options: What the URL's own options do not say.
    ///   - logger: Where statements are logged at debug level, without their values.
    /// - Throws: ``SQLError`` of kind `usage`.
    public convenience init(
        _ url: String, options: SQLEngineOptions = .init(), logger: Logger = Logger(label: "sql")
    ) throws(SQLError) {
        try self.init(SQLLocation(url), options: options, logger: logger)
    }

    /// Makes the engine of a database.
    public init(
        _ location: SQLLocation, options: SQLEngineOptions = .init(), logger: Logger = Logger(label: "sql")
    ) throws(SQLError) {
        var options = options
        try options.apply(location.options)
        self.location = location
        self.logger = logger
        var limits = ConnectionPool.Limits(
            size: options.poolSize, overflow: options.maxOverflow, timeout: options.poolTimeout,
            recycle: options.recycle, prePing: options.prePing)
        let name = location.description
        switch location.place {
        case .memory, .file:
            // SQLite has one writer at a time: callers stand in our line for it, not in its sleep and retry.
            limits.recycle = nil
            limits.prePing = false
            var single = limits
            (single.size, single.overflow) = (1, 0)
            let driver = SQLiteDriver(place: location.place, busyTimeout: options.busyTimeout, name: name)
            writers = ConnectionPool(driver: driver, limits: single, name: name)
            readers =
                location.place == .memory
                ? writers : ConnectionPool(driver: driver.reader(after: writers), limits: limits, name: name)
        case .server(let address):
            let driver = try MariaDB.driver(address, options, name: name)
            writers = ConnectionPool(driver: driver, limits: limits, name: name)
            readers = writers
        }
    }

    /// The URL without its password.
    public var description: String { location.description }

    /// Runs a statement on a connection of its own.
    @discardableResult public func execute(_ statement: some SQLStatement) async throws(SQLError) -> SQLResult {
        let pool = statement.isReadOnly ? readers : writers
        let lease = try await pool.checkOut()
        let connection = SQLConnection(lease.connection)
        defer { pool.checkIn(lease) }
        do throws(SQLError) {
            let result = try await connection.execute(statement)
            if lease.connection.isInTransaction { await connection.release() }
            logger.debug("statement", metadata: ["rows": "\(result.rows.count)", "changed": "\(result.affectedRows)"])
            return result
        } catch {
            logger.debug("statement failed", metadata: ["error": "\(error.kind)", "sql": "\(error.statement ?? "")"])
            throw error
        }
    }

    /// Gives `body` a connection for itself, without a transaction; one that `body` begins and does not end is taken back.
    @discardableResult public func withConnection<R>(
        readOnly: Bool = false, _ body: (SQLConnection) async throws -> R
    ) async throws -> R {
        let pool = readOnly ? readers : writers
        let lease = try await pool.checkOut()
        let connection = SQLConnection(lease.connection)
        defer { pool.checkIn(lease) }
        do {
            let result = try await body(connection)
            await connection.release()
            return result
        } catch {
            await connection.release()
            throw error
        }
    }

    /// Runs `body` in a transaction: what it does is done whole when it returns, and not at all when it throws.
    ///
    /// Within it use the connection that it is given; statements of the engine are not of the transaction.
    /// - Parameters:
    ///   - isolation: How far it sees what others do meanwhile; the database's default where nil.
    ///   - readOnly: Whether it only reads, so that it keeps no one from writing.
    ///   - retries: How often `body` is run anew after a deadlock; by default never, since it may do more than SQL.
    @discardableResult public func transaction<R>(
        isolation: SQLIsolation? = nil, readOnly: Bool = false, retries: Int = 0,
        _ body: (SQLConnection) async throws -> R
    ) async throws -> R {
        var attempt = 0
        while true {
            do {
                return try await withConnection(readOnly: readOnly) { connection in
                    try await connection.transaction(isolation, readOnly: readOnly, body)
                }
            } catch let error as SQLError where error.mayBeRepeated && attempt < retries {
                attempt += 1
                logger.debug("transaction is run again", metadata: ["error": "\(error.kind)", "attempt": "\(attempt)"])
                // Those who met once should not meet again.
                let longest = 10 << Swift.min(attempt, 6)
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...longest)))
            }
        }
    }

    /// Whether the database answers.
    /// - Throws: ``SQLError`` that says why not, with the URL without its password.
    public func ping() async throws(SQLError) { try await execute(TextStatement("SELECT 1", isReadOnly: true)) }

    /// Closes all connections. Later statements throw ``SQLError`` of kind `closed`.
    public func close() {
        readers.close()
        writers.close()
    }

    /// Creates the tables and indexes that are not there, each after those that it refers to; a circle of them at once.
    public func createAll(_ metadata: Metadata) async throws { try await run(try metadata.createStatements()) }

    /// Removes the tables that are there, each before those that it refers to; a circle of them at once.
    public func dropAll(_ metadata: Metadata) async throws { try await run(try metadata.dropStatements()) }

    private func run(_ statements: [any SQLStatement]) async throws {
        try await withConnection { connection in
            do {
                for statement in statements {
                    do {
                        try await connection.execute(statement)
                    } catch let error as SQLError where error.kind == .alreadyExists && statement is CreateIndex {
                        // MySQL has no CREATE INDEX IF NOT EXISTS.
                    }
                }
            } catch {
                // The connection is used again, and must look at foreign keys then.
                if let last = statements.last as? ForeignKeyChecks { await connection.restore(last) }
                throw error
            }
        }
    }
}
