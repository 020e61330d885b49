import BSON
import Foundation
import Testing

@Suite("UUIDs")
struct UUIDTests {
    static let text = "00112233-4455-6677-8899-AABBCCDDEEFF"

    /// The bytes of the UUID above as each driver writes or wrote it.
    static let stored: [(UUIDRepresentation, UInt8, String)] = [
        (.standard, 4, "00112233445566778899aabbccddeeff"),
        (.pythonLegacy, 3, "00112233445566778899aabbccddeeff"),
        (.javaLegacy, 3, "7766554433221100ffeeddccbbaa9988"),
        (.cSharpLegacy, 3, "33221100554477668899aabbccddeeff"),
    ]

    @Test("have the bytes of the driver that wrote them", arguments: stored.indices)
    func representations(index: Int) throws {
        let (representation, subtype, digits) = Self.stored[index]
        let uuid = try #require(UUID(uuidString: Self.text))
        let binary = BSONBinary(uuid, representation: representation)
        #expect(binary.subtype.rawValue == subtype)
        #expect(binary.bytes.map { hex($0) }.joined() == digits)
        #expect(binary.uuid(representation) == uuid)
    }

    @Test("are read in the representation of their subtype only")
    func subtypes() {
        let uuid = UUID()
        for representation in UUIDRepresentation.allCases {
            #expect(BSONBinary(uuid).uuid(representation) == (representation == .standard ? uuid : nil))
        }
        #expect(BSONBinary(uuid, representation: .javaLegacy).uuid() == nil)
        #expect(BSONBinary(subtype: .uuid, bytes: [1, 2, 3]).uuid() == nil)
        #expect(BSONBinary(subtype: .md5, bytes: BSONBinary(uuid).bytes).uuid(.pythonLegacy) == nil)
        #expect(BSONValue.uuid(uuid).uuid == uuid)
        #expect(BSONValue.string(uuid.uuidString).uuid == nil)
    }

    private func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
