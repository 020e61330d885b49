import Foundation

/// One table: what Nectar does in a second, and how many times what each peer does.
package struct Comparison {
    /// A document that is measured.
    package struct Document {
        let name: String
        let about: String
        let bytes: [UInt8]

        package init(_ name: String, _ about: String, _ bytes: [UInt8]) {
            self.name = name
            self.about = about
            self.bytes = bytes
        }
    }

    private let libbson: String
    private let documents: [Document]
    private let works: [(name: String, about: String)]
    private let rows: [Row]

    /// Describes a table.
    /// - Parameters:
    ///   - libbson: The version of libbson.
    ///   - works: What the rows' works are.
    package init(libbson: String, documents: [Document], works: [(name: String, about: String)], rows: [Row]) {
        self.libbson = libbson
        self.documents = documents
        self.works = works
        self.rows = rows
    }

    /// Measures all rows and prints them.
    ///
    /// `--only nectar|libbson WORK DOCUMENT ROUNDS` does nothing but that work, for profilers and for counting
    /// instructions; `--list` names what there is to count. `--times` measures once and prints nanoseconds: where the
    /// system puts a process's code and memory makes it faster or slower, Nectar's part by half at times, so that the
    /// best of several processes is what tells.
    package func run(_ arguments: [String]) throws {
        if arguments.count == 6, arguments[1] == "--only", let rounds = Int(arguments[5]) {
            guard let row = rows.first(where: { $0.work == arguments[3] && $0.document == arguments[4] }) else {
                return print("error: no such work or document")
            }
            return print(arguments[2] == "nectar" ? try row.nectar(rounds) : row.libbson?(rounds) ?? 0)
        }
        if arguments.count == 2, arguments[1] == "--list" {
            for row in rows where row.libbson != nil { print("\(row.work)\t\(row.document)\t\(size(row))") }
            return
        }
        if arguments.count == 2, arguments[1] == Self.timesOption {
            // As in a server: the C library allocates faster in a process of one thread, which no server is.
            Thread.detachNewThread { while true { sleep(1000) } }
            for row in rows { print(try row.measured().map { "\($0)" }.joined(separator: " ")) }
            return
        }
        var pymongo: PyMongoPeer?
        for _ in 0..<Self.processes { pymongo = (try PyMongoPeer(documents)).map { $0.best(with: pymongo) } }
        let times = try timesOfProcesses()
        print("Peers: libbson \(libbson); PyMongo \(pymongo?.version ?? "not found")")
        for document in documents { print("  \(document.name): \(document.about), \(document.bytes.count) bytes") }
        for work in works { print("  \(work.name): \(work.about)") }
        print("\n\(Row.header)")
        for (row, times) in zip(rows, times) { print(row.line(times, size(row), pymongo)) }
    }

    private static let timesOption = "--times"
    /// How many processes of each side measure the same.
    package static let processes = 5

    /// The best times of each row.
    private func timesOfProcesses() throws -> [[Double]] {
        var best = rows.map { _ in [Double]() }
        for _ in 0..<Self.processes {
            let lines = try output(of: CommandLine.arguments[0], [Self.timesOption]).split(separator: "\n")
            guard lines.count == rows.count else { throw Incomplete() }
            for (index, line) in lines.enumerated() {
                let times = line.split(separator: " ").compactMap { Double($0) }
                best[index] = best[index].isEmpty ? times : zip(best[index], times).map { min($0, $1) }
            }
        }
        return best
    }

    private struct Incomplete: Error {}

    private func size(_ row: Row) -> Int { documents.first { $0.name == row.document }?.bytes.count ?? 0 }
}
