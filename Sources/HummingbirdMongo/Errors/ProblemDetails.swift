public import Hummingbird

/// Answers every error of the routes behind it as problem details (RFC 9457): see ``Problem/init(_:)`` for which error
/// has which status.
///
/// ```swift
/// router.add(middleware: ProblemDetails())
/// ```
///
/// Outside development nothing of the inside is told, and the log has it: with `ENVIRONMENT=development` answers have
/// the error itself, in the member `debug`.
public struct ProblemDetails<Context: RequestContext>: RouterMiddleware {
    private let showsInternals: Bool

    /// Makes the middleware.
    /// - Parameter showsInternals: Whether answers have the error itself; by default where the environment's variable
    ///   `ENVIRONMENT` is `development`.
    public init(showsInternals: Bool? = nil) {
        self.showsInternals =
            showsInternals ?? (Environment().get("ENVIRONMENT")?.lowercased() == "development")
    }

    /// Calls the route and turns what it throws into an answer.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as CancellationError {
            // There is nobody left to answer.
            throw error
        } catch {
            return Problem(error).logged(in: context).response(showingInternals: showsInternals)
        }
    }
}
