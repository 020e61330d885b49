internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import Logging
internal import NIOCore
internal import SQLTables

/// An answer to what cannot be done: a status, a code for programs, a sentence for people, and the fields at fault.
struct APIError: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    var fields: [(name: String, message: String)]
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String,
        fields: [(name: String, message: String)] = [], headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = headers
    }

    static let notFound = APIError(.notFound, "not_found", "There is nothing at this address.")
    static let unavailable = APIError(
        .serviceUnavailable, "database_unavailable", "The database does not answer at the moment.",
        headers: [.retryAfter: "2"])
    static let fault = APIError(.internalServerError, "internal_error", "Something went wrong on our side.")

    /// What the caller is told of any error: never its own words, which may tell of the inside.
    init(_ error: any Error) {
        switch error {
        case let problem as APIError: self = problem
        case let error as SQLError: self = Self.sql(error)
        case let error as MongoError: self = Self.web(error.status, Problem(error).detail)
        case let error as BSONError:
            self =
                error.status == .contentTooLarge
                ? APIError(.contentTooLarge, "too_large", "The body is too large.")
                : APIError(.badRequest, "invalid_json", "The body is no JSON object in UTF-8: \(error).")
        case let error as HTTPError: self = Self.web(error.status, error.body)
        case let error as any HTTPResponseError: self = Self.web(error.status, nil)
        default: self = .fault
        }
    }

    private static func sql(_ error: SQLError) -> APIError {
        switch error.kind {
        case .uniqueViolation: APIError(.conflict, "conflict", "There is such a row already.")
        case .dataTooLong, .invalidValue, .checkViolation, .notNullViolation:
            APIError(.unprocessableContent, "invalid", "A value does not fit.")
        case _ where error.isUnavailable || error.mayBeRepeated: .unavailable
        default: .fault
        }
    }

    private static func web(_ status: HTTPResponse.Status, _ detail: String?) -> APIError {
        if status == .serviceUnavailable || status == .gatewayTimeout { return .unavailable }
        guard status.code < 500 else { return .fault }
        let code = status.reasonPhrase.lowercased().replacing(" ", with: "_")
        return APIError(status, code, detail ?? status.reasonPhrase)
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        var error: [(String, BSONValue)] = [("code", .string(code)), ("message", .string(message))]
        if !fields.isEmpty {
            error.append(("fields", .document(BSONDocument(fields: fields.map { ($0.name, .string($0.message)) }))))
        }
        var response = Envelope.response([("status", false), ("error", .document(BSONDocument(fields: error)))])
        response.status = status
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

/// The form of all answers: `{"status": true, "data": …}` or `{"status": false, "error": …}`.
enum Envelope {
    static func response(
        _ fields: [(String, BSONValue)], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: BSONDocument(fields: fields).json())))
    }

    static func data(
        _ value: BSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response { response([("status", true), ("data", value)], status: status, headers: headers) }
}

/// Turns every error into an ``APIError``, and keeps a record of what failed: its class and code, no values.
struct APIErrors<Context: RequestContext>: RouterMiddleware {
    let logs: MongoLogs

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = APIError(error)
            if problem.status.code >= 500 {
                context.logger.error("A request failed", metadata: ["error": "\(error)"])
            }
            let isChange = request.method != .get && request.method != .head
            if problem.status.code >= 500 || isChange && problem.status != .methodNotAllowed {
                var fields: [(String, BSONValue)] = [
                    ("code", .string(problem.code)), ("status", .int(problem.status.code)),
                ]
                if let kind = (error as? SQLError)?.kind { fields.append(("kind", .string(kind.rawValue))) }
                logs.error(error, requestID: context.id, BSONDocument(fields: fields))
            }
            return problem.response(from: request, context: context)
        }
    }
}

/// Refuses requests for anything but JSON, except for the page.
struct AcceptsJSON<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let accept = request.headers[.accept], !request.uri.path.hasPrefix("/page") else {
            return try await next(request, context)
        }
        let isJSON = accept.split(separator: ",").contains { part in
            let type = part.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
            let isRefused = part.filter { $0 != " " }.lowercased().split(separator: ";").dropFirst().contains {
                $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0
            }
            return !isRefused && ["*/*", "application/*", "application/json"].contains(type)
        }
        guard isJSON else { throw APIError(.notAcceptable, "not_acceptable", "Answers are application/json.") }
        return try await next(request, context)
    }
}
