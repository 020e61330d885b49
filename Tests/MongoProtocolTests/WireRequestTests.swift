import BSON
import MongoProtocol
import Testing

@Suite struct WireRequestTests {
    private func read(_ bytes: [UInt8]) throws -> WireRequest {
        try WireRequest(bytes.withUnsafeBytes { BSONBuffer(copying: $0) })
    }

    private func command(_ request: WireRequest) throws -> MongoCommand {
        guard case .command(let command) = request.content else { throw Unexpected(request: request) }
        return command
    }

    private struct Unexpected: Error { let request: WireRequest }

    @Test("OP_MSG gives its body and its sequences, whose documents share the message's buffer")
    func message() throws {
        let body: BSONDocument = ["insert": "things", "$db": "shop", "$readPreference": ["mode": "nearest"]]
        let documents: [BSONDocument] = [["_id": 1], ["_id": 2, "text": "ěšč"]]
        let bytes = MessageBytes.opMessage(flags: 1 << 16, .sequence("documents", documents), .body(body))
        let buffer = bytes.withUnsafeBytes { BSONBuffer(copying: $0) }
        let request = try WireRequest(buffer)
        let command = try command(request)
        #expect(command.name == "insert")
        #expect(command.database == "shop")
        #expect(command.body == body)
        #expect(command.documents("documents")?.documents == documents)
        #expect(command.body.buffer === buffer)
        #expect(command.sequences[0].documents.allSatisfy { $0.buffer === buffer })
        #expect(request.header.requestID == 7)
        #expect(request.flags == .exhaustAllowed)
        #expect(request.wantsReply)
        #expect(request.readPreference.mode == .nearest)
    }

    @Test("A checksum is verified, and written back")
    func checksum() throws {
        var bytes = MessageBytes.withChecksum(.body(["ping": 1, "$db": "admin"]))
        let request = try read(bytes)
        #expect(try command(request).name == "ping")
        let reply = WireReply(["ok": 1.0], to: request, requestID: 3)
        let written = [UInt8](unsafeUninitializedCapacity: reply.byteCount) { memory, count in
            reply.write(to: UnsafeMutableRawBufferPointer(memory))
            count = reply.byteCount
        }
        #expect(written[16] == 1)
        #expect(MessageBytes.uint32(MessageBytes.slowCRC32C(written.dropLast(4))).bytes == written.suffix(4))
        bytes[bytes.count - 1] ^= 1
        #expect(throws: WireError.self) { try read(bytes) }
        #expect(try #require(error(bytes)).code == .checksumMismatch)
    }

    @Test("CRC-32C agrees with RFC 3720 and with the definition")
    func crc() {
        let known = Array("123456789".utf8).withUnsafeBytes { CRC32C.checksum($0) }
        #expect(known == 0xE306_9283)
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
            #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == MessageBytes.slowCRC32C(bytes))
        }
    }

    @Test("OP_QUERY commands are read with and without their wrapping")
    func query() throws {
        let plain = try read(MessageBytes.opQuery("admin.$cmd", ["ismaster": 1]))
        #expect(try command(plain).name == "ismaster")
        #expect(try command(plain).database == "admin")
        #expect(plain.replyForm == .reply)
        #expect(plain.readPreference == .primary)

        let wrapped = try read(
            MessageBytes.opQuery(
                "shop.$cmd", flags: 4, ["$query": ["count": "x"], "$readPreference": ["mode": "secondary"]]))
        #expect(try command(wrapped).name == "count")
        #expect(try command(wrapped).database == "shop")
        #expect(wrapped.readPreference.mode == .secondary)

        let flagged = try read(MessageBytes.opQuery("shop.$cmd", flags: 4, ["count": "x"]))
        #expect(flagged.readPreference.mode == .secondaryPreferred)
    }

    @Test("OP_REPLY and OP_MSG have the layout of the manual")
    func replies() throws {
        let document: BSONDocument = ["ok": 1.0]
        func bytes(_ request: [UInt8], moreToCome: Bool = false) throws -> [UInt8] {
            let reply = WireReply(document, to: try read(request), requestID: 9, moreToCome: moreToCome)
            var bytes = [UInt8](repeating: 0, count: reply.byteCount)
            bytes.withUnsafeMutableBytes { reply.write(to: $0) }
            return bytes
        }
        let header = MessageBytes.int32(9) + .int32(7)
        let query = try bytes(MessageBytes.opQuery("a.$cmd", ["ping": 1]))
        let queryContent = MessageBytes.int32(8) + .int32(0) + .int32(0) + .int32(0) + .int32(1) + .document(document)
        let queryLength = MessageBytes.int32(Int32(queryContent.bytes.count + 16))
        #expect(query == (queryLength + header + .int32(1) + queryContent).bytes)
        let message = try bytes(MessageBytes.opMessage(.body(["ping": 1, "$db": "a"])), moreToCome: true)
        let content = MessageBytes.uint32(2) + .body(document)
        #expect(message == (.int32(Int32(content.bytes.count + 16)) + header + .int32(2013) + content).bytes)
    }

    @Test("What no server does any more is refused with an error, not a closed connection")
    func refusals() throws {
        let cases: [([UInt8], Int32, WireRequest.ReplyForm)] = [
            (MessageBytes.opQuery("shop.things", [:]), 352, .reply),
            (MessageBytes.opMessage(.body(["ping": 1])), 40571, .message),
            (MessageBytes.message(2012, .int32(2013) + .int32(5) + .byte(2) + .byte(0)), 17, .message),
        ]
        for (bytes, code, form) in cases {
            let request = try read(bytes)
            guard case .refused(let error) = request.content else {
                Issue.record("accepted: \(request)")
                continue
            }
            #expect(error.code?.rawValue == code)
            #expect(request.replyForm == form)
        }
    }

    private func error(_ bytes: [UInt8]) -> WireError? {
        do {
            _ = try read(bytes)
            return nil
        } catch {
            return error as? WireError
        }
    }

    @Test("Bad messages are errors")
    func badMessages() {
        let ping: BSONDocument = ["ping": 1, "$db": "admin"]
        let good = MessageBytes.opMessage(.body(ping))
        let flags = MessageBytes.uint32(0)
        let cases: [(String, [UInt8], WireError.Code)] = [
            ("empty", [], .truncated),
            ("truncated header", Array(good.prefix(11)), .truncated),
            ("truncated body", Array(good.dropLast(3)), .invalidLength),
            ("length beyond the end", MessageBytes.message(2013, length: 1 << 30, flags), .invalidLength),
            ("negative length", MessageBytes.message(2013, length: -5, flags), .invalidLength),
            ("opcode", MessageBytes.message(99, flags), .unknownKind),
            ("OP_REPLY", MessageBytes.message(1, flags), .unknownKind),
            ("no flags", MessageBytes.message(2013, MessageBytes()), .truncated),
            ("no sections", MessageBytes.opMessage(), .invalidSections),
            ("unknown required flag", MessageBytes.opMessage(flags: 1 << 5, .body(ping)), .unknownKind),
            ("unknown section", MessageBytes.opMessage(.body(ping), .byte(2)), .unknownKind),
            ("two bodies", MessageBytes.opMessage(.body(ping), .body(ping)), .invalidSections),
            (
                "two sequences", MessageBytes.opMessage(.body(ping), .sequence("a", []), .sequence("a", [])),
                .invalidSections
            ),
            ("field twice", MessageBytes.opMessage(.body(ping), .sequence("ping", [])), .invalidSections),
            ("negative document", MessageBytes.opMessage(.byte(0), .int32(-1)), .invalidLength),
            ("huge document", MessageBytes.opMessage(.byte(0), .int32(.max)), .invalidLength),
            ("negative sequence", MessageBytes.opMessage(.byte(1), .int32(-1), .cString("a")), .invalidLength),
            ("sequence's name", MessageBytes.opMessage(.byte(1), .int32(6), .byte(65), .byte(65)), .truncated),
            ("checksum missing", MessageBytes.message(2013, .uint32(1)), .truncated),
            ("broken BSON", MessageBytes.opMessage(.byte(0), .int32(6), .byte(99), .byte(0)), .invalidBSON),
            ("namespace", MessageBytes.message(2004, .uint32(0) + .byte(65)), .truncated),
            (
                "rest after a query",
                MessageBytes.message(
                    2004,
                    .uint32(0) + .cString("a.$cmd") + .int32(0) + .int32(1) + .document(ping) + .document(ping)
                        + .byte(0)), .invalidSections
            ),
        ]
        for (name, bytes, code) in cases {
            #expect(error(bytes)?.code == code, "\(name)")
        }
    }

    @Test("A command that is nested too deep is refused and not misread: its client gets the error")
    func tooDeep() throws {
        let (fits, deep) = (MessageBytes.nested(200), MessageBytes.nested(201))
        let refused = [
            MessageBytes.opMessage(.body(deep)), MessageBytes.opMessage(.body(["ping": 1]), .sequence("a", [deep])),
            MessageBytes.opQuery("admin.$cmd", deep),
        ]
        for (index, bytes) in refused.enumerated() {
            let request = try read(bytes)
            guard case .refused(let error) = request.content else { throw Unexpected(request: request) }
            #expect(error.code == .overflow, "\(index)")
            #expect(request.wantsReply && request.replyForm == (index < 2 ? .message : .reply))
        }
        #expect(try read(MessageBytes.opMessage(flags: 2, .body(deep))).wantsReply == false)
        #expect(try command(read(MessageBytes.opMessage(.body(fits)))).name == "ping")
        #expect(try command(read(MessageBytes.opQuery("admin.$cmd", fits))).name == "ping")
    }
}
