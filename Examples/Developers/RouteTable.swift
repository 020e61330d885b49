internal import HTTPTypes
internal import Hummingbird

/// Which methods each path takes: the router knows them too, but answers 404 where 405 is due.
struct RouteTable: Sendable {
    /// A path's segments, `*` for any, and its methods.
    struct Row: Sendable {
        let path: String
        let methods: [HTTPRequest.Method]
    }

    let rows: [Row]

    /// The routes of the application. What is literal stands first.
    static let strict = RouteTable(rows: [
        Row(path: "/", methods: [.get, .head, .options, .post]),
        Row(path: "/logs", methods: [.get, .head, .options]),
        Row(path: "/ready", methods: [.get, .head, .options]),
        Row(path: "/page", methods: [.get, .head, .options]),
        Row(path: "/page/*", methods: [.get, .head, .options]),
        Row(path: "/logs/statistics", methods: [.get, .head, .options]),
        Row(path: "/logs/summary", methods: [.get, .head, .options]),
        Row(path: "/*", methods: [.delete, .get, .head, .options, .patch]),
        Row(path: "/logs/*", methods: [.delete, .get, .head, .options, .put]),
    ])

    /// The tutorial's routes.
    static let tutorial = RouteTable(rows: [
        Row(path: "/", methods: [.get, .head, .options, .post]),
        Row(path: "/logs", methods: [.get, .head, .options]),
        Row(path: "/*", methods: [.delete, .options, .patch]),
        Row(path: "/logs/*", methods: [.delete, .options, .put]),
    ])

    /// The methods of a path; nil where there is none such.
    func methods(of path: String) -> [HTTPRequest.Method]? {
        let segments = path.split(separator: "/")
        return rows.first { row in
            let pattern = row.path.split(separator: "/")
            return pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0 == "*" || $0 == $1 }
        }?.methods
    }

    /// The value of `Allow`.
    static func allow(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}

/// Answers OPTIONS, and 405 with `Allow` for methods that a path does not take. Each address has one spelling: slashes that
/// the router would pass over, as in `//1` and `/1/`, are 404. Other sites get no permission (CORS): the API is for its own
/// page and for programs.
struct AllowedMethods<Context: RequestContext>: RouterMiddleware {
    let routes: RouteTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard path == "/" || !path.hasSuffix("/") && !path.contains("//"), let methods = routes.methods(of: path) else {
            throw APIError.notFound
        }
        if request.method == .options {
            return Response(status: .noContent, headers: [.allow: RouteTable.allow(methods)])
        }
        guard methods.contains(request.method) else {
            throw APIError(
                .methodNotAllowed, "method_not_allowed", "This address does not take \(request.method.rawValue).",
                headers: [.allow: RouteTable.allow(methods)])
        }
        return try await next(request, context)
    }
}
