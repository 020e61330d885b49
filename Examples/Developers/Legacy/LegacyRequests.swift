internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore

/// What the tutorial does before each request: reads the body of POST and PATCH, and records the request.
///
/// The body is read before the route is known, so an unreadable one is 415 or 400 on any path; that is the tutorial's way.
struct LegacyRequests: RouterMiddleware {
    typealias Context = BasicRequestContext

    let logs: MongoLogs
    let routes: RouteTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var head = request.head
        if let method = HTTPRequest.Method(head.method.rawValue.uppercased()) { head.method = method }
        var request = Request(head: head, body: request.body)
        var body = BSONValue.null
        if request.method == .post || request.method == .patch {
            guard request.hasJSONBody else { return Self.failure(.unsupportedMediaType) }
            let bytes = try await request.body.collect(upTo: 16 << 20)
            guard let value = LegacyJSON.value(bytes.readableBytesView) else { return Self.failure(.badRequest) }
            body = value
            request.body = .init(buffer: bytes)
        }
        let url = LegacyURL.text(request)
        logs.record(
            [
                "type": "request", "url": .string(url), "http_method": .string(request.method.rawValue),
                "body": LegacyJSON.isFalse(body) ? .null : body,
            ], at: false)
        let path = request.uri.path
        guard path.allSatisfy({ $0 == "/" }) || !path.hasSuffix("/"), !path.contains("%2F"),
            let methods = routes.methods(of: path), path != "*"
        else { return Self.failure(.notFound) }
        if path.split(separator: "/").count == 1, path != "/logs", LegacyURL.id(path.dropFirst()) == nil {
            return Self.failure(.notFound)
        }
        if request.method == .options {
            return Response(status: .ok, headers: [.allow: RouteTable.allow(methods)])
        }
        guard methods.contains(request.method) else {
            return Self.failure(.methodNotAllowed, [.allow: RouteTable.allow(methods)])
        }
        do {
            return try await next(request, context)
        } catch {
            return Self.failure(.ok, message: Self.message(error))
        }
    }

    /// A failure in the tutorial's envelope, with words of our own.
    static func failure(
        _ status: HTTPResponse.Status, _ headers: HTTPFields = [:], message: String? = nil
    ) -> Response {
        Envelope.response(
            [("status", false), ("error", .string(message ?? status.reasonPhrase))], status: status, headers: headers)
    }

    static func message(_ error: any Error) -> String {
        (error as? LegacyError)?.message ?? APIError(error).message
    }
}

/// What the tutorial answers 200 to, with `status: false`.
struct LegacyError: Error {
    let message: String
}
