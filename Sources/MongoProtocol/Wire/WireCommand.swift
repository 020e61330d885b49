package import BSON

/// A command on its way to a server, as an OP_MSG.
///
/// What the driver adds to the body (`$db`, `lsid`, `$clusterTime`…) is written behind its fields without another copy
/// of it.
package struct WireCommand: Sendable {
    /// The number of the message.
    package let requestID: Int32
    /// The flags: ``WireMessageFlags/moreToCome`` where no answer is wanted.
    package let flags: WireMessageFlags
    private let body: BSONDocument
    private let addition: BSONDocument
    private let sequences: [DocumentSequence]

    /// Makes a message.
    /// - Parameters:
    ///   - addition: Fields to stand behind those of the body; none of them may be there already.
    ///   - sequences: Documents beside the body.
    package init(
        body: BSONDocument, adding addition: BSONDocument = [:], sequences: [DocumentSequence] = [], requestID: Int32,
        flags: WireMessageFlags = WireMessageFlags(rawValue: 0)
    ) {
        self.body = body
        self.addition = addition
        self.sequences = sequences
        self.requestID = requestID
        self.flags = flags
    }

    /// The size of the message, in bytes.
    package var byteCount: Int {
        sequences.reduce(WireHeader.size + 4 + 1 + bodySize) { $0 + 1 + Self.size(of: $1) }
    }

    private var bodySize: Int { body.byteCount + addition.byteCount - 5 }

    /// The size of a section of kind 1 behind its first byte.
    package static func size(of sequence: DocumentSequence) -> Int {
        sequence.documents.reduce(4 + sequence.identifier.utf8.count + 1) { $0 + $1.byteCount }
    }

    /// Writes the message to memory of at least ``byteCount`` bytes.
    package func write(to memory: UnsafeMutableRawBufferPointer) {
        var bytes = WireBytes(memory)
        WireHeader(
            messageLength: Int32(truncatingIfNeeded: byteCount), requestID: requestID, responseTo: 0, opcode: .message
        ).write(to: &bytes)
        bytes.uint32(flags.rawValue)
        bytes.byte(0)
        bytes.int32(Int32(truncatingIfNeeded: bodySize))
        body.withUnsafeBytes { bytes.bytes($0[4..<($0.count - 1)]) }
        addition.withUnsafeBytes { bytes.bytes($0[4...]) }
        for sequence in sequences {
            bytes.byte(1)
            bytes.int32(Int32(truncatingIfNeeded: Self.size(of: sequence)))
            var name = sequence.identifier
            name.withUTF8 { bytes.bytes(UnsafeRawBufferPointer($0)[...]) }
            bytes.byte(0)
            for document in sequence.documents { bytes.document(document) }
        }
    }
}

/// A server's answer.
package struct WireAnswer: Sendable {
    /// The document of the answer.
    package let document: BSONDocument
    /// The message it answers.
    package let responseTo: Int32
    /// The number of the answer.
    package let requestID: Int32
    /// Whether another answer follows without being asked for.
    package let moreToCome: Bool

    /// Reads a message that fills `buffer`; the document is a slice of it.
    /// - Parameter leavesBatches: Whether the documents of a cursor's batch stay unchecked.
    /// - Throws: ``WireError`` where the bytes are no answer.
    package init(_ buffer: BSONBuffer, leavesBatches: Bool = false) throws(WireError) {
        var reader = WireReader(buffer)
        let header = try WireHeader(&reader)
        guard Int(header.messageLength) == buffer.count else {
            throw WireError(.invalidLength, "the header says \(header.messageLength), there are \(buffer.count)", at: 0)
        }
        requestID = header.requestID
        responseTo = header.responseTo
        switch WireOpcode(rawValue: header.opcode) {
        case .message:
            let flags = WireMessageFlags(rawValue: try reader.uint32())
            let unknown = flags.rawValue & WireMessageFlags.required & ~WireMessageFlags.known.rawValue
            guard unknown == 0 else {
                throw WireError(.unknownKind, "unknown required flags \(String(unknown, radix: 16))", at: 16)
            }
            guard try reader.byte() == 0 else {
                throw WireError(.invalidSections, "an answer has one section of kind 0", at: reader.position)
            }
            moreToCome = flags.contains(.moreToCome)
            document = try Self.document(&reader, leavesBatches)
            let end = reader.position + (flags.contains(.checksumPresent) ? 4 : 0)
            guard end == buffer.count else {
                throw WireError(.invalidSections, "bytes behind the document", at: reader.position)
            }
            if flags.contains(.checksumPresent) { try WireRequest.verifyChecksum(&reader) }
        case .reply:
            for _ in 0..<4 { _ = try reader.int32() }  // flags, the cursor's id, startingFrom
            guard try reader.int32() == 1 else {
                throw WireError(.invalidSections, "an answer has one document", at: reader.position - 4)
            }
            moreToCome = false
            document = try Self.document(&reader, leavesBatches)
        case .query, .compressed, nil:
            throw WireError(.unknownKind, "no answer has the opcode \(header.opcode)", at: 12)
        }
    }

    /// The document, or the error that says why it cannot be had: the connection itself is in order.
    private static func document(_ reader: inout WireReader, _ leavesBatches: Bool) throws(WireError) -> BSONDocument {
        do throws(WireError) {
            return try reader.document(leavesBatches: leavesBatches)
        } catch {
            guard error.code == .tooDeep else { throw error }
            return MongoError(
                .overflow, "the server's answer is nested deeper than \(WireLimits.maximumDepth) levels"
            ).reply
        }
    }
}
