import Foundation

/// What `pymongo_peer.py` measures of the same works.
struct PyMongoPeer {
    let version: String
    private var costs: [String: Cost] = [:]

    /// Runs the script with the Python that `NECTAR_PYTHON` names; nil where it does not run.
    init?(_ uri: String, _ works: [Work]) throws {
        guard let python = ProcessInfo.processInfo.environment["NECTAR_PYTHON"],
            let script = Bundle.module.url(forResource: "pymongo_peer", withExtension: "py")
        else { return nil }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [script.path, uri, "\(Work.count)"] + works.map { "\($0.name)=\($0.calls)" }
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        guard process.terminationStatus == 0, let first = lines.first else { return nil }
        version = "\(first) extension"
        for line in lines.dropFirst() {
            let cells = line.split(separator: " ")
            guard cells.count == 3, let time = Double(cells[1]), let processor = Double(cells[2]) else { continue }
            costs[String(cells[0])] = Cost(time: time * 1e6, processor: processor * 1e6)
        }
    }

    subscript(work: Work) -> Cost? { costs[work.name] }
}
