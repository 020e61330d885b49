import Foundation

/// `nectar serve --memory` in a process of its own.
struct ServerProcess {
    private var process: Process?
    let uri: String

    /// Starts the program that `NECTAR` names; nil where there is none. `NECTAR_URI` names a server that runs already, for
    /// profilers under which no process can be started.
    init?() throws {
        let environment = ProcessInfo.processInfo.environment
        if let running = environment["NECTAR_URI"] {
            uri = running
            return
        }
        guard let program = environment["NECTAR"] else { return nil }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve", "--memory", "--port", "0", "--log-level", "error"]
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let address = line.split(whereSeparator: \.isWhitespace).last else { return nil }
        self.process = process
        uri = "mongodb://\(address)"
    }

    func stop() {
        process?.terminate()
        process?.waitUntilExit()
    }
}
