public import HTTPTypes
public import Hummingbird
internal import Logging
public import Nectar

extension MongoError: HTTPResponseError {
    /// The HTTP status that tells a client of this error: whose fault it is and whether trying again helps.
    public var status: HTTPResponse.Status {
        if isDuplicateKey { return .conflict }
        if kind == .notFound { return .notFound }
        switch code {
        case ServerErrorCode.documentValidationFailure?: return .unprocessableContent
        // What a client sent as JSON has names that no document may have.
        case ServerErrorCode.dollarPrefixedFieldName?, ServerErrorCode.emptyFieldName?: return .badRequest
        case ServerErrorCode.bsonObjectTooLarge?: return .contentTooLarge
        case ServerErrorCode.maxTimeMSExpired?, ServerErrorCode.networkTimeout?, ServerErrorCode.interruptedAtShutdown?,
            ServerErrorCode.notWritablePrimary?, ServerErrorCode.outOfDiskSpace?:
            return .serviceUnavailable
        default: break
        }
        return [.timeout, .network, .closed].contains(kind) ? .serviceUnavailable : .internalServerError
    }

    /// The error for the web: a status and a sentence that tells nothing of the database's inside.
    public var httpError: HTTPError {
        switch status {
        case .conflict: HTTPError(.conflict, message: "There is such a document already.")
        case .notFound: HTTPError(.notFound, message: "There is no such document.")
        case .badRequest: HTTPError(.badRequest, message: "The document has a field name that is not allowed.")
        case .unprocessableContent: HTTPError(.unprocessableContent, message: "The document is not valid.")
        case .contentTooLarge: HTTPError(.contentTooLarge, message: "The document is too large.")
        case .serviceUnavailable:
            HTTPError(
                .serviceUnavailable, headers: [.retryAfter: "1"],
                message: "The database does not answer at the moment. Please try again.")
        default: HTTPError(.internalServerError, message: "Something went wrong.")
        }
    }

    /// Answers with ``httpError``; what the web is not told goes to the log.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        if status.code >= 500 {
            context.logger.error("A database operation failed", metadata: ["error": "\(self)"])
        }
        return try httpError.response(from: request, context: context)
    }
}
