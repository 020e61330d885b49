import Foundation
import Synchronization

/// A running `nectar serve`.
final class NectarProcess: Sendable {
    /// What keeps a test from starting or stopping the server.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// The port it listens on.
    let port: Int
    /// The process's number.
    let id: Int32
    private let ended: Task<Int32, Never>

    /// The root of the checkout.
    static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The built executable, which stands beside the tests' bundle.
    static func executable() throws -> URL {
        var candidates: [URL] = []
        if let main = Bundle.main.executableURL { candidates.append(main.deletingLastPathComponent()) }
        candidates += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        candidates.append(URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent())
        candidates.append(checkout.appending(path: ".build/debug"))
        for folder in candidates {
            let file = folder.appending(path: "nectar")
            if FileManager.default.isExecutableFile(atPath: file.path) { return file }
        }
        throw Failure("no executable 'nectar' beside the tests: run 'swift build --build-tests'")
    }

    /// Starts `nectar serve` on a free port and waits until it listens.
    /// - Parameters:
    ///   - arguments: Further arguments: `--memory`, or `--path` and a file.
    ///   - wrapper: A command to run it under, such as strace and its options.
    ///   - log: Where standard error goes.
    init(_ arguments: [String], under wrapper: [String] = [], log: URL? = nil) async throws {
        let process = Process()
        let command =
            try wrapper + [Self.executable().path, "serve", "--port", "0", "--log-level", "warning"] + arguments
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        if let log {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
            process.standardError = try FileHandle(forWritingTo: log)
        }
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            exit.yield($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus)
            exit.finish()
        }
        let (lines, line) = AsyncStream<String>.makeStream()
        let text = Mutex("")
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                line.finish()
                return
            }
            text.withLock {
                $0 += String(decoding: data, as: UTF8.self)
                while let end = $0.firstIndex(of: "\n") {
                    line.yield(String($0[..<end]))
                    $0 = String($0[$0.index(after: end)...])
                }
            }
        }
        try process.run()
        id = process.processIdentifier
        ended = Task {
            for await status in exits { return status }
            return -1
        }
        var first: String?
        for await line in lines {
            first = line
            break
        }
        let prefix = "listening on 127.0.0.1:"
        guard let first, first.hasPrefix(prefix), let port = Int(first.dropFirst(prefix.count)) else {
            kill(id, SIGKILL)
            let reason = log.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
            throw Failure("nectar did not listen: \(first ?? "no output") \(reason)")
        }
        self.port = port
    }

    /// Sends a signal and waits for the end.
    /// - Returns: The exit status; the negative number of the signal where that ended it.
    func end(_ signal: Int32 = SIGTERM) async -> Int32 {
        kill(id, signal)
        return await ended.value
    }

    /// Runs a program to its end.
    /// - Returns: Its exit status and all it printed.
    static func run(
        _ command: [String], environment: [String: String] = [:], in folder: URL = checkout
    ) async throws -> (status: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "nectar-output-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                done.resume(throwing: error)
            }
        }
        return (status, String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self))
    }

    /// Makes a folder for one test; whoever asks for it removes it.
    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
