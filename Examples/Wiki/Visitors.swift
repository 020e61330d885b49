internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

/// Shows errors as pages. A page that is not there offers to be written.
struct ErrorPages<Context: RequestContext>: RouterMiddleware {
    let pages: Pages

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            // Makes the log line that the error's own answer makes.
            let plain = try error.response(from: request, context: context)
            if plain.status == .notFound, let name = Self.pageName(in: request.uri.path) {
                return try pages.page(
                    "missing", ["title": PageName.title(name), "address": Address.encode(name)], status: .notFound)
            }
            let message = Problem(error).detail
            var page = try pages.page(
                "error",
                ["title": plain.status.reasonPhrase, "message": message ?? "This request cannot be answered."],
                status: plain.status)
            for name in [HTTPField.Name.retryAfter, .allow] { page.headers[name] = plain.headers[name] }
            return page
        }
    }
}

extension ErrorPages {
    /// The page that a path of the wiki's is of; nil for its further paths.
    private static func pageName(in path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count == 2, parts[0] == "wiki" else { return nil }
        return parts[1].removingPercentEncoding.flatMap(PageName.of)
    }
}
