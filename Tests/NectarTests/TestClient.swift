import MongoProtocol
import Nectar
import Synchronization

/// Runs `body` with a client of a fresh deployment and closes it. Suites say nothing of the deployment themselves, so
/// that a second one (a driver and a server) has to be added here alone.
func withTestClient<R>(
    listeners: [@Sendable (CommandEvent) -> Void] = [], _ body: (MongoClient) async throws -> R
) async throws -> R {
    try await withMongoClient("embedded::memory:", listeners: listeners, body)
}

/// Collects what concurrent closures tell.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Gives the error that `body` throws as a `MongoError`, nil where it throws none.
func mongoError(_ body: () async throws -> Void) async -> MongoError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? MongoError
    }
}
