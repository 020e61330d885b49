/// The texts or numbers one after the other; null where one of them is.
public func concat(_ first: SQLExpression, _ others: SQLExpression...) -> SQLExpression {
    others.reduce(first) { $0.concat($1) }
}

/// The greatest of some values of a row; null where one of them is.
public func greatest(_ first: SQLExpression, _ second: SQLExpression, _ others: SQLExpression...) -> SQLExpression {
    SQLExpression(.function("greatest", [first, second] + others, distinct: false))
}

/// The least of some values of a row; null where one of them is.
public func least(_ first: SQLExpression, _ second: SQLExpression, _ others: SQLExpression...) -> SQLExpression {
    SQLExpression(.function("least", [first, second] + others, distinct: false))
}

extension SQLExpression {
    /// The text in lower case.
    public var lower: SQLExpression { call("lower") }
    /// The text in upper case.
    public var upper: SQLExpression { call("upper") }
    /// How many characters the text has.
    public var length: SQLExpression { call("char_length") }
    /// The text without spaces at its ends.
    public var trimmed: SQLExpression { call("trim") }
    /// A part of the text.
    /// - Parameters:
    ///   - start: The first character, from 1; a negative number counts from the end.
    ///   - count: How many characters; all to the end where nil.
    public func substring(from start: SQLExpression, count: SQLExpression? = nil) -> SQLExpression {
        count.map { call("substr", start, $0) } ?? call("substr", start)
    }
    /// The text with another text for each place where this one stands.
    public func replacing(_ text: SQLExpression, with other: SQLExpression) -> SQLExpression {
        call("replace", text, other)
    }
    /// The value of the first expression that has one.
    public func coalesce(_ other: SQLExpression, _ others: SQLExpression...) -> SQLExpression {
        SQLExpression(.function("coalesce", [self, other] + others, distinct: false))
    }
    /// The value, or none where it is equal to the other.
    public func nullIf(_ other: SQLExpression) -> SQLExpression { call("nullif", other) }
    /// The number without its sign.
    public var absolute: SQLExpression { call("abs") }
    /// The number with so many digits behind the point. Half a last digit goes away from zero; a double's, in MySQL, to the
    /// even one.
    public func rounded(_ digits: Int = 0) -> SQLExpression { call("round", .value(digits)) }

    /// In the order of a collation of the database, such as `NOCASE` or `utf8mb4_bin`.
    public func collate(_ name: String) -> SQLExpression { SQLExpression(.collate(self, name)) }
    /// A group's texts in one, in no certain order.
    public func joined(separator: String = ",") -> SQLExpression { SQLExpression(.joinedTexts(self, separator)) }
    /// A value within a JSON text, by the names of fields and the positions in lists: `d.extra.json("tags", 0)`.
    ///
    /// It is a text or a number, and null where there is none, or where it is a list, an object or JSON's own null.
    public func json(_ path: any SQLPathPart...) -> SQLExpression { SQLExpression(.json(self, path.map(\.pathPart))) }

    /// Of an aggregate function: only of rows for which the condition holds: `count().filter(d.id > 3)`.
    public func filter(_ condition: SQLExpression) -> SQLExpression {
        switch node {
        case .countAll: return count(caseWhen((condition, 1)))
        case .function(let name, let arguments, let distinct):
            guard let first = arguments.first else { break }
            let chosen = [caseWhen((condition, first))] + arguments.dropFirst()
            return SQLExpression(.function(name, chosen, distinct: distinct))
        case .joinedTexts(let inner, let separator):
            return SQLExpression(.joinedTexts(caseWhen((condition, inner)), separator))
        default: break
        }
        return SQLExpression(.invalid("Only an aggregate function of a value has a filter"))
    }

    private func call(_ name: String, _ others: SQLExpression...) -> SQLExpression {
        SQLExpression(.function(name, [self] + others, distinct: false))
    }
}

/// A step on the way to a value within JSON: a field's name or a position.
public protocol SQLPathPart: Sendable {
    /// The step as a path has it.
    var pathPart: String { get }
}

extension String: SQLPathPart {
    /// A field's name, in quotes. A quote within leads nowhere: no database reads it alike.
    public var pathPart: String { ".\"\(self)\"" }
}

extension Int: SQLPathPart {
    /// A position from 0.
    public var pathPart: String { "[\(self)]" }
}

extension SQLDialect {
    /// What functions are called in SQLite; other names are the same everywhere, or the caller's affair.
    private static let namesInSQLite = ["char_length": "length", "greatest": "max", "least": "min"]

    /// The dialect's name for a function.
    func functionName(_ name: String) -> String {
        family == .sqlite ? Self.namesInSQLite[name] ?? name : name
    }
}

extension SQLWriter {
    mutating func joinedTexts(_ inner: SQLExpression, _ separator: String) throws(SQLError) {
        append("group_concat(")
        try expression(inner)
        append(dialect.family == .sqlite ? ", " : " SEPARATOR ")
        append(dialect.literal(.text(separator)) + ")")
    }

    mutating func json(_ inner: SQLExpression, _ path: [String]) throws(SQLError) {
        guard !path.isEmpty, path.allSatisfy({ !$0.dropFirst(2).dropLast().contains { $0 == "\"" || $0 == "\\" } })
        else {
            throw SQLError(.usage, "A path within JSON has steps, and their names neither quotes nor backslashes")
        }
        guard path.allSatisfy({ !$0.hasPrefix("[-") }) else { throw SQLError(.usage, "Positions count from 0") }
        let literal = dialect.literal(.text("$" + path.joined()))
        guard dialect.family == .sqlite else {
            append("json_value(")
            try expression(inner)
            return append(", \(literal))")
        }
        // What has parts is no value, and json_value gives none there.
        append("CASE WHEN json_type(")
        try expression(inner)
        append(", \(literal)) NOT IN ('array', 'object') THEN json_extract(")
        try expression(inner)
        append(", \(literal)) END")
    }
}
