public import BSON
public import HTTPTypes
public import Hummingbird
internal import Logging
public import MongoDocuments
internal import Nectar

extension Problem {
    /// What a client is told of an error.
    ///
    /// | status | error |
    /// |---|---|
    /// | its own | an `HTTPError`, or another error that knows its status |
    /// | 404 | what is asked for is not there |
    /// | 409 | a duplicate key |
    /// | 413 | a document beyond 16 MiB |
    /// | 422 | values that break the rules of their fields, or that the collection's validator refuses |
    /// | 503 | the database is away, is shutting down or cannot write now; with `Retry-After` |
    /// | 504 | the time limit passed |
    /// | 500 | everything else: a fault of the application or the database |
    public init(_ error: any Error) {
        switch error {
        case let error as MongoError: self.init(StatusRow.of(error))
        case let error as DocumentError:
            if error.kind == .invalid {
                self.init(.unprocessableContent, detail: "The document is not valid.", errors: error.problems)
            } else {
                self.init(StatusRow.fault)
            }
        case let error as BSONError: self.init(error)
        case let error as HTTPError: self.init(error.status, detail: error.body, headers: error.headers)
        case let error as any HTTPResponseError: self.init(error.status)
        default: self.init(StatusRow.fault)
        }
        internals = "\(error)"
    }

    private init(_ row: StatusRow) {
        self.init(row.status, detail: row.sentence, headers: row.mayBeRepeated ? [.retryAfter: "1"] : [:])
    }

    /// 400 for text from a client that is no JSON, 413 for too much of it, 500 for bytes that are no BSON: those come from
    /// the database.
    private init(_ error: BSONError) {
        switch error.code {
        case .invalidJSON, .invalidUTF8, .tooDeep:
            self.init(.badRequest, detail: "This is no usable JSON: \(error)")
        case .tooLarge: self.init(.contentTooLarge, detail: "This is too large: \(error)")
        default: self.init(StatusRow.fault)
        }
    }
}

// Without the middleware these errors answer alike, but for the internals, which it alone shows.

extension MongoError: HTTPResponseError {
    /// The HTTP status that tells a client of this error: see ``Problem/init(_:)``.
    public var status: HTTPResponse.Status { Problem(self).status }

    /// Answers with a ``Problem``; what the web is not told goes to the log.
    public func response(from request: Request, context: some RequestContext) -> Response {
        Problem(self).logged(in: context).response()
    }
}

extension BSONError: HTTPResponseError {
    /// The HTTP status that tells a client of this error: see ``Problem/init(_:)``.
    public var status: HTTPResponse.Status { Problem(self).status }

    /// Answers with a ``Problem``; what the web is not told goes to the log.
    public func response(from request: Request, context: some RequestContext) -> Response {
        Problem(self).logged(in: context).response()
    }
}

extension DocumentError: HTTPResponseError {
    /// The HTTP status that tells a client of this error: see ``Problem/init(_:)``.
    public var status: HTTPResponse.Status { Problem(self).status }

    /// Answers with a ``Problem``; what the web is not told goes to the log.
    public func response(from request: Request, context: some RequestContext) -> Response {
        Problem(self).logged(in: context).response()
    }
}

extension Problem {
    /// Tells the log of what is the application's fault or the database's.
    func logged(in context: some RequestContext) -> Problem {
        if status.code >= 500 {
            context.logger.error(
                "A request failed", metadata: ["status": "\(status.code)", "error": "\(internals ?? detail ?? title)"])
        }
        return self
    }
}
