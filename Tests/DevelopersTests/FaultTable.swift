import Testing

/// A fault that a product must not have, by its number in the list of them, what is right in its place, and the tests
/// that show it. The tests are named as functions, so that a row cannot name one that is not there.
struct FaultRow: Sendable {
    let number: Int
    let right: String

    init<each Suite>(_ number: Int, _ right: String, _ test: repeat (each Suite) -> () async throws -> Void) {
        self.number = number
        self.right = right
    }
}

/// All faults of the two-database tutorial: each is either shown to be mended, or left out for a reason.
@Suite("The list of faults")
struct FaultTable {
    static let count = 58

    /// What belongs to logins, roles and rate limits, which the application does not have.
    static let leftOut: [(number: Int, reason: String)] = [
        (48, "who may read and change what: needs logins and roles")
    ]

    static let answers: [FaultRow] = [
        FaultRow(1, "a failure has a status of 4xx or 5xx", AnswerTests.statuses, FailureTests.sqlAway),
        FaultRow(2, "create: 201, Location, the row", AnswerTests.life),
        FaultRow(3, "update of an unknown id: 404", AnswerTests.missing),
        FaultRow(4, "delete of an unknown id: 404", AnswerTests.missing, AnswerTests.life),
        FaultRow(5, "delete of an unknown record: 404", AnswerTests.missing),
        FaultRow(6, "marking an unknown record: 404, nothing stored", AnswerTests.missing),
        FaultRow(7, "marking a deleted record: 404, nothing stored", AnswerTests.missing),
        FaultRow(8, "a malformed record id: 404 in words of our own", AnswerTests.missing),
        FaultRow(9, "the framework's errors are JSON; Allow stays", AnswerTests.problems),
        FaultRow(10, "no text of the inside", AnswerTests.inside, FailureTests.sqlAway),
        FaultRow(
            11, "a body that is no object: 400", AnswerTests.inside, ValidationTests.create, ValidationTests.update),
        FaultRow(12, "address and method are looked at before the body", AnswerTests.problems),
        FaultRow(13, "one row and one record can be read", AnswerTests.life, LogTests.marking),
        FaultRow(14, "paging and filters; unknown parameters: 400", AnswerTests.pages),
        FaultRow(15, "lists have a limit", AnswerTests.pages),
        FaultRow(16, "Accept without JSON: 406", AnswerTests.negotiation),
    ]

    static let validation: [FaultRow] = [
        FaultRow(17, "each missing field is named: 422", ValidationTests.create),
        FaultRow(18, "each unknown field is named, an id too: 422", ValidationTests.create),
        FaultRow(19, "trimmed; blank and control characters: 422", ValidationTests.create, ValidationTests.text),
        FaultRow(20, "at most 255 characters of any kind", ValidationTests.create, ValidationTests.text),
        FaultRow(21, "spaces count as other characters do", ValidationTests.create),
        FaultRow(22, "numbers and truth values are no text: 422", ValidationTests.create, ValidationTests.update),
        FaultRow(23, "lists are no text: 422", ValidationTests.create, ValidationTests.update),
        FaultRow(24, "objects are no text: 422", ValidationTests.create, ValidationTests.update),
        FaultRow(25, "NaN: 400; listings are valid JSON", ValidationTests.create, ValidationTests.notANumber),
        FaultRow(26, "no body is a server error", ValidationTests.create, ValidationTests.huge),
        FaultRow(27, "a body has a limit: 413", ValidationTests.create, ValidationTests.update),
        FaultRow(28, "an update of nothing: 422", ValidationTests.update),
        FaultRow(29, "the id is read-only; an equal one passes", ValidationTests.update),
        FaultRow(30, "automatic ids count on", ValidationTests.update),
        FaultRow(31, "an update does not empty a field: 422", ValidationTests.update),
        FaultRow(32, "one spelling for each id", ValidationTests.update, AnswerTests.problems),
        FaultRow(33, "a key twice: 400", ValidationTests.create, ValidationTests.update),
        FaultRow(34, "UTF-8 only, no byte order mark", ValidationTests.encoding),
        FaultRow(35, "namesakes may exist, as a stated choice", ValidationTests.namesakes),
    ]

    static let logs: [FaultRow] = [
        FaultRow(36, "every request leaves a record with its status", LogTests.everyRequest),
        FaultRow(37, "records hold facts, no bodies", LogTests.everyRequest),
        FaultRow(38, "secrets are masked", LogTests.addresses, LogTests.everyRequest),
        FaultRow(39, "each change and failure has a record", LogTests.changes, FailureTests.sqlAway),
        FaultRow(40, "time, status, duration and request id", LogTests.joined, LogTests.everyRequest),
        FaultRow(41, "errors by class and code, no values", LogTests.changes),
        FaultRow(42, "marked records are left out unless asked for", LogTests.marking),
        FaultRow(43, "reading the logs leaves no record", LogTests.marking),
        // The limit of a caller's rate belongs to the middleware of logins; what is kept is bounded here.
        FaultRow(44, "records go by themselves", LogTests.retention),
        FaultRow(45, "addresses as received, no claimed host", LogTests.addresses),
        FaultRow(46, "no body and an empty one differ", LogTests.bytes),
        FaultRow(47, "the body of PUT is checked", LogTests.marking),
    ]

    static let failures: [FaultRow] = [
        FaultRow(49, "creates at the same moment all succeed", FailureTests.parallel, MariaDBAppTests.parallel),
        FaultRow(50, "answers and rows agree", FailureTests.parallel, MariaDBAppTests.parallel),
        FaultRow(51, "the call after a lost connection works", FailureTests.sqlBack, MariaDBAppTests.restart),
        FaultRow(52, "SQL away: 503, Retry-After", FailureTests.sqlAway, MariaDBAppTests.restart),
        FaultRow(53, "it starts without SQL", FailureTests.sqlAway, FailureTests.sqlBack, MariaDBAppTests.restart),
        FaultRow(54, "logs away: rows are served, /logs is 503", FailureTests.mongoAway),
        FaultRow(55, "a log that fails changes no answer", FailureTests.mongoAway, FailureTests.mongoRefuses),
        FaultRow(56, "nor where the error cannot be written", FailureTests.mongoAway, FailureTests.mongoRefuses),
        FaultRow(57, "no debugger", AnswerTests.problems),
        FaultRow(58, "a stated policy for other sites: none may", AnswerTests.negotiation),
    ]

    @Test("Each of the 58 is shown or left out for a reason, and none is both")
    func complete() {
        let shown = [Self.answers, Self.validation, Self.logs, Self.failures].flatMap { $0.map(\.number) }
        #expect(Array(1...Self.count) == (shown + Self.leftOut.map(\.number)).sorted())
        #expect(Self.leftOut.allSatisfy { !$0.reason.isEmpty })
    }
}
