package import BSON

/// A message from a client: what it asks for, and how the answer has to look.
package struct WireRequest: Sendable {
    /// What the message asks for.
    package enum Content: Sendable {
        /// A command to run.
        case command(MongoCommand)
        /// Something well-formed that no server of today does; the client gets the error.
        case refused(MongoError)
    }

    /// The two shapes that answers have.
    package enum ReplyForm: Sendable, Hashable {
        /// OP_MSG, for OP_MSG.
        case message
        /// OP_REPLY, for OP_QUERY.
        case reply
    }

    /// The header of the message.
    package let header: WireHeader
    /// The flags; none for OP_QUERY.
    package let flags: WireMessageFlags
    /// The shape of the answer.
    package let replyForm: ReplyForm
    /// The read preference that came with it.
    package let readPreference: ReadPreference
    /// What it asks for.
    package let content: Content

    /// Whether the client waits for an answer.
    package var wantsReply: Bool { !flags.contains(.moreToCome) }

    /// Reads a message that fills `buffer`. Its documents are slices of the buffer.
    /// - Throws: ``WireError`` where the bytes are no message.
    package init(_ buffer: BSONBuffer) throws(WireError) {
        var reader = WireReader(buffer)
        let header = try WireHeader(&reader)
        guard Int(header.messageLength) == buffer.count else {
            throw WireError(.invalidLength, "the header says \(header.messageLength), there are \(buffer.count)", at: 0)
        }
        do throws(WireError) {
            switch WireOpcode(rawValue: header.opcode) {
            case .message: try self.init(message: &reader, header)
            case .query: try self.init(query: &reader, header)
            case .compressed: try self.init(compressed: &reader, header)
            case .reply, nil: throw WireError(.unknownKind, "no request has the opcode \(header.opcode)", at: 12)
            }
        } catch {
            guard error.code == .tooDeep else { throw error }
            self.init(tooDeep: buffer, header)
        }
    }

    private init(tooDeep buffer: BSONBuffer, _ header: WireHeader) {
        let isMessage = header.opcode == WireOpcode.message.rawValue
        let flags: WireMessageFlags = isMessage && Self.isUnacknowledged(buffer) ? .moreToCome : []
        self.init(header, flags: flags, isMessage ? .message : .reply, .refused(WireLimits.tooDeep))
    }

    /// Whether the bytes are an OP_MSG whose client wants no reply, seen without reading it whole.
    package static func isUnacknowledged(_ buffer: BSONBuffer) -> Bool {
        var reader = WireReader(buffer)
        guard let header = try? WireHeader(&reader), header.opcode == WireOpcode.message.rawValue,
            let flags = try? reader.uint32()
        else { return false }
        return WireMessageFlags(rawValue: flags).contains(.moreToCome)
    }

    private init(
        _ header: WireHeader, flags: WireMessageFlags = [], _ replyForm: ReplyForm,
        readPreference: ReadPreference = .primary, _ content: Content
    ) {
        self.header = header
        self.flags = flags
        self.replyForm = replyForm
        self.readPreference = readPreference
        self.content = content
    }
}

// MARK: - OP_MSG

extension WireRequest {
    private init(message reader: inout WireReader, _ header: WireHeader) throws(WireError) {
        let bits = try reader.uint32()
        let flags = WireMessageFlags(rawValue: bits)
        let unknown = bits & WireMessageFlags.required & ~WireMessageFlags.known.rawValue
        guard unknown == 0 else {
            throw WireError(.unknownKind, "unknown required flags \(String(unknown, radix: 16))", at: 16)
        }
        if flags.contains(.checksumPresent) { try Self.verifyChecksum(&reader) }

        var body: BSONDocument?
        var sequences: [DocumentSequence] = []
        while !reader.isAtEnd {
            let start = reader.position
            switch try reader.byte() {
            case 0:
                guard body == nil else { throw WireError(.invalidSections, "a second section of kind 0", at: start) }
                body = try reader.document()
            case 1:
                let sequence = try Self.sequence(&reader)
                guard !sequences.contains(where: { $0.identifier == sequence.identifier }) else {
                    throw WireError(.invalidSections, "two sequences are named \(sequence.identifier)", at: start)
                }
                sequences.append(sequence)
            case let kind:
                throw WireError(.unknownKind, "no section has the kind \(kind)", at: start)
            }
        }
        guard let body else { throw WireError(.invalidSections, "no section of kind 0", at: reader.position) }
        if !sequences.isEmpty, let twice = sequences.first(where: { body[$0.identifier] != nil }) {
            throw WireError(.invalidSections, "\(twice.identifier) is in the body and a sequence", at: 20)
        }
        guard let database = body["$db"]?.string else {
            let error = MongoError(ServerErrorCode(40571), "OP_MSG requests require a $db argument")
            self.init(header, flags: flags, .message, .refused(error))
            return
        }
        self.init(
            header, flags: flags, .message,
            readPreference: body["$readPreference"]?.document.map { ReadPreference(wire: $0) } ?? .primary,
            .command(MongoCommand(body, database: database, sequences: sequences)))
    }

    static func verifyChecksum(_ reader: inout WireReader) throws(WireError) {
        let end = reader.end - 4
        guard end >= reader.position else {
            throw WireError(.truncated, "the message ends before its checksum", at: reader.position)
        }
        let (computed, sent) = reader.buffer.withUnsafeBytes { bytes in
            (
                CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<end])),
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self))
            )
        }
        guard computed == sent else {
            throw WireError(.checksumMismatch, "the checksum is \(computed), the message says \(sent)", at: end)
        }
        reader.end = end
    }

    private static func sequence(_ reader: inout WireReader) throws(WireError) -> DocumentSequence {
        let start = reader.position
        let size = Int(try reader.int32())
        guard size >= 5, size <= reader.end - start else {
            throw WireError(.invalidLength, "a sequence of \(size) bytes in \(reader.end - start)", at: start)
        }
        let outer = reader.end
        reader.end = start + size
        let identifier = try reader.cString()
        var documents: [BSONDocument] = []
        while !reader.isAtEnd { documents.append(try reader.document()) }
        reader.end = outer
        return DocumentSequence(identifier, documents)
    }
}

// MARK: - OP_QUERY and OP_COMPRESSED

extension WireRequest {
    private init(query reader: inout WireReader, _ header: WireHeader) throws(WireError) {
        let flags = try reader.uint32()
        let namespace = try reader.cString()
        _ = try reader.int32()  // numberToSkip
        _ = try reader.int32()  // numberToReturn
        let query = try reader.document()
        if !reader.isAtEnd { _ = try reader.document() }  // returnFieldsSelector
        guard reader.isAtEnd else {
            throw WireError(.invalidSections, "bytes after the end of OP_QUERY", at: reader.position)
        }
        guard namespace.hasSuffix(".$cmd"), namespace.utf8.count > 5 else {
            let error = MongoError(
                ServerErrorCode(352), "Unsupported OP_QUERY command: find. The client driver may require an upgrade.")
            self.init(header, .reply, .refused(error))
            return
        }

        // A command with a read preference comes wrapped; old clients leave the dollar out.
        let body =
            query["$query"]?.document ?? query["query"]?.document.flatMap { Self.first(query, "query") ? $0 : nil }
        let secondaryOK = flags & 4 != 0
        let preference = (query["$readPreference"] ?? body?["$readPreference"])?.document
        self.init(
            header, .reply,
            readPreference: preference.map { ReadPreference(wire: $0) }
                ?? (secondaryOK ? ReadPreference(.secondaryPreferred) : .primary),
            .command(MongoCommand(body ?? query, database: String(namespace.dropLast(5)))))
    }

    private static func first(_ document: BSONDocument, _ key: String) -> Bool {
        var fields = document.makeIterator()
        return fields.next()?.key == key
    }

    private init(compressed reader: inout WireReader, _ header: WireHeader) throws(WireError) {
        let original = try reader.int32()
        let size = try reader.int32()
        let compressor = try reader.byte()
        guard size >= 0, Int(size) <= WireLimits.maximumMessageSize else {
            throw WireError(.invalidLength, "a compressed message of \(size) bytes", at: 20)
        }
        // `hello` offers no compressor, so this client did not listen. It still learns why nothing comes of it.
        let error = MongoError(
            .protocolError, "the server does not take compressed messages (compressor \(compressor))")
        self.init(header, original == WireOpcode.query.rawValue ? .reply : .message, .refused(error))
    }
}

extension ReadPreference {
    /// Reads `$readPreference`; what is not understood counts as the primary alone.
    package init(wire document: BSONDocument) {
        let mode = document["mode"]?.string.flatMap { Mode(rawValue: $0) } ?? .primary
        let tags = document["tags"]?.array?.compactMap(\.document).map { set in
            Dictionary(set.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first })
        }
        let staleness = document["maxStalenessSeconds"]?.int.flatMap { $0 >= 0 ? $0 : nil }
        self.init(mode, tagSets: tags ?? [], maxStalenessSeconds: staleness)
    }
}
