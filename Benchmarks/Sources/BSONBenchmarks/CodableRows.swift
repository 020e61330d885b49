import BSON
import Foundation

/// The struct of 24 fields through `Codable`, beside Foundation's coders for JSON.
enum CodableRows {
    static func measure(_ shape: Shape, _ pymongo: PyMongoPeer?) throws -> [Row] {
        let record = Record.sample
        let encoder = BSONEncoder()
        let decoder = BSONDecoder()
        let jsonEncoder = JSONEncoder()
        let jsonDecoder = JSONDecoder()
        let document = try encoder.encode(record)
        let json = try jsonEncoder.encode(record)
        let encode = try best(of: [
            { rounds in try repeated(rounds) { UInt64(try encoder.encode(record).byteCount) } },
            { rounds in try repeated(rounds) { UInt64(try jsonEncoder.encode(record).count) } },
        ])
        let decode = try best(of: [
            { rounds in try repeated(rounds) { UInt64(try decoder.decode(Record.self, from: document).name.utf8.count) }
            },
            { rounds in try repeated(rounds) { UInt64(try jsonDecoder.decode(Record.self, from: json).name.utf8.count) }
            },
        ])
        func row(_ work: String, _ times: [Double], _ peer: String) -> Row {
            Row(
                work: work, shape: shape.name, nanoseconds: times[0], bytes: shape.bytes.count,
                pymongo: pymongo?.time(peer, shape), foundation: times[1])
        }
        return [row("Codable encode", encode, "encode"), row("Codable decode", decode, "decode")]
    }
}
