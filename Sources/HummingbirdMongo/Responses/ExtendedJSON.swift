public import BSON
public import Hummingbird

/// Lets the routes behind it answer documents in Extended JSON, which keeps BSON's types: `{"$oid": "5f…"}`.
///
/// ```swift
/// let raw = router.group("raw").add(middleware: ExtendedJSON(.canonical))
/// ```
///
/// Without it, answers are plain JSON: ids as hexadecimal digits, dates as ISO 8601, whole numbers as numbers.
public struct ExtendedJSON<Context: RequestContext>: RouterMiddleware {
    private let format: JSONFormat

    /// Makes the middleware.
    /// - Parameter format: Relaxed, where numbers are readable, or canonical, where every type survives.
    public init(_ format: JSONFormat = .relaxed) { self.format = format }

    /// Calls the route.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await JSONText.$format.withValue(format) { try await next(request, context) }
    }
}
