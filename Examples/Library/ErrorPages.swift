internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// Shows errors to browsers as pages; other clients get them as JSON.
struct ErrorPages<Context: RequestContext>: RouterMiddleware {
    let pages: Pages

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where !request.asksForJSON {
            // Makes the log line that the error's own answer makes.
            let plain = try error.response(from: request, context: context)
            var page = try pages.page(
                "error", ["title": plain.status.reasonPhrase, "message": Self.message(for: plain.status, error)],
                status: plain.status)
            for name in [HTTPField.Name.retryAfter, .allow] { page.headers[name] = plain.headers[name] }
            return page
        }
    }

    private static func message(for status: HTTPResponse.Status, _ error: any HTTPResponseError) -> String {
        switch status {
        case .notFound: "There is nothing at this address. It may have been deleted."
        case .contentTooLarge: "That is too large: a cover has at most 4 MB."
        case .serviceUnavailable, .gatewayTimeout: "The database does not answer at the moment. Please try again."
        case _ where status.code >= 500: "Something went wrong on our side."
        default: Problem(error).detail ?? "This request cannot be answered."
        }
    }
}
