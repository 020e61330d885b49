internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import Nectar

/// Records each request: method, path, status, duration, the announced bytes of its body and an id, after it is answered.
///
/// The record holds facts about the request and nothing of its body: `bytes` is missing where there is none, 0 where it is
/// empty, and null where its length is not said before. The id is the context's; handlers give it to
/// ``MongoLogs/activity(_:requestID:_:)``, so the records of one call can be joined, and the answer has it as
/// `X-Request-ID`.
public struct LogMiddleware<Context: RequestContext>: RouterMiddleware {
    /// What is not recorded.
    public typealias Filter = @Sendable (Request) -> Bool

    let logs: MongoLogs
    let isRecorded: Filter

    /// Records requests.
    /// - Parameters:
    ///   - logs: Where they go.
    ///   - isRecorded: Which requests are recorded; all by default.
    public init(_ logs: MongoLogs, where isRecorded: @escaping Filter = { _ in true }) {
        self.logs = logs
        self.isRecorded = isRecorded
    }

    /// Answers the request and then records it.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            var response = try await next(request, context)
            record(request, context, status: response.status, start)
            if let name = HTTPField.Name("X-Request-ID") { response.headers[name] = context.id }
            return response
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            record(request, context, status: status, start)
            if status.code >= 500 { logs.error(error, requestID: context.id) }
            throw error
        }
    }

    private func record(
        _ request: Request, _ context: Context, status: HTTPResponse.Status, _ start: ContinuousClock.Instant
    ) {
        guard isRecorded(request) else { return }
        let elapsed = ContinuousClock.now - start
        let milliseconds = Double(elapsed / .microseconds(1)) / 1000
        var fields: [(String, BSONValue)] = [
            ("type", "request"), ("request_id", .string(context.id)), ("method", .string(request.method.rawValue)),
            ("url", .string(logs.options.redaction.redacted(uri: Self.target(request)))),
            ("status", .int(status.code)), ("ms", .double(milliseconds)),
        ]
        if let length = request.headers[.contentLength] {
            fields.append(("bytes", Int(length).map { .int($0) } ?? .null))
        } else if request.headers[.transferEncoding] != nil {
            fields.append(("bytes", .null))
        }
        if let route = context.endpointPath { fields.append(("route", .string(route))) }
        logs.record(BSONDocument(fields: fields))
    }
    /// Path and query as they were received, without the host that a caller claims.
    private static func target(_ request: Request) -> String {
        let uri = request.uri
        guard !uri.description.hasPrefix("/") else { return uri.description }
        return uri.query.map { "\(uri.path)?\($0)" } ?? uri.path
    }
}
