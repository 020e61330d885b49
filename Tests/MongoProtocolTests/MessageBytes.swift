import BSON

/// Builds messages byte by byte, on its own, so that it can judge the reader.
struct MessageBytes {
    private(set) var bytes: [UInt8] = []

    static func + (a: MessageBytes, b: MessageBytes) -> MessageBytes { MessageBytes(bytes: a.bytes + b.bytes) }

    static func byte(_ value: UInt8) -> MessageBytes { MessageBytes(bytes: [value]) }
    static func int32(_ value: Int32) -> MessageBytes {
        MessageBytes(bytes: (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }
    static func uint32(_ value: UInt32) -> MessageBytes { int32(Int32(bitPattern: value)) }
    static func cString(_ value: String) -> MessageBytes { MessageBytes(bytes: Array(value.utf8) + [0]) }
    static func document(_ value: BSONDocument) -> MessageBytes { MessageBytes(bytes: value.bytes) }
    static func body(_ value: BSONDocument) -> MessageBytes { byte(0) + document(value) }
    static func sequence(_ name: String, _ documents: [BSONDocument]) -> MessageBytes {
        let inner = documents.reduce(cString(name)) { $0 + document($1) }
        return byte(1) + int32(Int32(inner.bytes.count + 4)) + inner
    }

    /// A whole message; `length` lies about its length.
    static func message(
        _ opcode: Int32, requestID: Int32 = 7, length: Int32? = nil, _ content: MessageBytes
    ) -> [UInt8] {
        let header = int32(length ?? Int32(content.bytes.count + 16)) + int32(requestID) + int32(0) + int32(opcode)
        return (header + content).bytes
    }

    /// An OP_MSG of sections.
    static func opMessage(flags: UInt32 = 0, _ sections: MessageBytes...) -> [UInt8] {
        message(2013, sections.reduce(uint32(flags), +))
    }

    /// An OP_MSG that ends with its checksum.
    static func withChecksum(_ sections: MessageBytes...) -> [UInt8] {
        let content = sections.reduce(uint32(1), +)
        let message = message(2013, length: Int32(content.bytes.count + 20), content)
        return message + uint32(slowCRC32C(message)).bytes
    }

    /// An OP_QUERY.
    static func opQuery(_ namespace: String, flags: UInt32 = 0, _ query: BSONDocument) -> [UInt8] {
        message(2004, uint32(flags) + cString(namespace) + int32(0) + int32(-1) + document(query))
    }

    /// CRC-32C bit by bit, as RFC 3720 defines it.
    static func slowCRC32C(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0x82F6_3B78 }
        }
        return ~value
    }

    /// Documents nested in each other.
    static func nested(_ levels: Int) -> BSONDocument {
        var document: BSONDocument = ["ping": 1, "$db": "admin"]
        for _ in 1..<max(levels, 1) { document = ["ping": .document(document), "$db": "admin"] }
        return document
    }
}
