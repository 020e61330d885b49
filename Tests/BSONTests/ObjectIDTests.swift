import BSON
import Testing

@Suite("ObjectIDs")
struct ObjectIDTests {
    @Test("read and write 24 hexadecimal digits and nothing else")
    func text() throws {
        let id = try #require(ObjectID("57E193d7a9cc81b4027498b5"))
        #expect(id.description == "57e193d7a9cc81b4027498b5")
        #expect(id.secondsSince1970 == 0x57E1_93D7)
        #expect(id.bytes.count == 12)
        #expect(ObjectID(bytes: id.bytes) == id)
        let wrong = [
            "", "57e193d7a9cc81b4027498b", "57e193d7a9cc81b4027498b55", "57e193d7a9cc81b4027498bg",
            " 7e193d7a9cc81b4027498b5",
        ]
        for text in wrong { #expect(ObjectID(text) == nil, "\(text)") }
        #expect(ObjectID(bytes: [1, 2, 3]) == nil)
    }

    @Test(
        "order as their bytes do, with seconds as unsigned numbers",
        arguments: [
            0 as UInt32, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        ])
    func seconds(seconds: UInt32) throws {
        let bytes = withUnsafeBytes(of: seconds.bigEndian) { [UInt8]($0) } + [UInt8](repeating: 1, count: 8)
        let id = try #require(ObjectID(bytes: bytes))
        #expect(id.secondsSince1970 == seconds)
        let later = try #require(ObjectID(bytes: bytes.dropLast() + [2]))
        #expect(id < later)
    }

    @Test("count up by one within a process, and wrap after 24 bits")
    func counter() {
        let process = ObjectID().bytes[4..<9]
        var largest = 0
        var wrapped = false
        // As many as the counter has values: one of them is the step from the largest to zero.
        for _ in 0..<(1 << 24) {
            let value = counterValue(ObjectID())
            if value < largest { wrapped = true }
            largest = max(largest, value)
        }
        #expect(wrapped)
        #expect(largest <= 0xFF_FFFF)
        #expect(ObjectID().bytes[4..<9] == process)
    }

    @Test("never repeat across threads")
    func uniqueness() async {
        let ids = await withTaskGroup(of: [ObjectID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5000).map { _ in ObjectID() } } }
            return await group.reduce(into: Set<ObjectID>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 40_000)
    }

    private func counterValue(_ id: ObjectID) -> Int {
        id.withUnsafeBytes { Int($0[9]) << 16 | Int($0[10]) << 8 | Int($0[11]) }
    }
}
