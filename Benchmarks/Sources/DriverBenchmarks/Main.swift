import CLibMongoCPeer
import Foundation
import MongoDocuments

/// Prints one table: what calls over loopback to `nectar serve` cost a client, and what they cost each peer.
///
/// `--only nectar|mongoc WORK ROUNDS` does nothing but that work, for profilers.
@main
struct Main {
    static func main() async throws { try await run() }

    /// As a server's handlers do: off the main thread.
    @concurrent static func run() async throws {
        guard let server = try ServerProcess() else {
            return print("error: NECTAR must name the built server (make bench-driver sets it)")
        }
        defer { server.stop() }
        guard mongoc_peer_open(server.uri, Int32(Work.count)) == 0 else {
            return print("error: libmongoc cannot connect")
        }
        defer { mongoc_peer_close() }
        try await withMongoClient(server.uri) { client in
            let database = client["bench"]
            let stored = try await database[Book.self].untyped.estimatedDocumentCount()
            if stored == 0 { try await database[Book.self].insert(Work.books) }
            let arguments = CommandLine.arguments
            if arguments.count == 5, arguments[1] == "--only", let rounds = Int(arguments[4]) {
                try await only(arguments[2], arguments[3], rounds, database)
            } else {
                try await table(server.uri, database)
            }
        }
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

    nonisolated(nonsending) private static func table(_ uri: String, _ database: MongoDatabase) async throws {
        var costs: [(nectar: Cost, mongoc: Cost)] = []
        for work in Work.all {
            var (nectar, mongoc) = (Cost(), Cost())
            // Turn by turn; the first round is for warming up.
            for turn in 0...5 {
                let own = try await round(work, database, isNectar: true)
                let other = try await round(work, database, isNectar: false)
                guard turn > 0 else { continue }
                nectar.improve(by: own)
                mongoc.improve(by: other)
            }
            costs.append((nectar, mongoc))
        }
        let others = try [ProcessPeer.go(uri, Work.all), ProcessPeer.pymongo(uri, Work.all)].compactMap { $0 }
        let mongoc = "libmongoc \(String(cString: mongoc_peer_version()))"
        let versions = [mongoc] + others.map { "\($0.name) \($0.version)" }
        print("Peers: \(versions.joined(separator: "; "))")
        for work in Work.all { print("  \(work.name): \(work.about)") }
        let heads = (["libmongoc"] + others.map(\.name)).map { " \($0) time | CPU | × time | × CPU |" }
        print(
            """

            A call over loopback; CPU is that of the client's process. Ratios are peer / Nectar.

            | work | Nectar time | CPU |\(heads.joined())
            | --- | ---: | ---: |\(heads.map { _ in " ---: | ---: | ---: | ---: |" }.joined())
            """)
        for (work, cost) in zip(Work.all, costs) {
            let peers = [cost.mongoc] + others.map { $0[work] }
            let compared = peers.map { peer in
                peer.map { "\(cells($0)) | \(ratios($0, cost.nectar))" } ?? "– | – | – | –"
            }
            print("| \(work.name) | \(cells(cost.nectar)) | \(compared.joined(separator: " | ")) |")
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
