/// What is true of each row of a table.
public struct Check: Sendable {
    enum Content: Sendable {
        case expression(SQLExpression)
        case words(String)
    }

    /// The name; nil where a database was given none.
    public let name: String?
    let content: Content

    init(_ name: String?, _ content: Content) {
        self.name = name
        self.content = content
    }

    /// The condition as SQL; of a check that was found in a database, what that says.
    public func sql(_ dialect: SQLDialect = .sqlite) throws(SQLError) -> String {
        var writer = SQLWriter(dialect)
        writer.qualifies = false
        writer.inlines = true
        try write(to: &writer)
        return writer.text
    }

    func write(to writer: inout SQLWriter) throws(SQLError) {
        switch content {
        case .expression(let expression): try writer.expression(expression)
        case .words(let words): writer.append(words)
        }
    }
}
