/// How a query locks the rows that it reads.
public struct SQLLock: Sendable, Hashable {
    /// What becomes of rows that another transaction has locked.
    public enum Others: Sendable, Hashable {
        /// The query waits for them.
        case wait
        /// The query fails with ``SQLError/Kind/lockTimeout``.
        case fail
        /// The query passes over them, as workers do that share a queue.
        case skip
    }

    let isShared: Bool
    let others: Others

    /// The words behind the query. MariaDB knows no FOR SHARE, and MySQL nothing behind LOCK IN SHARE MODE.
    func words(_ dialect: SQLDialect) -> String {
        guard dialect.family == .mysql else { return "" }
        let what = isShared ? (dialect == .mariadb ? " LOCK IN SHARE MODE" : " FOR SHARE") : " FOR UPDATE"
        switch others {
        case .wait: return what
        case .fail: return what + " NOWAIT"
        case .skip: return what + " SKIP LOCKED"
        }
    }
}
