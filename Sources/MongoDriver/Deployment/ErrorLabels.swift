internal import BSON
internal import MongoProtocol

/// Which errors pass by themselves, after the driver specifications "Retryable Reads" and "Retryable Writes".
enum ErrorLabels {
    static let retryableWrite = "RetryableWriteError"
    static let noWritesPerformed = "NoWritesPerformed"
    static let transientTransaction = "TransientTransactionError"

    /// Codes after which a read is worth another try.
    private static let retryableReadCodes: Set<Int32> = [
        6, 7, 89, 91, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
    ]
    /// Codes after which a write is, for servers that put no label on them (before MongoDB 4.4).
    private static let retryableWriteCodes: Set<Int32> = [
        6, 7, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
    ]

    /// Whether a read that failed so may be sent again.
    static func isRetryableRead(_ error: MongoError) -> Bool {
        if isNetwork(error) { return true }
        guard error.kind == .server else { return false }
        if let code = error.code { return retryableReadCodes.contains(code.rawValue) }
        return ServerStateChange(code: nil, message: error.message) != nil
    }

    /// Whether the connection broke, or did not answer in time.
    private static func isNetwork(_ error: MongoError) -> Bool {
        error.kind == .network || (error.kind == .timeout && error.code == nil && error.address != nil)
    }

    /// Puts the labels on the failure of a write that may be sent again.
    static func label(_ error: inout MongoError, maxWireVersion: Int, isMongos: Bool) {
        if isNetwork(error) {
            error.labels.insert(retryableWrite)
        } else if maxWireVersion < 9, let code = error.code {
            // A router passes on errors of write concerns that its shards have met already.
            if error.kind == .server || (error.kind == .write && error.writeErrors.isEmpty && !isMongos),
                retryableWriteCodes.contains(code.rawValue)
            {
                error.labels.insert(retryableWrite)
            }
        }
    }
}
