import BSON
import Testing

@Suite("Vectors")
struct VectorTests {
    @Test("of signed bytes keep them")
    func int8() throws {
        let vector = BSONVector([127, -128, 0] as [Int8])
        #expect(vector.binary == BSONBinary(subtype: .vector, bytes: [3, 0, 127, 128, 0]))
        #expect(try BSONVector(vector.binary) == vector)
        #expect(vector.int8s == [127, -128, 0])
        #expect(vector.count == 3)
        #expect(vector.floats == nil)
        #expect(vector.bits == nil)
    }

    @Test("of floating-point numbers keep them, the infinities too")
    func float32() throws {
        let elements: [Float] = [127.7, -7.7, .infinity, -0.0]
        let vector = BSONVector(elements)
        #expect(vector.binary.bytes.prefix(6) == [0x27, 0, 0x66, 0x66, 0xFF, 0x42])
        #expect(try BSONVector(vector.binary).floats == elements)
        #expect(vector.count == 4)
        #expect(vector.int8s == nil)
        #expect(BSONValue.vector(vector).vector == vector)
    }

    @Test("of bits fill the last byte with zeros", arguments: 0...17)
    func bits(count: Int) throws {
        let bits = (0..<count).map { $0 % 3 == 0 }
        let vector = BSONVector(bits: bits)
        #expect(vector.count == count)
        #expect(vector.padding == (8 - count % 8) % 8)
        #expect(vector.bits == bits)
        #expect(try BSONVector(vector.binary) == vector)
        #expect(try BSONVector(packedBits: vector.elementBytes, padding: vector.padding) == vector)
    }

    /// Bytes that are no vector, what is said of them, and where.
    static let faults: [([UInt8], String, Int)] = [
        ([], "a vector has at least 2 bytes, these are 0", 0),
        ([3], "a vector has at least 2 bytes, these are 1", 0),
        ([4, 0], "no type of a vector's elements has the number 4", 0),
        ([3, 1, 1], "only a vector of bits has a padding, this has 1", 1),
        ([0x27, 3, 0, 0, 0, 0], "only a vector of bits has a padding, this has 3", 1),
        ([0x27, 0, 1, 2, 3], "3 bytes are no whole number of 32-bit elements", 2),
        ([0x27, 0, 1, 2, 3, 4, 5], "5 bytes are no whole number of 32-bit elements", 2),
        ([0x10, 8, 1], "a vector's padding is 0 to 7 bits, not 8", 1),
        ([0x10, 255, 1], "a vector's padding is 0 to 7 bits, not 255", 1),
        ([0x10, 1], "a vector without elements has a padding of 1 bits", 1),
        ([0x10, 3, 127, 12], "the 3 unused bits of a vector are not zero", 3),
    ]

    @Test("are refused where they are not what they say", arguments: faults.indices)
    func refusals(index: Int) {
        let (bytes, message, offset) = Self.faults[index]
        let binary = BSONBinary(subtype: .vector, bytes: bytes)
        #expect(throws: BSONError(.malformed, message, at: offset)) { try BSONVector(binary) }
        #expect(BSONValue.binary(binary).vector == nil)
    }

    @Test("have the subtype 9")
    func subtype() {
        #expect(throws: BSONError.self) { try BSONVector(BSONBinary(bytes: [3, 0, 1])) }
        #expect(throws: BSONError.self) { try BSONVector(packedBits: [1], padding: -1) }
    }
}
