internal import MongoProtocol
internal import Synchronization

/// One server of a deployment: its pool, its monitor and the number of operations under way.
final class Server: Sendable {
    let address: ServerAddress
    let pool: ConnectionPool
    /// Nil behind a load balancer.
    let monitor: ServerMonitor?
    private let operations = Atomic<Int>(0)

    init(_ address: ServerAddress, _ pool: ConnectionPool, _ monitor: ServerMonitor?) {
        self.address = address
        self.pool = pool
        self.monitor = monitor
    }

    /// How many operations have chosen this server and not ended.
    var operationCount: Int { operations.load(ordering: .relaxed) }

    func beginOperation() { operations.add(1, ordering: .relaxed) }
    func endOperation() { operations.subtract(1, ordering: .relaxed) }

    /// Ends all of it.
    func close() async {
        await monitor?.close()
        await pool.close()
    }
}
