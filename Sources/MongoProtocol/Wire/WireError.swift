/// What is wrong with the bytes of a message, and where. The connection they came on cannot be trusted any further.
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault.
    package enum Code: String, Sendable, Hashable {
        /// A length that is negative, too small or beyond what is there.
        case invalidLength
        /// A message or a field that ends too early.
        case truncated
        /// An opcode, a flag or a section that nobody knows.
        case unknownKind
        /// Sections that contradict each other.
        case invalidSections
        /// Bytes that are no valid BSON.
        case invalidBSON
        /// Documents nested deeper than ``WireLimits/maximumDepth``. The message has its bounds all the same, so that it can be
        /// answered.
        case tooDeep
        /// A checksum that does not agree with the bytes.
        case checksumMismatch
    }

    /// The kind of fault.
    package let code: Code
    /// What was expected and what was found.
    package let message: String
    /// The offset of the fault in the message, in bytes.
    package let offset: Int

    package init(_ code: Code, _ message: String, at offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The fault, its place and its kind in one line.
    package var description: String { "\(message) (at byte \(offset), \(code.rawValue))" }
}

/// What a message may be at most.
package enum WireLimits {
    /// The largest message, in bytes: `maxMessageSizeBytes` of `hello`.
    package static let maximumMessageSize = 48_000_000
    /// The deepest nesting of a command or a reply, MongoDB's: more than a stored document may have, since a pipeline's
    /// stages and a reply put levels around it.
    package static let maximumDepth = 200

    /// The error of a command that is nested deeper.
    static var tooDeep: MongoError {
        MongoError(.overflow, "BSONObj exceeded maximum nested object depth: \(maximumDepth)")
    }
}
