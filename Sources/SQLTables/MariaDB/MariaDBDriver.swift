#if MariaDB
    internal import CMariaDB
    internal import Dispatch

    /// Opens connections to a MySQL or MariaDB server by libmariadb, each with a thread of its own while it works: the
    /// library blocks, and no event loop and no thread of Swift's own pool may.
    struct MariaDBDriver: Driver {
        let address: SQLLocation.ServerAddress
        let options: SQLEngineOptions
        let name: String

        /// What each connection is told first, so that both servers behave alike, and no text and no recursion is cut
        /// silently. What stands in comments is for the one or the other server.
        static let greeting =
            "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
            + "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
            + "/*M!100600 , max_recursive_iterations = 4294967295 */"
            + "/*!80003 , cte_max_recursion_depth = 4294967295 */"

        private static let libraryIsReady = mysql_server_init(0, nil, nil) == 0

        func connect() async throws(SQLError) -> any DriverConnection {
            let queue = DispatchQueue(label: "SQLTables.MariaDB")
            let result = await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<MariaDBConnection, SQLError>, Never>) in
                queue.async { continuation.resume(returning: open(on: queue)) }
            }
            return try result.get()
        }

        private func open(on queue: DispatchQueue) -> Result<MariaDBConnection, SQLError> {
            guard Self.libraryIsReady else { return .failure(SQLError(.connectionFailed, "libmariadb does not start")) }
            // A socket of this machine needs no encryption.
            var tls = address.socket == nil ? options.tls : .disabled
            while true {
                switch attempt(tls: tls) {
                case .success(let session):
                    return .success(MariaDBConnection(MariaDBSession(session), queue: queue))
                case .failure(let error):
                    // CR_SSL_CONNECTION_ERROR: the server has no encryption.
                    guard tls == .preferred, error.code == 2026 else { return .failure(error) }
                    tls = .disabled
                }
            }
        }

        private func attempt(tls: SQLEngineOptions.TLS) -> Result<UnsafeMutablePointer<MYSQL>, SQLError> {
            guard let session = mysql_init(nil) else {
                return .failure(SQLError(.connectionFailed, "libmariadb has no memory"))
            }
            configure(session, tls)
            let flags = UInt(CLIENT_FOUND_ROWS)
            let opened = mysql_real_connect(
                session, address.host, address.user, address.password, address.database, UInt32(address.port),
                address.socket, flags)
            guard opened != nil else {
                let code = Int(mysql_errno(session))
                let reason = String(cString: mysql_error(session))
                mysql_close(session)
                return .failure(SQLError(.connectionFailed, "Cannot connect to \(name): \(reason)", code: code))
            }
            return .success(session)
        }

        private func configure(_ session: UnsafeMutablePointer<MYSQL>, _ tls: SQLEngineOptions.TLS) {
            var connect = Self.seconds(options.connectTimeout)
            mysql_options(session, MYSQL_OPT_CONNECT_TIMEOUT, &connect)
            if let limit = options.statementTimeout {
                var seconds = Self.seconds(limit)
                mysql_options(session, MYSQL_OPT_READ_TIMEOUT, &seconds)
                mysql_options(session, MYSQL_OPT_WRITE_TIMEOUT, &seconds)
            }
            mysql_options(session, MYSQL_SET_CHARSET_NAME, "utf8mb4")
            mysql_options(session, MYSQL_INIT_COMMAND, Self.greeting)
            // "localhost" would mean the socket in the library's own place; a host is a host here.
            if address.socket == nil {
                var transport = MYSQL_PROTOCOL_TCP.rawValue
                mysql_options(session, MYSQL_OPT_PROTOCOL, &transport)
            }
            guard tls != .disabled else { return }
            mysql_ssl_set(session, nil, nil, options.tlsCAFile, nil, nil)
            var yes: my_bool = 1
            mysql_options(session, MYSQL_OPT_SSL_ENFORCE, &yes)
            var verifies: my_bool = tls == .verified ? 1 : 0
            mysql_options(session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies)
        }

        private static func seconds(_ duration: Duration) -> UInt32 {
            UInt32(clamping: Swift.max(1, duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)))
        }
    }
#endif
