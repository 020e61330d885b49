/// What SQLite's result codes mean. Extended codes stand before the primary ones that they belong to.
enum SQLiteErrors {
    private static let kinds: [(codes: Set<Int32>, kind: SQLError.Kind)] = [
        ([1555, 2067, 2579], .uniqueViolation),
        ([787], .foreignKeyViolation),
        ([1299], .notNullViolation),
        ([275], .checkViolation),
        ([3091, 20], .invalidValue),
        // A reader that wants to write after another has written.
        ([517], .deadlock),
        ([5, 6, 261, 262, 773], .lockTimeout),
        ([18], .dataTooLong),
        ([9], .cancelled),
        ([10, 11, 14, 26], .connectionFailed),
    ]

    /// What SQLite's words say where its code is the general one.
    private static let words: [(part: String, kind: SQLError.Kind)] = [
        ("no such table", .notFound), ("no such column", .notFound), ("has no column named", .notFound),
        ("no such index", .notFound), ("no such view", .notFound), ("too many SQL variables", .usage),
        ("already exists", .alreadyExists), ("syntax error", .syntax),
        ("incomplete input", .syntax), ("unrecognized token", .syntax), ("no such function", .syntax),
    ]

    static func error(code: Int32, message: String) -> SQLError {
        // The primary code is the extended one's low byte.
        var kind =
            kinds.first { $0.codes.contains(code) }?.kind ?? kinds.first { $0.codes.contains(code & 0xff) }?.kind
            ?? .other
        if kind == .other { kind = words.first { message.contains($0.part) }?.kind ?? .other }
        if kind == .checkViolation {
            if message.contains(SQLiteChecks.lengthPrefix) { kind = .dataTooLong }
            if message.contains(SQLiteChecks.valuePrefix) { kind = .invalidValue }
        }
        return SQLError(kind, message, code: Int(code))
    }
}
