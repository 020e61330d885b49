/// The answers of a DNS message (RFC 1035, section 4), read from bytes of any origin.
struct DNSMessage {
    /// The types of records that are read.
    enum RecordType: UInt16 {
        case text = 16
        case service = 33
    }
    /// The bytes are no DNS message.
    struct Malformed: Error {}

    /// The SRV records.
    private(set) var serviceRecords: [ServiceRecord] = []
    /// The TXT records, the strings of each put together.
    private(set) var textRecords: [String] = []

    private let bytes: [UInt8]

    /// Reads a whole message.
    /// - Throws: ``Malformed`` where a length points outside, a name goes round in a circle, or a text is no UTF-8.
    init(_ bytes: [UInt8]) throws(Malformed) {
        self.bytes = bytes
        var position = 12
        let questions = try number(at: 4)
        let answers = try number(at: 6)
        for _ in 0..<questions {
            _ = try name(&position)
            position += 4
        }
        for _ in 0..<answers { try readRecord(&position) }
    }

    private mutating func readRecord(_ position: inout Int) throws(Malformed) {
        _ = try name(&position)
        let type = RecordType(rawValue: UInt16(try number(at: position)))
        let timeToLive = try number(at: position + 4) << 16 | number(at: position + 6)
        let length = try number(at: position + 8)
        let start = position + 10
        let end = start + length
        guard end <= bytes.count else { throw Malformed() }
        position = end
        switch type {
        case .service:
            guard length > 6 else { throw Malformed() }
            var place = start + 6
            let target = try name(&place)
            guard place == end else { throw Malformed() }
            serviceRecords.append(
                ServiceRecord(target: target, port: try number(at: start + 4), timeToLive: timeToLive))
        case .text: textRecords.append(try text(from: start, to: end))
        case nil: break  // An alias on the way to the answer, or a signature.
        }
    }

    /// The strings between two places, each with its length before it.
    private func text(from start: Int, to end: Int) throws(Malformed) -> String {
        var all: [UInt8] = []
        var place = start
        while place < end {
            let next = place + 1 + Int(bytes[place])
            guard next <= end else { throw Malformed() }
            all += bytes[(place + 1)..<next]
            place = next
        }
        guard let text = String(validating: all, as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// A name, its labels between dots; `position` comes to stand behind it.
    private func name(_ position: inout Int) throws(Malformed) -> String {
        var labels: [String] = []
        var length = 0
        var place = position
        var hasJumped = false
        // A name has at most 255 bytes, so more labels or jumps than that make a circle.
        for _ in 0..<256 {
            guard place < bytes.count else { throw Malformed() }
            let size = Int(bytes[place])
            switch size {
            case 0:
                if !hasJumped { position = place + 1 }
                return labels.joined(separator: ".")
            case 0xC0...:
                let target = try number(at: place) & 0x3FFF
                if !hasJumped { position = place + 2 }
                hasJumped = true
                place = target
            case 1...63:
                let end = place + 1 + size
                length += size + 1
                guard end <= bytes.count, length <= 255,
                    let label = String(validating: bytes[(place + 1)..<end], as: UTF8.self)
                else { throw Malformed() }
                labels.append(label)
                place = end
            default: throw Malformed()
            }
        }
        throw Malformed()
    }

    /// Two bytes as a number, the higher first.
    private func number(at position: Int) throws(Malformed) -> Int {
        guard position >= 0, position + 1 < bytes.count else { throw Malformed() }
        return Int(bytes[position]) << 8 | Int(bytes[position + 1])
    }
}
