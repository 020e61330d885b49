#if MariaDB
    internal import CMariaDB

    /// A session of libmariadb with its prepared statements. Not safe for two threads: its owner sees to that, which is
    /// why it may be handed to a queue.
    final class MariaDBSession: @unchecked Sendable {
        private let handle: UnsafeMutablePointer<MYSQL>
        private var prepared: [String: MariaDBStatement] = [:]
        private var isClosed = false

        /// How many statements are kept ready; the server has a limit for all of its connections together.
        private static let maximumPrepared = 64
        /// What is sent as text: MySQL does not prepare all of these, and none binds a value.
        private static let plainWords: Set<Substring> = [
            "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "CREATE", "DROP", "ALTER",
        ]

        init(_ handle: UnsafeMutablePointer<MYSQL>) { self.handle = handle }

        var socket: Int32 { Int32(mysql_get_socket(handle)) }
        var isInTransaction: Bool { handle.pointee.server_status & UInt32(SERVER_STATUS_IN_TRANS) != 0 }
        var isMariaDB: Bool { String(cString: mysql_get_server_info(handle)).contains("MariaDB") }

        func ping() -> Bool { !isClosed && mysql_ping(handle) == 0 }

        func close() {
            guard !isClosed else { return }
            isClosed = true
            for statement in prepared.values { statement.close() }
            prepared = [:]
            mysql_close(handle)
        }

        func run(_ compiled: CompiledSQL) throws(SQLError) -> SQLResult {
            guard !isClosed else { throw SQLError(.connectionLost, "The connection is closed") }
            let word = compiled.text.prefix { $0 != " " }
            if compiled.parameters.isEmpty, Self.plainWords.contains(word) { return try send(compiled.text) }
            let statement = try statement(compiled.text)
            do throws(SQLError) {
                return try statement.run(compiled.parameters)
            } catch {
                // A statement that failed is made anew: the failure may be of how it was prepared.
                prepared[compiled.text] = nil
                statement.close()
                throw error
            }
        }

        private func send(_ text: String) throws(SQLError) -> SQLResult {
            guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 else { throw lastError }
            if let result = mysql_store_result(handle) { mysql_free_result(result) }
            return SQLResult(affectedRows: Int(clamping: mysql_affected_rows(handle)))
        }

        private func statement(_ text: String) throws(SQLError) -> MariaDBStatement {
            if let statement = prepared[text] { return statement }
            guard let pointer = mysql_stmt_init(handle) else { throw lastError }
            let statement = MariaDBStatement(pointer)
            guard mysql_stmt_prepare(pointer, text, UInt(text.utf8.count)) == 0 else {
                let error = statement.lastError
                statement.close()
                throw error
            }
            if prepared.count >= Self.maximumPrepared {
                for old in prepared.values { old.close() }
                prepared = [:]
            }
            prepared[text] = statement
            return statement
        }

        private var lastError: SQLError {
            MariaDBErrors.error(code: Int(mysql_errno(handle)), message: String(cString: mysql_error(handle)))
        }
    }
#endif
