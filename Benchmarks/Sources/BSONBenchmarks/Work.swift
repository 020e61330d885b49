import BSON
import BenchmarkSupport
import CLibBSONPeer

/// A piece of work that is measured on every shape: what Nectar does, and libbson beside it.
struct Work {
    let name: String
    let about: String
    /// The name of the same work in `pymongo_peer.py`, where it has it.
    let pymongo: String?
    let nectar: (Shape, _ rounds: Int) throws -> UInt64
    let libbson: (Shape, PeerTree, _ rounds: Int) -> UInt64

    static var all: [Work] {
        [
            Work(
                name: "encode", about: "a tree of values to bytes", pymongo: "encode",
                nectar: { shape, rounds in repeated(rounds) { UInt64(shape.tree.encoded().byteCount) } },
                libbson: { _, tree, rounds in peer_encode(tree.pointer, Int32(rounds)) }),
            Work(
                name: "decode", about: "bytes, checked; every key and value taken out to own its memory",
                pymongo: "decode",
                nectar: { shape, rounds in
                    try repeated(rounds) { visit(try BSONDocument(bytes: shape.bytes)) }
                },
                libbson: { shape, _, rounds in peer_decode(shape.bytes, shape.bytes.count, Int32(rounds)) }),
            Work(
                name: "walk", about: "every key and value looked at in place", pymongo: nil,
                nectar: { shape, rounds in repeated(rounds) { walk(shape.document) } },
                libbson: { shape, _, rounds in peer_walk(shape.bytes, shape.bytes.count, Int32(rounds)) }),
            Work(
                name: "validate", about: "bytes checked, UTF-8 included", pymongo: nil,
                nectar: { shape, rounds in try repeated(rounds) { try validate(shape.bytes) } },
                libbson: { shape, _, rounds in peer_validate(shape.bytes, shape.bytes.count, Int32(rounds)) }),
            Work(
                name: "write canonical", about: "bytes to canonical Extended JSON", pymongo: "write-canonical",
                nectar: { shape, rounds in repeated(rounds) { UInt64(shape.document.json(.canonical).count) } },
                libbson: { shape, _, rounds in peer_write_json(shape.bytes, shape.bytes.count, 1, Int32(rounds)) }),
            Work(
                name: "write relaxed", about: "bytes to relaxed Extended JSON", pymongo: "write-relaxed",
                nectar: { shape, rounds in repeated(rounds) { UInt64(shape.document.json(.relaxed).count) } },
                libbson: { shape, _, rounds in peer_write_json(shape.bytes, shape.bytes.count, 0, Int32(rounds)) }),
            Work(
                name: "read canonical", about: "canonical Extended JSON to bytes", pymongo: "read-canonical",
                nectar: { shape, rounds in
                    try repeated(rounds) { UInt64(try BSONDocument(extendedJSON: shape.canonical).byteCount) }
                },
                libbson: { shape, _, rounds in
                    peer_read_json(shape.canonical, shape.canonical.utf8.count, Int32(rounds))
                }),
        ]
    }

    private static func validate(_ bytes: [UInt8]) throws -> UInt64 {
        try bytes.withUnsafeBytes { try BSONValidator.validate($0) }
        return 1
    }

    private static func visit(_ document: BSONDocument) -> UInt64 {
        var sum: UInt64 = 0
        for (key, value) in document { sum &+= UInt64(key.utf8.count) &+ visit(value) }
        return sum
    }

    private static func visit(_ value: BSONValue) -> UInt64 {
        switch value {
        case .document(let document): return visit(document)
        case .array(let array):
            var sum: UInt64 = 0
            for inner in array { sum &+= visit(inner) }
            return sum
        case .string(let text): return UInt64(text.utf8.count)
        default: return 1
        }
    }

    private static func walk(_ document: BSONDocument) -> UInt64 {
        document.withRaw { walk($0) }
    }

    private static func walk(_ document: RawDocument) -> UInt64 {
        var sum: UInt64 = 0
        for element in document {
            sum &+= UInt64(element.key.first ?? 0)
            switch element.value.type {
            case .double: sum &+= element.value.double > 0 ? 1 : 0
            case .string:
                let text = element.value.stringBytes
                sum &+= UInt64(text.first ?? 0) &+ UInt64(text.count)
            case .int32: sum &+= UInt64(truncatingIfNeeded: element.value.int32)
            case .int64, .date: sum &+= UInt64(bitPattern: element.value.int64)
            case .bool: sum &+= element.value.bool ? 1 : 0
            case .objectID: sum &+= UInt64(element.value.bytes.first ?? 0)
            case .document, .array: sum &+= walk(element.value.document)
            default: sum &+= 1
            }
        }
        return sum
    }
}

/// libbson's tree of a shape, freed with its owner.
final class PeerTree {
    let pointer: OpaquePointer

    init?(_ bytes: [UInt8]) {
        guard let tree = peer_tree_new(bytes, bytes.count) else { return nil }
        pointer = tree
    }

    deinit { peer_tree_free(pointer) }
}
