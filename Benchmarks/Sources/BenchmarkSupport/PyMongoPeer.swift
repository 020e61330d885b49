import Foundation

/// The measurements that `pymongo_peer.py` makes on the same bytes.
struct PyMongoPeer {
    let version: String
    /// Nanoseconds by document and work.
    private var nanoseconds: [String: Double] = [:]

    /// Runs the script with the Python that `NECTAR_PYTHON` names; nil where it does not run.
    init?(_ documents: [Comparison.Document]) throws {
        guard let python = ProcessInfo.processInfo.environment["NECTAR_PYTHON"],
            let script = Bundle.module.url(forResource: "pymongo_peer", withExtension: "py")
        else { return nil }
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-bench-bson-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for document in documents {
            try Data(document.bytes).write(to: folder.appending(path: "\(document.name).bson"))
        }
        let text = try output(of: python, [script.path, folder.path])
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let first = lines.first, first.count == 3 else { return nil }
        version = "\(first[1]), \(first[2]) extension"
        for line in lines.dropFirst() where line.count == 3 { nanoseconds["\(line[0]) \(line[1])"] = Double(line[2]) }
    }

    /// The better times of two.
    func best(with other: PyMongoPeer?) -> PyMongoPeer {
        var result = self
        if let other { result.nanoseconds.merge(other.nanoseconds) { min($0, $1) } }
        return result
    }

    func time(_ work: String, _ document: String) -> Double? { nanoseconds["\(document) \(work)"] }
}
