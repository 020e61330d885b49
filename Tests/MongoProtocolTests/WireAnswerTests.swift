import BSON
import Testing

@testable import MongoProtocol

/// What the driver writes and reads; the server's halves write and read the other ends.
@Suite("Commands and answers on the wire")
struct WireAnswerTests {
    private func buffer(_ bytes: [UInt8]) -> BSONBuffer { bytes.withUnsafeBytes { BSONBuffer(copying: $0) } }

    private func bytes(of command: WireCommand) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: command.byteCount)
        bytes.withUnsafeMutableBytes { command.write(to: $0) }
        return bytes
    }

    private func answer(flags: WireMessageFlags = [], legacy: Bool = false) throws -> [UInt8] {
        let request =
            if legacy {
                try WireRequest(buffer(MessageBytes.opQuery("admin.$cmd", ["ping": 1])))
            } else {
                try WireRequest(
                    buffer(bytes(of: WireCommand(body: ["ping": 1, "$db": "admin"], requestID: 7, flags: flags))))
            }
        let reply = WireReply(["ok": 1.0, "text": "é"], to: request, requestID: 9)
        var bytes = [UInt8](repeating: 0, count: reply.byteCount)
        bytes.withUnsafeMutableBytes { reply.write(to: $0) }
        return bytes
    }

    @Test("A server reads a command as it was written, with what the driver added and its sequences")
    func command() throws {
        let documents: [BSONDocument] = [["_id": 1], [:], ["name": "Ž"]]
        let command = WireCommand(
            body: ["insert": "x", "ordered": true], adding: ["$db": "test", "txnNumber": .int64(3)],
            sequences: [DocumentSequence("documents", documents)], requestID: 42, flags: .moreToCome)
        let request = try WireRequest(buffer(bytes(of: command)))
        #expect(request.header.requestID == 42)
        #expect(request.wantsReply == false)
        guard case .command(let read) = request.content else {
            Issue.record("no command")
            return
        }
        #expect(read.name == "insert" && read.database == "test")
        #expect(read.body == ["insert": "x", "ordered": true, "$db": "test", "txnNumber": .int64(3)])
        #expect(read.sequences.map(\.identifier) == ["documents"])
        #expect(read.sequences.first?.documents == documents)
    }

    @Test("The driver reads an answer in either form", arguments: [false, true])
    func reading(legacy: Bool) throws {
        let answer = try WireAnswer(buffer(answer(legacy: legacy)))
        #expect(answer.document == ["ok": 1.0, "text": "é"])
        #expect(answer.requestID == 9 && answer.moreToCome == false)
    }

    @Test("An answer that is nested too deep is an error of its own, and no bad message")
    func tooDeep() throws {
        let request = try WireRequest(buffer(MessageBytes.opQuery("admin.$cmd", ["ping": 1])))
        for (levels, isRead) in [(200, true), (201, false)] {
            let reply = WireReply(MessageBytes.nested(levels), to: request, requestID: 9)
            var bytes = [UInt8](repeating: 0, count: reply.byteCount)
            bytes.withUnsafeMutableBytes { reply.write(to: $0) }
            let answer = try WireAnswer(buffer(bytes))
            #expect(answer.responseTo == request.header.requestID)
            #expect((answer.document["ping"] != nil) == isRead)
            #expect(answer.document["codeName"] == (isRead ? nil : "Overflow"))
        }
    }

    @Test("An answer that was cut anywhere is an error", arguments: [false, true])
    func truncation(legacy: Bool) throws {
        let whole = try answer(legacy: legacy)
        for count in 0..<whole.count {
            #expect(throws: WireError.self) { try WireAnswer(buffer(Array(whole[..<count]))) }
            // The length agrees here, so that what is inside has to be found out.
            guard count >= 16 else { continue }
            var cut = Array(whole[..<count])
            for byte in 0..<4 { cut[byte] = UInt8(truncatingIfNeeded: count >> (8 * byte)) }
            #expect(throws: WireError.self) { try WireAnswer(buffer(cut)) }
        }
    }

    @Test("An answer with any byte changed is read or refused, and never traps", arguments: [false, true])
    func changedBytes(legacy: Bool) throws {
        let whole = try answer(legacy: legacy)
        for index in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[index] ^= 1 << UInt8(bit)
                _ = try? WireAnswer(buffer(changed))
            }
        }
    }

    @Test("Documents of a batch may be left to their readers; all else is checked")
    func batches() throws {
        let batch: BSONDocument = ["firstBatch": [["text": "é"], ["text": "e"]], "id": .int64(3), "ns": "test.é"]
        let sound: BSONDocument = ["cursor": .document(batch), "ok": 1.0, "note": "é"]
        func answer(_ change: (inout [UInt8]) throws -> Void) rethrows -> [UInt8] {
            var bytes = sound.bytes
            try change(&bytes)
            return [UInt8]([0, 0, 0, 0]) + [1, 0, 0, 0, 7, 0, 0, 0, 0xDD, 7, 0, 0] + [0, 0, 0, 0, 0] + bytes
        }
        func read(_ bytes: [UInt8], leavesBatches: Bool) throws -> BSONDocument {
            var bytes = bytes
            withUnsafeBytes(of: Int32(bytes.count).littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
            return try WireAnswer(buffer(bytes), leavesBatches: leavesBatches).document
        }
        #expect(try read(answer { _ in }, leavesBatches: true) == sound)
        // The first é stands in a document of the batch, the others in the namespace and beside the cursor.
        let places = sound.bytes.indices.filter { sound.bytes[$0] == 0xC3 }
        try #require(places.count == 3)
        for (index, place) in places.enumerated() {
            let changed = answer { $0[place] = 0xFF }
            #expect(throws: WireError.self) { try read(changed, leavesBatches: false) }
            let left = try? read(changed, leavesBatches: true)
            #expect((left != nil) == (index == 0))
        }
        // Whatever byte is changed, documents have their places or nothing is read, and nothing traps.
        for place in sound.bytes.indices {
            for change: UInt8 in [0, 1, 3, 4, 0x7F, 0xFF] {
                guard let left = try? read(answer { $0[place] = change }, leavesBatches: true) else { continue }
                guard var documents = left["cursor"]?.document?["firstBatch"]?.array?.makeIterator() else { continue }
                while let document = documents._nextDocument() {
                    #expect(document.byteCount <= sound.byteCount && document.bytes.last == 0)
                }
            }
        }
    }
}
