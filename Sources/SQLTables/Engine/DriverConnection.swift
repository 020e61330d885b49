/// A connection to a database, as a driver gives it. One task uses it at a time.
protocol DriverConnection: AnyObject, Sendable {
    /// The database's SQL.
    var dialect: SQLDialect { get }
    /// Whether it can be used no more.
    var isBroken: Bool { get }
    /// Whether the last statement left a transaction open.
    var isInTransaction: Bool { get }
    /// Sends a statement and waits for what it gives. The task's cancellation ends it.
    func run(_ statement: CompiledSQL, isReadOnly: Bool) async throws(SQLError) -> SQLResult
    /// Whether the connection is alive; cheap enough to be asked before each use.
    func isAlive(idle: Duration) async -> Bool
    /// Lets it go.
    func close()
}

/// Opens connections to one database.
protocol Driver: Sendable {
    /// Opens a connection.
    func connect() async throws(SQLError) -> any DriverConnection
}
