import Testing

@testable import MongoDriver

@Suite struct DNSMessageTests {
    private static func number(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// A message with one question for `a.bc`, which stands at place 12, and answers of a type with their contents.
    private static func message(_ answers: [(type: Int, content: [UInt8])]) -> [UInt8] {
        let header: [UInt8] = [0, 1, 0x81, 0x80] + number(1) + number(answers.count) + [0, 0, 0, 0]
        let question: [UInt8] = name("a.bc") + number(33) + number(1)
        let records = answers.flatMap { answer -> [UInt8] in
            [0xC0, 12] + number(answer.type) + number(1) + [0, 1, 0, 2] + number(answer.content.count) + answer.content
        }
        return header + question + records
    }

    private static let service: [UInt8] = number(0) + number(5) + number(27018)

    @Test("SRV and TXT records are read, aliases are passed over")
    func records() throws {
        let bytes = Self.message([
            (5, Self.name("alias.bc")),
            (33, Self.service + Self.name("h1.bc")),
            (33, Self.service + [2, 0x68, 0x32, 0xC0, 14]),
            (16, [3, 0x61, 0x62, 0x63, 0, 2, 0x64, 0x65]),
        ])
        let message = try DNSMessage(bytes)
        #expect(
            message.serviceRecords == [
                ServiceRecord(target: "h1.bc", port: 27018, timeToLive: 65538),
                ServiceRecord(target: "h2.bc", port: 27018, timeToLive: 65538),
            ])
        #expect(message.textRecords == ["abcde"])
    }

    static let hostile: [(String, [UInt8])] = [
        ("nothing", []),
        ("a name that points to itself", message([(33, service + [0xC0, 46])])),
        ("a name that points outside", message([(33, service + [0xFF, 0xFF])])),
        ("a label that is too long", message([(33, service + [0x40, 0x61])])),
        ("a record that is too short", message([(33, [0, 0])])),
        ("bytes behind a name", message([(33, service + name("h.bc") + [1])])),
        ("a string that is too long", message([(16, [9, 0x61])])),
        ("a text that is no UTF-8", message([(16, [1, 0xFF])])),
        ("a length behind the end", Array(message([(16, [1, 0x61])]).dropLast())),
        ("more answers than there are", [0, 1, 0x81, 0x80, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0]),
    ]

    @Test("hostile bytes are an error", arguments: hostile)
    func malformed(_ what: String, _ bytes: [UInt8]) {
        #expect(throws: DNSMessage.Malformed.self, "\(what)") { try DNSMessage(bytes) }
    }

    @Test("changed bytes give an answer or an error")
    func fuzz() {
        var random = SystemRandomNumberGenerator()
        let seed = Self.message([(33, Self.service + [2, 0x68, 0x32, 0xC0, 14]), (16, [3, 0x61, 0x62, 0x63])])
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...8, using: &random))
            _ = try? DNSMessage(bytes)
        }
    }
}
