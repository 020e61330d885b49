internal import HTTPTypes
internal import Nectar

/// What the web is told of an error: whose fault it is, and whether trying again helps.
///
/// The database's codes have their places here and nowhere else. What has no row is the application's own fault or the
/// database's, a 500 that tells nothing.
struct StatusRow: Sendable {
    /// The answer's status.
    let status: HTTPResponse.Status
    /// The sentence for the web.
    let sentence: String
    /// Whether the database's own words follow. They do where they repeat what the client sent and nothing else.
    var givesReason = false
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
    private static let fault = StatusRow(status: .internalServerError, sentence: "Something went wrong.")

    private static let all: [StatusRow] = [
        duplicate,
        StatusRow(
            // NamespaceNotFound
            status: .notFound, sentence: "There is no such document.", kinds: [.notFound], codes: [26]),
        StatusRow(
            status: .badRequest, sentence: "The database cannot take this", givesReason: true,
            codes: [
                // The shape of a query, an update or a pipeline: BadValue, FailedToParse, TypeMismatch, Overflow,
                // InvalidLength, InvalidBSON, PathNotViable, BadValue's kin Location34, ConflictingUpdateOperators,
                // InvalidPipelineOperator.
                2, 9, 14, 15, 16, 22, 28, 34, 40, 168,
                // The fields of a document: DollarPrefixedFieldName, InvalidIdField, NotSingleValueField,
                // EmptyFieldName, DottedFieldName, ImmutableField, ConversionFailure.
                52, 53, 54, 56, 57, 66, 241,
                // Regular expressions: their options, their pattern, a NUL byte in one.
                51075, 51091, 51108, 51109, 51111, 51156,
                // Projections: unknown or conflicting paths, exclusion beside inclusion, wrong operators.
                28667, 28724, 31249, 31250, 31252, 31253, 31254, 31256, 31271, 31274, 31276, 31308, 31394, 31395, 40352,
                51246, 51247, 51270,
                // Pipelines: unknown stages, stages of more than one field, unknown operators.
                15955, 16436, 40228, 40234, 40323, 40324,
            ]),
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
            mayBeRepeated: true, kinds: [.network, .closed],
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
