import Foundation

/// A peer in a process of its own, which measures the same works: what `pymongo_peer.py` and `go_peer.go` print.
struct ProcessPeer {
    let name: String
    let version: String
    private var costs: [String: Cost] = [:]

    /// Runs `pymongo_peer.py` with the Python that `NECTAR_PYTHON` names; nil where it does not run.
    static func pymongo(_ uri: String, _ works: [Work]) throws -> Self? {
        guard let python = ProcessInfo.processInfo.environment["NECTAR_PYTHON"],
            let script = Bundle.module.url(forResource: "pymongo_peer", withExtension: "py")
        else { return nil }
        return try Self("PyMongo", python, [script.path], uri, works)
    }

    /// Runs what `make bench-driver` has made of `go_peer.go`, which `NECTAR_GO_PEER` names; nil where it does not run.
    static func go(_ uri: String, _ works: [Work]) throws -> Self? {
        guard let program = ProcessInfo.processInfo.environment["NECTAR_GO_PEER"] else { return nil }
        return try Self("Go driver", program, [], uri, works)
    }

    private init?(
        _ name: String, _ program: String, _ arguments: [String], _ uri: String, _ works: [Work]
    ) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments + [uri, "\(Work.count)"] + works.map { "\($0.name)=\($0.calls)" }
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        guard process.terminationStatus == 0, let first = lines.first else { return nil }
        self.name = name
        version = "\(first)"
        for line in lines.dropFirst() {
            let cells = line.split(separator: " ")
            guard cells.count == 3, let time = Double(cells[1]), let processor = Double(cells[2]) else { continue }
            costs[String(cells[0])] = Cost(time: time * 1e6, processor: processor * 1e6)
        }
    }

    subscript(work: Work) -> Cost? { costs[work.name] }
}
