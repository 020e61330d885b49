/// CRC-32C (Castagnoli), the checksum of OP_MSG (RFC 3720, appendix B.4), eight bytes a step.
package enum CRC32C {
    /// Eight tables of 256 entries, one after the other: table `n` holds the effect of a byte `n` bytes further on.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0x82F6_3B78 }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = (before >> 8) ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    /// The checksum of bytes.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var value: UInt32 = 0xFFFF_FFFF
            var index = 0
            while bytes.count - index >= 8 {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let mixed = word ^ UInt64(value)
                value = 0
                for lane in 0..<8 {
                    value ^= tables[(7 - lane) * 256 + Int(truncatingIfNeeded: (mixed >> (8 * lane)) & 0xFF)]
                }
                index += 8
            }
            while index < bytes.count {
                value = (value >> 8) ^ tables[Int((value ^ UInt32(bytes[index])) & 0xFF)]
                index += 1
            }
            return ~value
        }
    }
}
