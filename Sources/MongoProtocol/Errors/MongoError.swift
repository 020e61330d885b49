public import BSON

/// The one error of clients, deployments and the engine.
public struct MongoError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The name, stable across releases.
        public let description: String
        init(_ name: String) { description = name }
        /// The server answered with an error.
        public static let server = Kind("server")
        /// Some writes of a command failed; ``MongoError/writeErrors`` says which.
        public static let write = Kind("write")
        /// The connection failed.
        public static let network = Kind("network")
        /// A deadline passed.
        public static let timeout = Kind("timeout")
        /// No server that can take the operation was found in time: the database is away. Nothing was sent.
        public static let serverSelection = Kind("serverSelection")
        /// The caller's arguments or configuration are not usable.
        public static let usage = Kind("usage")
        /// What was asked for by its name or id is not there.
        public static let notFound = Kind("notFound")
        /// What is stored does not hold together, such as a file with a chunk missing.
        public static let corruptData = Kind("corruptData")
        /// The task was cancelled. Operations throw `CancellationError`; events bear this kind.
        public static let cancelled = Kind("cancelled")
        /// The client was closed.
        public static let closed = Kind("closed")
    }

    /// The failure of one write of a command.
    public struct WriteError: Sendable {
        /// The place of the write in the command, from 0.
        public let index: Int
        /// The error's number.
        public let code: ServerErrorCode
        /// The server's words.
        public let message: String
        /// The whole entry of `writeErrors`, with `keyPattern` and `keyValue` of a duplicate key.
        public let document: BSONDocument
        /// Makes a write's failure.
        public init(index: Int, code: ServerErrorCode, message: String, document: BSONDocument) {
            self.index = index
            self.code = code
            self.message = message
            self.document = document
        }
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// The server's error number, nil where no server answered.
    public var code: ServerErrorCode?
    /// What happened, and what to do where that is known.
    public var message: String
    /// Labels such as `TransientTransactionError` and `RetryableWriteError`.
    public var labels: Set<String> = []
    /// The command that failed.
    public var command: String?
    /// The server it was sent to, `host:port`, nil in process.
    public var address: String?
    /// Failures of single writes.
    public var writeErrors: [WriteError] = []
    /// The reply, or further fields of an error reply.
    public var details = BSONDocument()

    /// Makes an error of any kind.
    public init(_ kind: Kind, _ message: String, code: ServerErrorCode? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    /// Makes a server's error.
    /// - Parameter details: Fields to add to the error reply.
    public init(_ code: ServerErrorCode, _ message: String, details: BSONDocument = [:]) {
        self.init(.server, message, code: code)
        self.details = details
    }

    /// Whether a unique index refused the write.
    public var isDuplicateKey: Bool {
        code == .duplicateKey || writeErrors.contains { $0.code == .duplicateKey }
    }

    /// The kind, the number, the command and the message in one line.
    public var description: String {
        let number = code.map { " \($0.rawValue) (\($0))" } ?? ""
        return "\(kind) error\(number)\(command.map { " of \($0)" } ?? ""): \(message)"
    }

    /// The reply that tells a client of this error.
    public var reply: BSONDocument {
        let code = code ?? .internalError
        var writer = BSONWriter()
        writer.append("ok", .double(0))
        writer.append("errmsg", .string(message))
        writer.append("code", .int32(code.rawValue))
        writer.append("codeName", .string(code.description))
        if !labels.isEmpty { writer.append("errorLabels", .array(BSONArray(labels.sorted().map { .string($0) }))) }
        for (key, value) in details { writer.append(key, value) }
        return writer.finish()
    }

    /// Reads an error reply; nil where the reply is no error. Failures of single writes count as errors.
    public init?(reply: BSONDocument, command: String, address: @autoclosure () -> String? = nil) {
        if ReplySummary(reply).isSuccess { return nil }
        let labels = Set(reply["errorLabels"]?.array?.compactMap(\.string) ?? [])
        if (reply["ok"]?.double ?? 0) != 1 {
            self.init(
                .server, reply["errmsg"]?.string ?? "the server gave no reason",
                code: (reply["code"]?.int64).flatMap { Int32(exactly: $0) }.map { ServerErrorCode($0) })
            details = reply
        } else if let errors = reply["writeErrors"]?.array, !errors.isEmpty {
            let failures = errors.compactMap(\.document).map {
                WriteError(
                    index: $0["index"]?.int ?? 0,
                    code: ServerErrorCode(Int32(truncatingIfNeeded: $0["code"]?.int64 ?? 8)),
                    message: $0["errmsg"]?.string ?? "", document: $0)
            }
            self.init(.write, failures.first?.message ?? "a write failed", code: failures.first?.code)
            writeErrors = failures
            details = reply
        } else if let concern = reply["writeConcernError"]?.document {
            self.init(
                .write, concern["errmsg"]?.string ?? "the write concern was not met",
                code: ServerErrorCode(Int32(truncatingIfNeeded: concern["code"]?.int64 ?? 64)))
            details = reply
        } else {
            return nil
        }
        self.labels = labels
        self.command = command
        self.address = address()
    }
}
