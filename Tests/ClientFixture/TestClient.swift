internal import FaultHarness
package import MongoProtocol
package import Nectar

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
    let server = try TestServer(asksForLogin: asksForLogin)
    try await server.start()
    let result: Result<R, any Error>
    do { result = .success(try await body(await server.port)) } catch { result = .failure(error) }
    await server.close()
    return try result.get()
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
