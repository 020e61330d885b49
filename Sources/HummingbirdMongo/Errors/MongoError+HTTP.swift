public import BSON
public import HTTPTypes
public import Hummingbird
internal import Logging
public import Nectar

extension MongoError: HTTPResponseError {
    /// The HTTP status that tells a client of this error: whose fault it is and whether trying again helps.
    ///
    /// | status | error |
    /// |---|---|
    /// | 400 | a query, an update or a document that the database cannot take: `BadValue`, `FailedToParse`, `TypeMismatch`, … |
    /// | 404 | what is asked for is not there |
    /// | 409 | a duplicate key |
    /// | 413 | a document beyond 16 MiB |
    /// | 422 | a document that the collection's validator refuses |
    /// | 503 | the database is away, is shutting down or cannot write now |
    /// | 504 | the time limit passed |
    /// | 500 | everything else: a fault of the application or the database |
    public var status: HTTPResponse.Status { StatusRow.of(self).status }

    /// The error for the web: a status and a sentence. The database's own words are part of it only with a 400, where
    /// they repeat what the client sent.
    public var httpError: HTTPError {
        let row = StatusRow.of(self)
        let sentence = row.givesReason ? "\(row.sentence): \(Self.line(message))" : row.sentence
        return HTTPError(row.status, headers: row.mayBeRepeated ? [.retryAfter: "1"] : [:], message: sentence)
    }

    /// Answers with ``httpError``; what the web is not told goes to the log.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        if status.code >= 500 {
            context.logger.error("A database operation failed", metadata: ["error": "\(self)"])
        }
        return try httpError.response(from: request, context: context)
    }

    /// A server's message on one line and of bearable length: it may repeat a whole query.
    private static func line(_ message: String) -> String {
        let text = String(message.prefix(300).map { $0.isNewline ? " " : $0 })
        return message.count > 300 ? text + "…" : text
    }
}

extension BSONError: HTTPResponseError {
    /// 400 for text from a client that is no JSON, 413 for too much of it, 500 for bytes that are no BSON: those come from
    /// the database.
    public var status: HTTPResponse.Status {
        switch code {
        case .invalidJSON, .invalidUTF8, .tooDeep: .badRequest
        case .tooLarge: .contentTooLarge
        default: .internalServerError
        }
    }

    /// Answers with what is wrong and where, unless it is the database's fault, which goes to the log.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        guard status.code < 500 else {
            context.logger.error("A document is damaged", metadata: ["error": "\(self)"])
            return try HTTPError(status, message: "Something went wrong.").response(from: request, context: context)
        }
        return try HTTPError(status, message: "This is no usable JSON: \(self)")
            .response(from: request, context: context)
    }
}
