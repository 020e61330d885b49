internal import ArgumentParser
internal import Logging
internal import MongoEngine
internal import MongoProtocol
internal import MongoServer
internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `nectar serve`: the engine over MongoDB's wire protocol.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a database to MongoDB clients.",
        discussion: """
            Prints one line, "listening on HOST:PORT", to standard output when clients can come, and logs to standard \
            error. Stops on SIGTERM and SIGINT after the commands that run. Without --auth nobody is asked for a \
            password: keep it on an address that only trusted programs reach. With --auth, make the first user from \
            this machine in the database admin (createUser), and the others as that user.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks a free one.")
    var port = 27017

    @Option(help: "The database file (default: nectar.db). It is made where it is missing.")
    var path: String?

    @Flag(help: "Keep the data in a temporary folder that goes away at the end.")
    var memory = false

    @Option(help: "The address that clients are told to come to, HOST:PORT (default: the one they came to).")
    var advertise: String?

    @Flag(help: "Refuse commands to clients that have not logged in, by SCRAM-SHA-256 or SCRAM-SHA-1.")
    var auth = false

    @OptionGroup(title: "TLS options")
    var tls: TLSArguments

    @Option(help: "What to log: trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes 0 to 65535, not \(port).") }
        if path?.isEmpty == true { throw ValidationError("--path takes the name of a file.") }
        if memory, path != nil { throw ValidationError("Give --path or --memory, not both.") }
        if let advertise {
            let parts = advertise.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let last = parts.last, let port = Int(last), (1...65535).contains(port),
                parts.first?.isEmpty == false
            else { throw ValidationError("--advertise takes HOST:PORT, not \(advertise).") }
        }
    }

    func run() async throws {
        // A client, or whoever reads our output, that goes away is an error of one write and not the process's end.
        signal(SIGPIPE, SIG_IGN)
        let level = logLevel.level
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "nectar")

        let engine: Engine
        do {
            engine = try Engine(
                EngineConfiguration(
                    location: memory ? .memory : .file(path ?? "nectar.db"), advertisedAddress: advertise,
                    logger: logger))
        } catch let error as MongoError {
            throw PlainError(description: error.message)
        }
        let server = MongoServer(
            configuration: ServerConfiguration(host: host, port: port, tls: tls.configuration, logger: logger),
            handler: LoginHandler(wrapping: engine, isRequired: auth, logger: logger),
            onListening: { address in
                print("listening on \(address)")
                fflush(nil)
            })
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await services.run()
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }
}

/// The levels of the log, by the names that `--log-level` takes.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// The same level of swift-log.
    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
