/// A vector of numbers as vector search stores them: binary data of subtype 9.
///
/// Follows the specification "BSON Binary Subtype 9 - Vector": a byte for the type of the elements, a byte that says how many
/// bits of the last byte are unused, and the elements, in little-endian order.
public struct BSONVector: Sendable, Hashable {
    /// The type of a vector's elements.
    public enum ElementType: UInt8, Sendable, Hashable, CaseIterable {
        /// Signed bytes.
        case int8 = 0x03
        /// Single bits, eight in a byte, the highest first.
        case packedBit = 0x10
        /// 32-bit floating-point numbers.
        case float32 = 0x27
    }

    /// The type of the elements.
    public let elementType: ElementType
    /// How many of the last byte's lowest bits are unused, from 0 to 7; 0 for all types but bits.
    public let padding: Int
    /// The elements as bytes, as they are stored.
    public let elementBytes: [UInt8]

    /// Makes a vector of signed bytes.
    public init(_ elements: some Sequence<Int8>) {
        self.init(.int8, padding: 0, elements.map { UInt8(bitPattern: $0) })
    }

    /// Makes a vector of 32-bit floating-point numbers.
    public init(_ elements: some Sequence<Float>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(elements.underestimatedCount * 4)
        for element in elements {
            withUnsafeBytes(of: element.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        self.init(.float32, padding: 0, bytes)
    }

    /// Makes a vector of bits; the last byte is filled up with unused zeros.
    public init(bits: some Sequence<Bool>) {
        var bytes: [UInt8] = []
        var count = 0
        for bit in bits {
            if count % 8 == 0 { bytes.append(0) }
            if bit { bytes[bytes.count - 1] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
        self.init(.packedBit, padding: bytes.count * 8 - count, bytes)
    }

    /// Makes a vector of bits that are packed already.
    /// - Parameters:
    ///   - bytes: Eight bits in a byte, the highest first.
    ///   - padding: How many of the last byte's lowest bits are unused, from 0 to 7. They must be zero.
    /// - Throws: ``BSONError`` for a padding that does not fit the bytes.
    public init(packedBits bytes: [UInt8], padding: Int = 0) throws(BSONError) {
        guard (0...7).contains(padding) else {
            throw BSONError(.malformed, "a vector's padding is 0 to 7 bits, not \(padding)", at: 1)
        }
        guard padding == 0 || !bytes.isEmpty else {
            throw BSONError(.malformed, "a vector without elements has a padding of \(padding) bits", at: 1)
        }
        if let last = bytes.last, last & ((1 << UInt8(padding)) - 1) != 0 {
            throw BSONError(.malformed, "the \(padding) unused bits of a vector are not zero", at: bytes.count + 1)
        }
        self.init(.packedBit, padding: padding, bytes)
    }

    /// Reads a vector from binary data.
    /// - Throws: ``BSONError`` for another subtype, an unknown type of elements, half an element, and a padding that does
    ///   not fit; its offset counts from the start of the data.
    public init(_ binary: BSONBinary) throws(BSONError) {
        guard binary.subtype == .vector else {
            throw BSONError(.malformed, "a vector has the subtype 9, this is \(binary.subtype.rawValue)", at: 0)
        }
        guard binary.bytes.count >= 2 else {
            throw BSONError(.malformed, "a vector has at least 2 bytes, these are \(binary.bytes.count)", at: 0)
        }
        guard let type = ElementType(rawValue: binary.bytes[0]) else {
            throw BSONError(.malformed, "no type of a vector's elements has the number \(binary.bytes[0])", at: 0)
        }
        let padding = Int(binary.bytes[1])
        let elements = [UInt8](binary.bytes[2...])
        guard type != .packedBit else {
            try self.init(packedBits: elements, padding: padding)
            return
        }
        guard padding == 0 else {
            throw BSONError(.malformed, "only a vector of bits has a padding, this has \(padding)", at: 1)
        }
        guard type != .float32 || elements.count % 4 == 0 else {
            throw BSONError(.malformed, "\(elements.count) bytes are no whole number of 32-bit elements", at: 2)
        }
        self.init(type, padding: 0, elements)
    }

    private init(_ type: ElementType, padding: Int, _ bytes: [UInt8]) {
        elementType = type
        self.padding = padding
        elementBytes = bytes
    }

    /// The number of elements.
    public var count: Int {
        switch elementType {
        case .int8: elementBytes.count
        case .float32: elementBytes.count / 4
        case .packedBit: elementBytes.count * 8 - padding
        }
    }

    /// The elements, or nil where they are no signed bytes.
    public var int8s: [Int8]? {
        elementType == .int8 ? elementBytes.map { Int8(bitPattern: $0) } : nil
    }

    /// The elements, or nil where they are no floating-point numbers.
    public var floats: [Float]? {
        guard elementType == .float32 else { return nil }
        return elementBytes.withUnsafeBytes { bytes in
            (0..<count).map { index in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
            }
        }
    }

    /// The elements, or nil where they are no bits.
    public var bits: [Bool]? {
        guard elementType == .packedBit else { return nil }
        return (0..<count).map { index in elementBytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0 }
    }

    /// The vector as binary data of subtype 9.
    public var binary: BSONBinary {
        BSONBinary(
            subtype: .vector, bytes: [elementType.rawValue, UInt8(truncatingIfNeeded: padding)] + elementBytes)
    }
}

extension BSONValue {
    /// A vector as binary data of subtype 9.
    public static func vector(_ value: BSONVector) -> BSONValue { .binary(value.binary) }

    /// The vector, or nil for anything but a valid one.
    public var vector: BSONVector? { binary.flatMap { try? BSONVector($0) } }
}
