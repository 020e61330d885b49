import BenchmarkSupport
import Foundation

/// One side of the table: a program that measures the works in a process of its own.
///
/// It gets the server's URI, the count of books and `NAME=CALLS` for each work, and prints its version, then a line
/// `NAME SECONDS PROCESSOR-SECONDS` for each work, of one call.
struct ProcessPeer {
    let name: String
    private(set) var version = ""
    private let program: String
    private let arguments: [String]
    private var costs: [String: Cost] = [:]

    private init(_ name: String, _ program: String, _ arguments: [String] = []) {
        self.name = name
        self.program = program
        self.arguments = arguments
    }

    /// Nectar, which this program measures where its first argument says so.
    static var nectar: Self { Self("Nectar", CommandLine.arguments[0], ["--peer", "nectar"]) }

    /// libmongoc, measured likewise.
    static var mongoc: Self { Self("libmongoc", CommandLine.arguments[0], ["--peer", "mongoc"]) }

    /// `pymongo_peer.py` with the Python that `NECTAR_PYTHON` names; nil where it names none.
    static var pymongo: Self? {
        guard let python = ProcessInfo.processInfo.environment["NECTAR_PYTHON"],
            let script = Bundle.module.url(forResource: "pymongo_peer", withExtension: "py")
        else { return nil }
        return Self("PyMongo", python, [script.path])
    }

    /// What `make bench-driver` has made of `go_peer.go`, which `NECTAR_GO_PEER` names; nil where it names nothing.
    static var go: Self? {
        ProcessInfo.processInfo.environment["NECTAR_GO_PEER"].map { Self("Go driver", $0) }
    }

    /// Measures once more and keeps what is better; says whether the program did its work.
    mutating func measure(_ uri: String, _ works: [Work]) throws -> Bool {
        let all = arguments + [uri, "\(Work.count)"] + works.map { "\($0.name)=\($0.calls)" }
        let lines = try output(of: program, all).split(separator: "\n")
        guard let first = lines.first else { return false }
        version = "\(first)"
        for line in lines.dropFirst() {
            let cells = line.split(separator: " ")
            guard cells.count == 3, let time = Double(cells[1]), let processor = Double(cells[2]) else { continue }
            costs[String(cells[0]), default: Cost()].improve(by: Cost(time: time * 1e6, processor: processor * 1e6))
        }
        return true
    }

    subscript(work: Work) -> Cost { costs[work.name] ?? Cost() }
}
