/// A statement written by hand, for what the expression language does not have.
///
/// The text is a literal of the program, so that nothing from outside can be in it; values are bound to its `?`s.
public struct TextStatement: SQLQuery {
    let text: String
    let parameters: [SQLValue]
    /// Whether it only reads.
    public let isReadOnly: Bool

    /// A statement and the values for its `?`s.
    public init(_ text: StaticString, _ parameters: [SQLValue] = [], isReadOnly: Bool = false) {
        self.init(text: text.description, parameters, isReadOnly: isReadOnly)
    }

    init(text: String, _ parameters: [SQLValue] = [], isReadOnly: Bool = false) {
        self.text = text
        self.parameters = parameters
        self.isReadOnly = isReadOnly
    }

    /// Writes the text as it is.
    public func write(to writer: inout SQLWriter) {
        writer.append(text)
        for value in parameters { writer.check(value) }
        writer.parameters += parameters
    }
}
