internal import HTTPTypes
internal import Nectar

/// What the web is told of an error: whose fault it is, and whether trying again helps.
///
/// The database's codes have their places here and nowhere else. What has no row is the application's own fault or the
/// database's, a 500 that tells nothing: a query that the database cannot take was made by the application, also where it
/// put a client's values into it unread.
struct StatusRow: Sendable {
    /// The answer's status.
    let status: HTTPResponse.Status
    /// The sentence for the web.
    let sentence: String
    /// Whether the client is told when to try again.
    var mayBeRepeated = false
    /// The errors without a code of a server's.
    var kinds: [MongoError.Kind] = []
    /// The server's codes.
    var codes: Set<Int32> = []

    /// The row of an error.
    static func of(_ error: MongoError) -> StatusRow {
        if error.isDuplicateKey { return duplicate }
        if let code = error.code?.rawValue, let row = all.first(where: { $0.codes.contains(code) }) { return row }
        return all.first { $0.kinds.contains(error.kind) } ?? fault
    }

    private static let duplicate = StatusRow(status: .conflict, sentence: "There is such a document already.")
    /// Tells nothing.
    static let fault = StatusRow(status: .internalServerError, sentence: "Something went wrong.")

    private static let all: [StatusRow] = [
        duplicate,
        StatusRow(
            // NamespaceNotFound
            status: .notFound, sentence: "There is no such document.", kinds: [.notFound], codes: [26]),
        StatusRow(
            // BSONObjectTooLarge, and Location17419 and its kin for what an update would make too large
            status: .contentTooLarge, sentence: "The document is too large.", codes: [10334, 17280, 17419, 17420]),
        StatusRow(
            // DocumentValidationFailure
            status: .unprocessableContent, sentence: "The document is not valid.", codes: [121]),
        StatusRow(
            // MaxTimeMSExpired, NetworkTimeout, NetworkInterfaceExceededTimeLimit, ExceededTimeLimit
            status: .gatewayTimeout, sentence: "The database took too long to answer.", kinds: [.timeout],
            codes: [50, 89, 202, 262]),
        StatusRow(
            status: .serviceUnavailable, sentence: "The database does not answer at the moment. Please try again.",
            mayBeRepeated: true, kinds: [.network, .serverSelection, .closed],
            codes: [
                // HostUnreachable, HostNotFound, ShutdownInProgress, WriteConflict, FailedToSatisfyReadPreference,
                // PrimarySteppedDown, SocketException
                6, 7, 91, 112, 133, 189, 9001,
                // NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk,
                // NotPrimaryOrSecondary, OutOfDiskSpace
                10107, 11600, 11602, 13435, 13436, 14031,
            ]),
    ]
}
