import BSON
import MongoProtocol
import Testing

@Suite struct WireFuzzTests {
    /// SplitMix64: the same numbers in every run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let seeds: [[UInt8]] = [
        MessageBytes.opMessage(.body(["ping": 1, "$db": "admin", "$readPreference": ["mode": "nearest"]])),
        MessageBytes.opMessage(
            .body(["insert": "a", "$db": "b"]), .sequence("documents", [["_id": 1], ["x": [1, 2]]])),
        MessageBytes.withChecksum(.body(["find": "a", "$db": "b", "filter": ["a": ["$gt": 1.5]]])),
        MessageBytes.opQuery("a.$cmd", ["$query": ["count": "x"], "$readPreference": ["tags": [["dc": "ny"]]]]),
        MessageBytes.message(2012, .int32(2013) + .int32(5) + .byte(2) + .byte(0)),
    ]

    @Test("10,000 random and mutated messages are read or refused, and never trap")
    func fuzz() {
        var random = Seeded(state: 42)
        var read = 0
        var refused = 0
        for round in 0..<10_000 {
            var bytes: [UInt8]
            if round % 5 == 0 {
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                bytes = Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &random)]
                for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = .random(in: 0...255, using: &random)
                    case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                    case 2: bytes.removeSubrange(place...)
                    default: bytes.insert(.random(in: 0...255, using: &random), at: place)
                    }
                }
            }
            // Most mutations of the length are uninteresting: mend it, to get behind it.
            if round % 3 != 0, bytes.count >= 16 {
                bytes.replaceSubrange(0..<4, with: MessageBytes.int32(Int32(bytes.count)).bytes)
            }
            do {
                let request = try WireRequest(bytes.withUnsafeBytes { BSONBuffer(copying: $0) })
                if case .command(let command) = request.content {
                    _ = CommandContext(command, of: request, on: ConnectionContext(id: 1))
                    _ = command.documents("documents")
                }
                let reply = WireReply(["ok": 1.0], to: request, requestID: 1)
                var memory = [UInt8](repeating: 0, count: reply.byteCount)
                memory.withUnsafeMutableBytes { reply.write(to: $0) }
                read += 1
            } catch {
                refused += 1
            }
        }
        #expect(read + refused == 10_000)
        #expect(read > 100)
        #expect(refused > 1000)
    }

    @Test("Messages are the same however their bytes are cut")
    func assembly() throws {
        let stream = Self.seeds.flatMap { $0 }
        for size in [1, 2, 3, 5, 17, 64, stream.count] {
            var assembler = MessageAssembler()
            var messages: [[UInt8]] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                let piece = Array(stream[start..<min(start + size, stream.count)])
                try piece.withUnsafeBytes { piece in
                    var rest = piece
                    while !rest.isEmpty {
                        let (taken, message) = try assembler.consume(rest)
                        rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
                        if let message { messages.append(message.withUnsafeBytes { [UInt8]($0) }) }
                    }
                }
            }
            #expect(messages == Self.seeds)
            #expect(!assembler.isInsideMessage)
        }
    }

    @Test("A length that no message has is refused at its fourth byte", arguments: [-1, 0, 15, 48_000_001, Int32.max])
    func lengths(_ length: Int32) {
        #expect(throws: WireError.self) {
            var assembler = MessageAssembler()
            try MessageBytes.int32(length).bytes.withUnsafeBytes { _ = try assembler.consume($0) }
        }
    }
}
