/// The kinds of messages, by their numbers (MongoDB's manual, "Wire Protocol").
package enum WireOpcode: Int32, Sendable, Hashable {
    case reply = 1
    case query = 2004
    case compressed = 2012
    case message = 2013
}

/// The sixteen bytes that every message starts with.
package struct WireHeader: Sendable, Hashable {
    /// The size of the header itself, in bytes.
    package static let size = 16

    /// The size of the whole message, this header included.
    package var messageLength: Int32
    /// The number that the sender gave the message.
    package var requestID: Int32
    /// The number of the message that this one answers, or 0.
    package var responseTo: Int32
    /// The kind of the message.
    package var opcode: Int32

    package init(messageLength: Int32, requestID: Int32, responseTo: Int32, opcode: WireOpcode) {
        self.messageLength = messageLength
        self.requestID = requestID
        self.responseTo = responseTo
        self.opcode = opcode.rawValue
    }

    /// Reads a header.
    init(_ reader: inout WireReader) throws(WireError) {
        messageLength = try reader.int32()
        requestID = try reader.int32()
        responseTo = try reader.int32()
        opcode = try reader.int32()
    }

    func write(to writer: inout WireBytes) {
        writer.int32(messageLength)
        writer.int32(requestID)
        writer.int32(responseTo)
        writer.int32(opcode)
    }
}

/// The flags of an OP_MSG. The lower sixteen bits must be understood by whoever reads them.
package struct WireMessageFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The message ends with a CRC-32C of all bytes before it.
    package static let checksumPresent = Self(rawValue: 1 << 0)
    /// Another message follows without being asked for; of a request: no reply is wanted.
    package static let moreToCome = Self(rawValue: 1 << 1)
    /// The sender takes several replies to this request.
    package static let exhaustAllowed = Self(rawValue: 1 << 16)

    static let required: UInt32 = 0xFFFF
    static let known: WireMessageFlags = [.checksumPresent, .moreToCome, .exhaustAllowed]
}
