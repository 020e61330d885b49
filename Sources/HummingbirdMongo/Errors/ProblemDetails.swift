internal import BSON
internal import HTTPTypes
public import Hummingbird
internal import MongoDocuments
internal import Nectar

/// Answers every error of the routes behind it as problem details (RFC 9457): see ``Problem/init(_:)`` for which error
/// has which status.
///
/// ```swift
/// router.add(middleware: ProblemDetails())
/// ```
///
/// Middleware that adds headers to answers, such as CORS, is best added before this one.
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
            var problem = Problem(error)
            // What stands between here and the route may have wrapped an error to add headers to it, as CORS does.
            if !Self.isPlain(error), let known = error as? any HTTPResponseError,
                let answer = try? known.response(from: request, context: context)
            {
                if answer.headers[.contentType] == Problem.contentType { return answer }
                for field in answer.headers where !Self.ofContent.contains(field.name) {
                    problem.headers[field.name] = field.value
                }
            }
            return problem.logged(in: context).response(showingInternals: showsInternals)
        }
    }

    private static func isPlain(_ error: any Error) -> Bool {
        error is HTTPError || error is MongoError || error is DocumentError || error is BSONError
    }

    /// Headers that belong to a body of another form.
    private static var ofContent: Set<HTTPField.Name> {
        [.contentType, .contentLength, .contentEncoding, .cacheControl]
    }
}
