/// What is wrong with BSON bytes or with JSON text, and where.
public struct BSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the fault, stable across releases.
        public let description: String
        init(_ name: String) { description = name }

        /// A length, a type byte or a terminator that the bytes do not bear out.
        public static let malformed = Code("malformed")
        /// A string that is not UTF-8.
        public static let invalidUTF8 = Code("invalidUTF8")
        /// Documents nested deeper than the limit.
        public static let tooDeep = Code("tooDeep")
        /// A document larger than the limit.
        public static let tooLarge = Code("tooLarge")
        /// Text that is not JSON, or not the Extended JSON it claims to be.
        public static let invalidJSON = Code("invalidJSON")
    }

    /// The kind of fault.
    public let code: Code
    /// What was expected and what was found.
    public let message: String
    /// The offset of the fault in the input, in bytes.
    public let offset: Int

    /// Makes an error; `offset` counts bytes from the start of the input.
    public init(_ code: Code, _ message: String, at offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The fault, its place and its kind in one line.
    public var description: String { "\(message) (at byte \(offset), \(code))" }
}
