import MongoDriver
import MongoEngine
import MongoProtocol
import MongoServer
import Synchronization

/// A server in this process that can be stopped and started again on its port, with what it stores.
actor TestServer {
    private let engine: Engine
    private let handler: any CommandHandler
    private var running: Task<Void, any Error>?
    private(set) var port = 0

    /// Makes a server on an engine of its own.
    /// - Parameter asksForLogin: Whether commands are refused to those who have not logged in.
    init(asksForLogin: Bool = false) throws {
        engine = try Engine(EngineConfiguration(location: .memory))
        handler = asksForLogin ? LoginHandler(wrapping: engine, isRequired: true) : engine
    }

    func start() async throws {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let server = MongoServer(
            configuration: ServerConfiguration(port: port, shutdownGracePeriod: .milliseconds(100), threads: 1),
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

    func stop() async {
        running?.cancel()
        try? await running?.value
        running = nil
    }

    func close() async {
        await stop()
        await engine.close()
    }
}

/// Runs `body` with a server and options to reach it.
func withServer<R>(
    asksForLogin: Bool = false, _ body: (TestServer, DriverOptions) async throws -> R
) async throws -> R {
    let server = try TestServer(asksForLogin: asksForLogin)
    try await server.start()
    var options = DriverOptions(seeds: [ServerAddress(host: "127.0.0.1", port: await server.port)])
    options.serverSelectionTimeout = .seconds(5)
    let result: Result<R, any Error>
    do { result = .success(try await body(server, options)) } catch { result = .failure(error) }
    await server.close()
    return try result.get()
}

/// Runs `body` with a driver and closes it.
func withDriver<R>(_ options: DriverOptions, _ body: (NetworkDeployment) async throws -> R) async throws -> R {
    let driver = try NetworkDeployment(options)
    let result: Result<R, any Error>
    do { result = .success(try await body(driver)) } catch { result = .failure(error) }
    await driver.close()
    return try result.get()
}

/// Collects what concurrent closures tell.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
