import BSON
import SpecSupport
import Testing

/// Runs the driver specifications' "BSON Binary Subtype 9 - Vector", where its files are at hand.
@Suite("BSON binary vector")
struct VectorSpecTests {
    @Test("all cases pass")
    func vectors() {
        let failures = SpecSuite.run("bson-binary-vector") { try Self.faults(of: $0) }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    /// What is wrong with the outcome of one case: a valid vector must come out of its bytes and they out of it; an
    /// invalid one can neither be made nor read.
    private static func faults(of test: SpecCase) throws -> [String] {
        let key = test.document["test_key"]?.string ?? ""
        let made = made(test.test)
        let bytes = try test.test["canonical_bson"]?.string.map { try hexadecimal($0) }
        let read = bytes.flatMap { try? BSONDocument(bytes: $0)[key]?.vector }
        guard test.test["valid"]?.bool == true else {
            return (made == nil ? [] : ["the vector was made"]) + (read == nil ? [] : ["the bytes were taken"])
        }
        guard let made, let bytes else { return ["the vector was not made"] }
        var faults: [String] = []
        if BSONDocument(fields: [(key, .vector(made))]).bytes != bytes { faults.append("bytes from the vector") }
        if read != made { faults.append("the vector from its bytes") }
        if read?.padding != test.test["padding"]?.int ?? 0 { faults.append("the padding") }
        return faults
    }

    /// The vector that a case describes; nil where its numbers or its padding make none.
    private static func made(_ test: BSONDocument) -> BSONVector? {
        guard let numbers = test["vector"]?.array else { return nil }
        let padding = test["padding"]?.int ?? 0
        switch test["dtype_hex"]?.string {
        case "0x03":
            let elements = numbers.map { $0.int.flatMap { Int8(exactly: $0) } }
            return padding == 0 && !elements.contains(nil) ? BSONVector(elements.compactMap(\.self)) : nil
        case "0x10":
            let elements = numbers.map { $0.int.flatMap { UInt8(exactly: $0) } }
            guard !elements.contains(nil) else { return nil }
            return try? BSONVector(packedBits: elements.compactMap(\.self), padding: padding)
        case "0x27":
            let elements = numbers.map { $0.double.map { Float($0) } }
            return padding == 0 && !elements.contains(nil) ? BSONVector(elements.compactMap(\.self)) : nil
        default: return nil
        }
    }

    private static func hexadecimal(_ text: String) throws -> [UInt8] {
        let digits = [UInt8](text.utf8)
        return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16))
        }
    }
}
