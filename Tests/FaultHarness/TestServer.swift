package import MongoDriver
internal import MongoEngine
internal import MongoProtocol
package import MongoServer
internal import Synchronization

/// A server in this process that can be stopped and started again on its port, with what it stores.
package actor TestServer {
    private let engine: Engine
    private let handler: any CommandHandler
    private let tls: ServerTLS?
    private var running: Task<Void, any Error>?
    package private(set) var port = 0

    /// Makes a server on an engine of its own.
    /// - Parameter asksForLogin: Whether commands are refused to those who have not logged in.
    package init(asksForLogin: Bool = false, tls: ServerTLS? = nil) throws {
        self.tls = tls
        engine = try Engine(EngineConfiguration(location: .memory))
        handler = asksForLogin ? LoginHandler(wrapping: engine, isRequired: true) : engine
    }

    package func start() async throws {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let server = MongoServer(
            configuration: ServerConfiguration(
                port: port, shutdownGracePeriod: .milliseconds(100), threads: 1, tls: tls),
            handler: handler
        ) { listening.yield($0.port ?? 0) }
        running = Task {
            defer { listening.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await running?.value
            throw MongoError(.network, "the server did not start")
        }
        self.port = port
    }

    package func stop() async {
        running?.cancel()
        try? await running?.value
        running = nil
    }

    package func close() async {
        await stop()
        await engine.close()
    }
}

/// Runs `body` with a server and options to reach it.
package func withServer<R>(
    asksForLogin: Bool = false, tls: ServerTLS? = nil, _ body: (TestServer, DriverOptions) async throws -> R
) async throws -> R {
    let server = try TestServer(asksForLogin: asksForLogin, tls: tls)
    try await server.start()
    var options = DriverOptions(seeds: [ServerAddress(host: "127.0.0.1", port: await server.port)])
    // The server is there: how long a busy machine takes to find it is not what is tested.
    options.serverSelectionTimeout = .seconds(30)
    let result: Result<R, any Error>
    do { result = .success(try await body(server, options)) } catch { result = .failure(error) }
    await server.close()
    return try result.get()
}

/// Runs `body` with a driver and closes it.
package func withDriver<R>(_ options: DriverOptions, _ body: (NetworkDeployment) async throws -> R) async throws -> R {
    let driver = try NetworkDeployment(options)
    let result: Result<R, any Error>
    do { result = .success(try await body(driver)) } catch { result = .failure(error) }
    await driver.close()
    return try result.get()
}

/// Collects what concurrent closures tell.
package final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    package init() {}
    package var all: [Value] { values.withLock { $0 } }
    package func add(_ value: Value) { values.withLock { $0.append(value) } }
}
