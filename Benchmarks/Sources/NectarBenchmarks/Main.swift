import Foundation
import Nectar

@main
struct Main {
    static let count = 100_000

    static func main() async throws { try await run() }

    /// As a server's handlers do: off the main thread.
    @concurrent static func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nectar-bench-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("data.nectar").path
        let bareFile = folder.appendingPathComponent("bare.db").path
        var rows = try await withMongoClient("embedded:\(file)") { client in
            let bare = BareSQLite(path: bareFile)
            return try await writes(client["bench"], bare) + reads(client["bench"], bare)
        }
        if let row = try await PyMongoRow.measure(file: file, count: 5_000) { rows.append(row) }
        print("| work | Nectar | peer | peer's time | peer / Nectar |\n| --- | ---: | --- | ---: | ---: |")
        for row in rows { print(row.row) }
    }

    nonisolated(nonsending) static func writes(_ database: MongoDatabase, _ bare: BareSQLite) async throws
        -> [Measurement]
    {
        let singles = 10_000
        var next = 0
        let one = database["one"]
        let insertOne = try await best(of: singles) {
            for _ in 0..<singles {
                try await one.insertOne(sample(next))
                next += 1
            }
        }
        next = 10_000_000
        let bareOne = await best(of: singles) {
            for _ in 0..<singles {
                bare.execute("BEGIN IMMEDIATE")
                bare.insert(next, sample(next).bytes)
                bare.execute("COMMIT")
                next += 1
            }
        }
        let documents = (0..<count).map(sample)
        let many = database["many"]
        let insertMany = try await best(1, of: count) { try await many.insertMany(documents) }
        let bareMany = await best(1, of: count) {
            var number = 0
            while number < count {
                bare.execute("BEGIN IMMEDIATE")
                for _ in 0..<1_000 {
                    bare.insert(number, documents[number].bytes)
                    number += 1
                }
                bare.execute("COMMIT")
            }
        }
        return [
            Measurement(
                work: "insertOne", microseconds: insertOne, peer: "bare SQLite", peerMicroseconds: bareOne),
            Measurement(
                work: "insertMany, a document", microseconds: insertMany, peer: "bare SQLite, 1,000 a commit",
                peerMicroseconds: bareMany),
        ]
    }

    nonisolated(nonsending) static func reads(_ database: MongoDatabase, _ bare: BareSQLite) async throws
        -> [Measurement]
    {
        let many = database["many"]
        let gets = 20_000
        let get = try await best(of: gets) {
            for number in 0..<gets {
                let id = number &* 7_919 % count
                guard try await many.findOne(["_id": .int(id)]) != nil else { throw MongoError(.usage, "lost \(id)") }
            }
        }
        let bareGet = await best(of: gets) {
            for number in 0..<gets where bare.get(number &* 7_919 % count) == 0 { print("lost") }
        }
        let scan = try await best(of: count) {
            let found = try await many.find(["rating": ["$gt": 4.8]]).toArray()
            guard found.count == 2_000 else { throw MongoError(.usage, "the scan found \(found.count)") }
        }
        let bareScan = await best(of: count) { if bare.scanAll() == 0 { print("lost") } }
        let group = try await best(of: 1) {
            let found = try await many.aggregate([["$group": ["_id": "$year", "n": ["$sum": 1]]]]).toArray()
            guard found.count == 575 else { throw MongoError(.usage, "the group found \(found.count)") }
        }
        return [
            Measurement(
                work: "findOne by _id", microseconds: get, peer: "bare SQLite", peerMicroseconds: bareGet),
            Measurement(
                work: "filtered scan of 100,000, a document", microseconds: scan,
                peer: "bare SQLite, unfiltered", peerMicroseconds: bareScan),
            Measurement(
                work: "$group over 100,000", microseconds: group, peer: "none", peerMicroseconds: nil),
        ]
    }
}
