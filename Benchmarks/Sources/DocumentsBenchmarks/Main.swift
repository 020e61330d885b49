import BenchmarkSupport
import CDocumentsPeer
import Foundation
import MongoDocuments

/// Compares what an `@Document` struct costs with a struct in C by libbson, PyMongo's dictionaries, and a struct by
/// Foundation's coders for JSON.
@main
struct Main {
    static func main() throws {
        let book = Book.sample
        let document = BSONDocument(encoding: book)
        let bytes = document.bytes
        let peer = PeerBook(bytes)
        // Both have to do the same work, so both have to write the same bytes of what they read.
        guard try Book(decoding: document) == book, peer.writes(bytes) else {
            return print("error: Nectar and libbson do not read and write the same")
        }
        let encoder = JSONEncoder()
        let decoder = JSONDecoder()
        let plain = PlainBook(book)
        let json = try encoder.encode(plain)
        func decodeJSON(_ rounds: Int) throws -> UInt64 {
            try repeated(rounds) { UInt64(try decoder.decode(PlainBook.self, from: json).year) }
        }
        let rows = [
            Row(
                work: "encode", document: "book",
                nectar: { repeated($0) { UInt64(BSONDocument(encoding: book).byteCount) } },
                libbson: { book_encode(peer.pointer, Int32($0)) }, pymongo: "encode",
                foundation: { try repeated($0) { UInt64(try encoder.encode(plain).count) } }),
            Row(
                work: "decode", document: "book",
                nectar: { try repeated($0) { UInt64(try Book(decoding: document).year) } },
                libbson: { book_decode(bytes, bytes.count, 0, Int32($0)) }, pymongo: "decode",
                foundation: decodeJSON),
            Row(
                work: "check, decode", document: "book",
                nectar: {
                    try repeated($0) { UInt64(try Book(decoding: BSONDocument(bytes: bytes)).year) }
                },
                libbson: { book_decode(bytes, bytes.count, 1, Int32($0)) }, pymongo: "decode",
                foundation: decodeJSON),
        ]
        try Comparison(
            libbson: String(cString: book_peer_version()),
            documents: [.init("book", "a struct of 24 fields: 8 strings, 14 scalars, 1 array, 1 struct", bytes)],
            works: [
                ("encode", "a struct to bytes; libbson: BSON_APPEND_* field by field"),
                (
                    "decode",
                    "bytes that were checked before to a struct that owns its memory; libbson: no check, bson_iter_find "
                        + "from field to field in their order, bson_iter_dup_utf8; PyMongo and Foundation check as they read"
                ),
                (
                    "check, decode",
                    "bytes of a network's buffer to a struct: copied, checked with UTF-8 (libbson: bson_validate), decoded"
                ),
            ], rows: rows
        ).run(CommandLine.arguments)
    }
}

/// libbson's struct of a book, freed with its owner.
final class PeerBook {
    let pointer: OpaquePointer

    init(_ bytes: [UInt8]) { pointer = book_new(bytes, bytes.count) }

    deinit { book_free(pointer) }

    /// Whether the struct is written as these bytes.
    func writes(_ bytes: [UInt8]) -> Bool { book_writes(pointer, bytes, bytes.count) != 0 }
}
