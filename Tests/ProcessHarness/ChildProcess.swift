package import Foundation
internal import Synchronization

/// A program of ours that listens on a port, in a process of its own.
package final class ChildProcess: Sendable {
    /// What keeps a test from starting or stopping the program.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    /// The port it listens on.
    package let port: Int
    /// The process's number.
    package let id: Int32
    private let ended: Task<Int32, Never>
    private let isRunning: Running

    /// Whether the process is there still; its number may be another's once it is not.
    private final class Running: Sendable {
        let value = Atomic<Bool>(true)
    }

    /// A test that fails leaves no process behind.
    deinit { if isRunning.value.load(ordering: .acquiring) { kill(id, SIGKILL) } }

    /// The root of the checkout.
    package static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A built executable, which stands beside the tests' bundle.
    package static func executable(_ name: String) throws -> String {
        var candidates: [URL] = []
        if let main = Bundle.main.executableURL { candidates.append(main.deletingLastPathComponent()) }
        candidates += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        candidates.append(URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent())
        candidates.append(checkout.appending(path: ".build/debug"))
        for folder in candidates {
            let file = folder.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: file.path) { return file.path }
        }
        throw Failure("no executable '\(name)' beside the tests: run 'swift build --build-tests'")
    }

    /// Starts `nectar serve` on a free port.
    /// - Parameters:
    ///   - arguments: Further arguments: `--memory`, or `--path` and a file.
    ///   - wrapper: A command to run it under, such as strace and its options.
    package static func nectar(_ arguments: [String], under wrapper: [String] = []) async throws -> ChildProcess {
        let serve = [try executable("nectar"), "serve", "--port", "0", "--log-level", "warning"]
        return try await ChildProcess(wrapper + serve + arguments)
    }

    /// Starts a program and waits until it prints where it listens.
    /// - Parameter environment: Variables beside the tests' own.
    package init(_ command: [String], environment: [String: String] = [:]) async throws {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        let isRunning = Running()
        process.terminationHandler = {
            isRunning.value.store(false, ordering: .releasing)
            exit.yield($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus)
            exit.finish()
        }
        let (lines, line) = AsyncStream<String>.makeStream()
        try process.run()
        // A thread, for a handler of Foundation's crashes in the queues' library now and then when its pipe is closed.
        let reading = output.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            while case let data = reading.availableData, !data.isEmpty {
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    line.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            line.finish()
        }
        id = process.processIdentifier
        self.isRunning = isRunning
        ended = Task {
            for await status in exits { return status }
            return -1
        }
        var said: [String] = []
        var port: Int?
        for await line in lines {
            said.append(line)
            port = line.firstMatch(of: /127\.0\.0\.1:([0-9]+)/).flatMap { Int($0.1) }
            if port != nil { break }
        }
        guard let port else {
            kill(id, SIGKILL)
            throw Failure("\(command[0]) does not listen: \(said)")
        }
        self.port = port
    }

    /// Sends a signal and waits for the end.
    /// - Returns: The exit status; the negative number of the signal where that ended it.
    package func end(_ signal: Int32 = SIGTERM) async -> Int32 {
        kill(id, signal)
        return await ended.value
    }

    /// Runs a program to its end.
    /// - Returns: Its exit status and all it printed.
    package static func run(
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
    package static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
