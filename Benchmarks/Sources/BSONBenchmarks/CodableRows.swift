import BSON
import BenchmarkSupport
import Foundation

/// The struct of 24 fields through `Codable`, beside Foundation's coders for JSON.
enum CodableRows {
    static func all(_ shape: Shape) throws -> [Row] {
        let record = Record.sample
        let encoder = BSONEncoder()
        let decoder = BSONDecoder()
        let jsonEncoder = JSONEncoder()
        let jsonDecoder = JSONDecoder()
        let document = try encoder.encode(record)
        let json = try jsonEncoder.encode(record)
        return [
            Row(
                work: "Codable encode", document: shape.name,
                nectar: { try repeated($0) { UInt64(try encoder.encode(record).byteCount) } },
                pymongo: "encode",
                foundation: { try repeated($0) { UInt64(try jsonEncoder.encode(record).count) } }),
            Row(
                work: "Codable decode", document: shape.name,
                nectar: { try repeated($0) { length(try decoder.decode(Record.self, from: document)) } },
                pymongo: "decode",
                foundation: { try repeated($0) { length(try jsonDecoder.decode(Record.self, from: json)) } }),
        ]
    }

    private static func length(_ record: Record) -> UInt64 { UInt64(record.name.utf8.count) }
}
