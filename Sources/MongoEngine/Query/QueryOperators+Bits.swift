internal import BSON
internal import MongoProtocol

extension QueryOperators {
    /// The four operators on bits. They differ in what they ask of each byte: all or any bit of the mask set or clear.
    static func bits(_ test: @escaping @Sendable (_ byte: UInt8, _ mask: UInt8) -> Bool) -> FieldParser {
        // With no bit asked for, a test that looks for all of them holds and one that looks for any does not.
        let wantsAll = test(0, 0)
        return { use in
            let mask = try bitMask(use)
            return FieldPredicate(use.name, use.argument) { value in
                guard let value else { return false }
                if value.type == .binary {
                    return holds(mask, wantsAll, test) { $0 < value.binary.bytes.count ? value.binary.bytes[$0] : 0 }
                }
                guard let number = value.integerOfBits else { return false }
                // Bits beyond the number repeat its sign.
                return holds(mask, wantsAll, test) { UInt8(truncatingIfNeeded: number >> Int64(min($0 * 8, 63))) }
            }
        }
    }

    private static func holds(
        _ mask: [(index: Int, bits: UInt8)], _ wantsAll: Bool, _ test: (UInt8, UInt8) -> Bool, _ byte: (Int) -> UInt8
    ) -> Bool {
        for (index, bits) in mask where test(byte(index), bits) != wantsAll { return !wantsAll }
        return wantsAll
    }

    /// The bytes that have bits asked for, lowest first.
    private static func bitMask(_ use: OperatorUse) throws -> [(index: Int, bits: UInt8)] {
        var bytes: [Int: UInt8] = [:]
        switch use.argument {
        case .array(let positions):
            for (index, value) in positions.enumerated() {
                let position = try bitPosition(value, "\(index): \(value)")
                bytes[position / 8, default: 0] |= 1 << UInt8(position % 8)
            }
        case .binary(let binary):
            for (index, byte) in binary.bytes.enumerated() where byte != 0 { bytes[index] = byte }
        case _ where use.argument.isNumber:
            let number = try nonNegative(use)
            for index in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: number >> Int64(index * 8))
                if byte != 0 { bytes[index] = byte }
            }
        default:
            throw MongoError(
                .failedToParse,
                "\(use.name) takes an Array, a number, or a BinData but received: \(use.name): \(use.argument)")
        }
        return bytes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func bitPosition(_ value: BSONValue, _ found: String) throws -> Int {
        // Decimals lose their fraction, doubles may have none.
        let number = value.type == .decimal128 ? value.withRawValue({ $0.truncatedInteger }) : value.int64
        guard value.isNumber, let position = number else {
            throw MongoError(.failedToParse, "bit positions must be an integer but got: \(found)")
        }
        guard position >= 0 else {
            throw MongoError(.failedToParse, "bit positions must be >= 0 but got: \(found)")
        }
        guard let small = Int32(exactly: position) else {
            throw MongoError(
                .failedToParse, "bit positions cannot be represented as a 32-bit signed integer but got: \(found)")
        }
        return Int(small)
    }
}
