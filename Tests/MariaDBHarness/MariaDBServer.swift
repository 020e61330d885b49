package import Foundation
internal import ProcessHarness
package import SQLTables
internal import Synchronization

/// A MariaDB of the tests' own: a private data directory, on loopback, stopped with the tests.
package final class MariaDBServer: Sendable {
    package struct Failure: Error, CustomStringConvertible { package let description: String }

    /// Whether the long tests were asked for.
    package static let isAsked = ProcessInfo.processInfo.environment["NECTAR_LONG"] != nil
    package static let password = "p@ss:w/ör%d 100%25"

    private static let started = Mutex<[String: Task<MariaDBServer, any Error>]>([:])

    /// The server that the tests of a suite share. Suites run beside each other, and some stop their server.
    package static func shared(_ suite: String) async throws -> MariaDBServer {
        let task = started.withLock { started in
            let task = started[suite] ?? Task { try await MariaDBServer() }
            started[suite] = task
            return task
        }
        return try await task.value
    }

    package let folder: URL
    package let port: Int
    private let process = Mutex<Process?>(nil)
    private let databases = Mutex(0)

    /// The processes by their folders, for the end of the tests.
    private static let running = Mutex<[String: Int32]>([:])
    private static let stopsAtExit =
        atexit {
            for (folder, pid) in MariaDBServer.running.withLock({ $0 }) {
                kill(pid, SIGKILL)
                try? FileManager.default.removeItem(atPath: folder)
            }
        } == 0

    private init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nectar-mariadb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("tmp"), withIntermediateDirectories: true)
        port = try Self.freePort()
        try await Self.makeCertificates(in: folder)
        try await Self.run(
            "mariadb-install-db",
            [
                "--no-defaults", "--datadir=\(folder.path)/data", "--auth-root-authentication-method=normal",
                "--skip-test-db", "--tmpdir=\(folder.path)/tmp",
            ] + Self.asRoot)
        guard Self.stopsAtExit else { throw Failure(description: "no more can be done at the end") }
        try await start()
        let root = try SQLEngine(.server(host: "127.0.0.1", port: port, user: "root"))
        defer { root.close() }
        // A name of the program's and a literal: no statement binds the password of a grant.
        let quoted = Self.password.replacing("'", with: "''")
        let statement = "CREATE USER 'ada'@'%' IDENTIFIED BY '\(quoted)'"
        try await Self.run(
            "mariadb", ["--no-defaults", "-uroot", "--socket=\(folder.path)/s", "-e", statement])
        try await root.execute(TextStatement("GRANT ALL ON *.* TO 'ada'@'%' WITH GRANT OPTION"))
    }

    private static var asRoot: [String] { geteuid() == 0 ? ["--user=root"] : [] }

    /// Starts the server, on the same port and data as before.
    package func start() async throws {
        let process = Process()
        process.executableURL = URL(filePath: try Self.path("mariadbd"))
        process.arguments =
            [
                "--no-defaults", "--datadir=\(folder.path)/data", "--socket=\(folder.path)/s",
                // A server that starts removes the temporary tables it finds, also those of one that runs: that one may
                // crash.
                "--tmpdir=\(folder.path)/tmp",
                "--pid-file=\(folder.path)/pid", "--port=\(port)", "--bind-address=127.0.0.1",
                "--log-error=\(folder.path)/log", "--innodb-buffer-pool-size=32M", "--skip-name-resolve",
                "--ssl-ca=\(folder.path)/ca.pem", "--ssl-cert=\(folder.path)/cert.pem",
                "--ssl-key=\(folder.path)/key.pem",
            ] + Self.asRoot
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        Self.running.withLock { $0[folder.path] = process.processIdentifier }
        let engine = try SQLEngine(.server(host: "127.0.0.1", port: port, user: "root"))
        defer { engine.close() }
        for _ in 0..<300 {
            let failure = await Self.failure(of: engine)
            // A login that is refused is an answer too.
            guard let failure, failure.code != 1045 else { return }
            guard failure.kind == .connectionFailed, process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure(description: "mariadbd does not start: \(log.suffix(1000))")
    }

    private var log: String { (try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)) ?? "" }

    private static func failure(of engine: SQLEngine) async -> SQLError? {
        do throws(SQLError) { try await engine.ping() } catch { return error }
        return nil
    }

    /// Stops the server and waits for its end.
    package func stop(hard: Bool = false) async {
        let process = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        Self.running.withLock { $0[folder.path] = nil }
        if hard { kill(process.processIdentifier, SIGKILL) } else { process.terminate() }
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// Ends a connection, as the server does after a long silence.
    package func endConnection(_ connection: Int) async throws {
        // KILL is not prepared, so the engine under test cannot say it.
        try await Self.run(
            "mariadb", ["--no-defaults", "-uroot", "--socket=\(folder.path)/s", "-e", "KILL \(connection)"])
    }

    /// A new database, and its engine.
    package func engine(_ options: SQLEngineOptions = .init()) async throws -> SQLEngine {
        let name = try await database()
        return try SQLEngine(location(name), options: options)
    }

    /// Where a database is.
    package func location(_ name: String?, password: String = MariaDBServer.password) -> SQLLocation {
        .server(host: "127.0.0.1", port: port, user: "ada", password: password, database: name)
    }

    /// Makes a new database and gives its name.
    package func database() async throws -> String {
        let number = databases.withLock { number in
            number += 1
            return number
        }
        if process.withLock({ $0.map { !$0.isRunning } ?? false }) {
            throw Failure(description: "mariadbd ended by itself: \(log.suffix(4000))")
        }
        try await Self.run(
            "mariadb",
            [
                "--no-defaults", "-uroot", "--socket=\(folder.path)/s", "-e",
                "CREATE DATABASE test\(number) CHARACTER SET utf8mb4",
            ])
        return "test\(number)"
    }

    private static func makeCertificates(in folder: URL) async throws {
        let subject = ["-subj", "/CN=nectar test"]
        try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "\(folder.path)/ca-key.pem",
                "-out", "\(folder.path)/ca.pem",
            ] + subject)
        try await run(
            "openssl",
            [
                "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(folder.path)/key.pem", "-out",
                "\(folder.path)/request.pem", "-subj", "/CN=127.0.0.1",
            ])
        try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: folder.appendingPathComponent("names"))
        try await run(
            "openssl",
            [
                "x509", "-req", "-days", "2", "-in", "\(folder.path)/request.pem", "-CA", "\(folder.path)/ca.pem",
                "-CAkey", "\(folder.path)/ca-key.pem", "-CAcreateserial", "-out", "\(folder.path)/cert.pem",
                "-extfile", "\(folder.path)/names",
            ])
    }

    private static func path(_ program: String) throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders + ["/usr/sbin", "/usr/bin"] {
            let path = "\(folder)/\(program)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Failure(description: "There is no \(program): apt-get install mariadb-server openssl")
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        let (status, output) = try await ChildProcess.run([try path(program)] + arguments)
        guard status == 0 else { throw Failure(description: "\(program): \(output.suffix(4000))") }
    }

    private static func freePort() throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
