import BenchmarkSupport
import CLibMongoCPeer
import Foundation
import MongoDocuments

/// Prints one table: what calls over loopback to `nectar serve` cost a client, and what they cost each peer.
///
/// `--only nectar|mongoc WORK ROUNDS` does nothing but that work, for profilers. `--peer nectar|mongoc …` is one side of
/// the table (``ProcessPeer``).
@main
struct Main {
    static func main() async throws { try await run() }

    /// As a server's handlers do: off the main thread.
    @concurrent static func run() async throws {
        let arguments = CommandLine.arguments
        if arguments.count > 3, arguments[1] == "--peer" {
            return try await withPeers(arguments[3]) { try await peer(arguments[2], $0) }
        }
        guard let server = try ServerProcess() else {
            return print("error: NECTAR must name the built server (make bench-driver sets it)")
        }
        defer { server.stop() }
        try await withPeers(server.uri) { database in
            let stored = try await database[Book.self].untyped.estimatedDocumentCount()
            if stored == 0 { try await database[Book.self].insert(Work.books) }
            if arguments.count == 5, arguments[1] == "--only", let rounds = Int(arguments[4]) {
                try await only(arguments[2], arguments[3], rounds, database)
            } else {
                try table(server.uri)
            }
        }
    }

    nonisolated(nonsending) private static func withPeers(
        _ uri: String, _ body: (MongoDatabase) async throws -> Void
    ) async throws {
        guard mongoc_peer_open(uri, Int32(Work.count)) == 0 else {
            return print("error: libmongoc cannot connect")
        }
        defer { mongoc_peer_close() }
        try await withMongoClient(uri) { client in try await body(client["bench"]) }
    }

    nonisolated(nonsending) private static func only(
        _ who: String, _ name: String, _ rounds: Int, _ database: MongoDatabase
    ) async throws {
        guard let work = Work.all.first(where: { $0.name == name }) else { return print("error: no such work") }
        var cost = Cost()
        for _ in 0..<rounds {
            cost.improve(by: try await round(work, database, isNectar: who == "nectar"))
        }
        print("\(who) \(name): \(format(cost.time, 2)) µs, \(format(cost.processor, 2)) µs of the processor")
    }

    /// Does what `pymongo_peer.py` and `go_peer.go` do.
    nonisolated(nonsending) private static func peer(_ who: String, _ database: MongoDatabase) async throws {
        print(who == "nectar" ? "of this checkout" : String(cString: mongoc_peer_version()))
        for work in Work.all {
            var cost = Cost()
            for turn in 0...2 {
                let other = try await round(work, database, isNectar: who == "nectar")
                // The first round is for warming up.
                if turn > 0 { cost.improve(by: other) }
            }
            print(work.name, cost.time / 1e6, cost.processor / 1e6)
        }
    }

    private static func table(_ uri: String) throws {
        var sides = [ProcessPeer.nectar, .mongoc] + [ProcessPeer.go, .pymongo].compactMap { $0 }
        IdleLoad.start()
        // Where the system puts a process's code and memory makes it faster or slower: the best of several tells.
        for _ in 0..<Comparison.processes {
            for index in sides.indices {
                guard try sides[index].measure(uri, Work.all) else {
                    return print("error: \(sides[index].name) failed")
                }
            }
        }
        let (own, peers) = (sides[0], sides.dropFirst())
        print("Peers: \(peers.map { "\($0.name) \($0.version)" }.joined(separator: "; "))")
        for work in Work.all { print("  \(work.name): \(work.about)") }
        print(
            """

            A call over loopback, on processors that are kept awake; CPU is that of the client's process. Ratios are
            peer / Nectar.

            | work | Nectar time | CPU |\(peers.map { " \($0.name) time | CPU | × time | × CPU |" }.joined())
            | --- | ---: | ---: |\(peers.map { _ in " ---: | ---: | ---: | ---: |" }.joined())
            """)
        for work in Work.all {
            let compared = peers.map { "\(cells($0[work])) | \(ratios($0[work], own[work]))" }
            print("| \(work.name) | \(cells(own[work])) | \(compared.joined(separator: " | ")) |")
        }
    }

    nonisolated(nonsending) private static func round(
        _ work: Work, _ database: MongoDatabase, isNectar: Bool
    ) async throws -> Cost {
        if work.name == "insertMany" { try await database[isNectar ? "nectar" : "mongoc"].drop() }
        return try await measure(work.calls) {
            if isNectar {
                try await work.nectar(database, work.calls)
            } else if work.mongoc(work.calls) != work.calls {
                throw MongoError(.usage, "libmongoc failed at \(work.name)")
            }
        }
    }

    private static func cells(_ cost: Cost) -> String { "\(format(cost.time, 1)) µs | \(format(cost.processor, 1)) µs" }

    private static func ratios(_ peer: Cost, _ own: Cost) -> String {
        "\(format(peer.time / own.time, 2)) | \(format(peer.processor / own.processor, 2))"
    }

    private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
