internal import MongoEngine
package import MongoProtocol
internal import MongoServer
package import Nectar
internal import Synchronization

/// What a client talks to in a test. Every suite of the client's runs on each.
package enum TestDeployment: String, CaseIterable, Sendable {
    /// An engine in this process.
    case embedded
    /// A server in this process with an engine behind it, over the network.
    case server
}

/// Runs `body` with a client of a fresh deployment and closes it.
package func withTestClient<R>(
    on deployment: TestDeployment, listeners: [@Sendable (CommandEvent) -> Void] = [],
    _ body: (MongoClient) async throws -> R
) async throws -> R {
    switch deployment {
    case .embedded: try await withMongoClient("embedded::memory:", listeners: listeners, body)
    case .server:
        try await withTestServer { port in
            try await withMongoClient("mongodb://127.0.0.1:\(port)", listeners: listeners, body)
        }
    }
}

/// Runs `body` with the port of a server of an engine of its own.
/// - Parameter asksForLogin: Whether commands are refused to those who have not logged in.
package func withTestServer<R>(
    asksForLogin: Bool = false, _ body: (_ port: Int) async throws -> R
) async throws -> R {
    let engine = try Engine(EngineConfiguration(location: .memory))
    let handler: any CommandHandler = asksForLogin ? LoginHandler(wrapping: engine, isRequired: true) : engine
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let server = MongoServer(
        configuration: ServerConfiguration(port: 0, shutdownGracePeriod: .seconds(1), threads: 1), handler: handler
    ) { listening.yield($0.port ?? 0) }
    let running = Task {
        defer { listening.finish() }
        try await server.run()
    }
    let result: Result<R, any Error>
    do {
        guard let port = await ports.first(where: { _ in true }) else { throw MongoError(.network, "no server") }
        result = .success(try await body(port))
    } catch {
        result = .failure(error)
    }
    running.cancel()
    try? await running.value
    await engine.close()
    return try result.get()
}

/// Collects what concurrent closures tell.
package final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    package init() {}
    package var all: [Value] { values.withLock { $0 } }
    package func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Gives the error that `body` throws as a `MongoError`, nil where it throws none.
package func mongoError(_ body: () async throws -> Void) async -> MongoError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? MongoError
    }
}
