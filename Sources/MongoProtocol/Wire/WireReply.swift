package import BSON

/// An answer on its way to a client.
package struct WireReply: Sendable {
    /// The document of the answer.
    package let document: BSONDocument
    /// Whether the answer is an OP_MSG or an OP_REPLY.
    package let form: WireRequest.ReplyForm
    /// The number of this message.
    package let requestID: Int32
    /// The number of the message it answers.
    package let responseTo: Int32
    /// Whether a further answer follows (OP_MSG only).
    package let moreToCome: Bool
    /// Whether a checksum ends it (OP_MSG only).
    package let hasChecksum: Bool

    /// Makes an answer in the form that the request asks for.
    /// - Parameters:
    ///   - responseTo: The message it answers; that of the request where nil.
    ///   - moreToCome: Whether a further answer follows.
    package init(
        _ document: BSONDocument, to request: WireRequest, requestID: Int32, responseTo: Int32? = nil,
        moreToCome: Bool = false
    ) {
        self.document = document
        self.requestID = requestID
        self.responseTo = responseTo ?? request.header.requestID
        form = request.replyForm
        self.moreToCome = moreToCome && form == .message
        hasChecksum = request.flags.contains(.checksumPresent) && form == .message
    }

    /// The size of the message, in bytes.
    package var byteCount: Int {
        switch form {
        case .message: WireHeader.size + 5 + document.byteCount + (hasChecksum ? 4 : 0)
        case .reply: WireHeader.size + 20 + document.byteCount
        }
    }

    /// Writes the message to memory of at least ``byteCount`` bytes.
    package func write(to memory: UnsafeMutableRawBufferPointer) {
        var bytes = WireBytes(memory)
        let length = Int32(truncatingIfNeeded: byteCount)
        switch form {
        case .message:
            WireHeader(messageLength: length, requestID: requestID, responseTo: responseTo, opcode: .message)
                .write(to: &bytes)
            var flags: WireMessageFlags = []
            if moreToCome { flags.insert(.moreToCome) }
            if hasChecksum { flags.insert(.checksumPresent) }
            bytes.uint32(flags.rawValue)
            bytes.byte(0)
            bytes.document(document)
            if hasChecksum {
                bytes.uint32(CRC32C.checksum(UnsafeRawBufferPointer(rebasing: memory[..<bytes.count])))
            }
        case .reply:
            WireHeader(messageLength: length, requestID: requestID, responseTo: responseTo, opcode: .reply)
                .write(to: &bytes)
            bytes.int32(8)  // AwaitCapable
            bytes.int64(0)  // the cursor's id: commands have theirs in the document
            bytes.int32(0)  // startingFrom
            bytes.int32(1)  // numberReturned
            bytes.document(document)
        }
    }
}

extension CommandContext {
    /// The context of a command that came over the wire: its session, its deadline and its read preference.
    package init(_ command: MongoCommand, of request: WireRequest, on connection: ConnectionContext) {
        self.init(
            connection: connection, session: SessionContext(body: command.body),
            deadline: Self.deadline(of: command), readPreference: request.readPreference,
            allowsExhaust: request.flags.contains(.exhaustAllowed))
    }

    /// When `maxTimeMS` ends. That of `getMore` says how long to wait for documents, which is the engine's to read.
    private static func deadline(of command: MongoCommand) -> ContinuousClock.Instant? {
        guard command.name != "getMore", let limit = command.body["maxTimeMS"]?.int64, limit > 0 else { return nil }
        return .now.advanced(by: .milliseconds(min(limit, Int64(Int32.max))))
    }
}
