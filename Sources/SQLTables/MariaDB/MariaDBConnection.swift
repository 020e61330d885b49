#if MariaDB
    internal import CMariaDB
    internal import Dispatch
    internal import Foundation
    internal import Synchronization

    /// A connection to a MySQL or MariaDB server. The session is touched on the queue alone.
    final class MariaDBConnection: DriverConnection {
        private struct State {
            /// The number of the statement that runs.
            var running: Int?
            var number = 0
            var isBroken = false
            var isClosed = false
            var isInTransaction = false
        }

        private let session: MariaDBSession
        private let queue: DispatchQueue
        private let socket: Int32
        private let state = Mutex(State())
        let dialect: SQLDialect

        init(_ session: MariaDBSession, queue: DispatchQueue) {
            self.session = session
            self.queue = queue
            socket = session.socket
            dialect = session.isMariaDB ? .mariadb : .mysql
        }

        deinit { close() }

        var isInTransaction: Bool { state.withLock { $0.isInTransaction } }
        var isBroken: Bool { state.withLock { $0.isBroken || $0.isClosed } }

        func close() {
            let isFirst = state.withLock { state in
                defer { state.isClosed = true }
                return !state.isClosed
            }
            guard isFirst else { return }
            queue.async { [session] in session.close() }
        }

        /// A server that closed the connection has left something to read: its end, or why. Only after a long while is the
        /// server asked, since what stands between may have forgotten the connection without a word.
        func isAlive(idle: Duration) async -> Bool {
            if isBroken { return false }
            var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let hasNews = poll(&descriptor, 1, 0) != 0
            guard hasNews || idle > .seconds(30) else { return true }
            return await withCheckedContinuation { continuation in
                queue.async { [session] in continuation.resume(returning: session.ping()) }
            }
        }

        func run(_ statement: CompiledSQL, isReadOnly: Bool) async throws(SQLError) -> SQLResult {
            let number = state.withLock { state in
                state.number += 1
                return state.number
            }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation {
                    (continuation: CheckedContinuation<Result<SQLResult, SQLError>, Never>) in
                    queue.async { continuation.resume(returning: self.perform(statement, number)) }
                }
            } onCancel: {
                // The library knows no way to stop waiting, but the end of its connection stops it. Under the lock, so
                // that it cannot hit the statement after this one.
                state.withLock { state in
                    guard state.running == number else { return }
                    state.isBroken = true
                    shutdown(socket, Int32(SHUT_RDWR))
                }
            }
            if case .failure(let error) = result, error.kind == .connectionLost, Task.isCancelled {
                throw SQLError(.cancelled, "The task was cancelled while the statement ran")
            }
            return try result.get()
        }

        private func perform(_ statement: CompiledSQL, _ number: Int) -> Result<SQLResult, SQLError> {
            let mayRun = state.withLock { state in
                guard !state.isBroken, !state.isClosed else { return false }
                state.running = number
                return true
            }
            guard mayRun else { return .failure(SQLError(.connectionLost, "The connection is closed")) }
            let result: Result<SQLResult, SQLError>
            do throws(SQLError) { result = .success(try session.run(statement)) } catch { result = .failure(error) }
            let isInTransaction = session.isInTransaction
            state.withLock { state in
                state.running = nil
                state.isInTransaction = isInTransaction
                if case .failure(let error) = result, error.kind == .connectionLost { state.isBroken = true }
            }
            return result
        }
    }
#endif
