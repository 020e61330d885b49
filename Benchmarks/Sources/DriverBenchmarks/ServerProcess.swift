import Foundation

/// `nectar serve --memory` in a process of its own.
struct ServerProcess {
    private let process = Process()
    let uri: String

    /// Starts the program that `NECTAR` names; nil where there is none.
    init?() throws {
        guard let program = ProcessInfo.processInfo.environment["NECTAR"] else { return nil }
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve", "--memory", "--port", "0", "--log-level", "error"]
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let address = line.split(whereSeparator: \.isWhitespace).last else { return nil }
        uri = "mongodb://\(address)"
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
