internal import BSON

/// What is wrong with one field.
public struct FieldProblem: Sendable, Hashable, CustomStringConvertible {
    /// The dotted path of the field, as it is stored.
    public var path: String
    /// What is wrong, to read behind the path.
    public var message: String

    /// Names a problem.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// The path and the message.
    public var description: String { "\(path) \(message)" }
}

/// A document that cannot be read as its type, or one that breaks the rules of its type. It names all fields at once.
public struct DocumentError: Error, Sendable, CustomStringConvertible {
    /// What was tried.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The name, stable across releases.
        public let description: String
        init(_ name: String) { description = name }
        /// A stored document lacks fields or holds other types.
        public static let unreadable = Kind("unreadable")
        /// A value breaks the rules of its fields, and was not saved.
        public static let invalid = Kind("invalid")
        /// A field was asked for that a query for some fields has left out.
        public static let notRetrieved = Kind("not retrieved")
    }

    /// What was tried.
    public let kind: Kind
    /// The name of the Swift type.
    public let type: String
    /// All that is wrong, in the order of the fields.
    public let problems: [FieldProblem]

    /// Makes an error.
    public init(_ kind: Kind, type: String, _ problems: [FieldProblem]) {
        self.kind = kind
        self.type = type
        self.problems = problems
    }

    /// All problems in one line.
    public var description: String {
        "\(kind) \(type): \(problems.map(\.description).joined(separator: "; "))"
    }
}
