package import HTTPTypes
package import Hummingbird

/// Refuses forms that another site's page sends in the name of this one's visitor.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. Clients that are no browsers send
/// neither and carry no visitor's identity, so they pass.
package struct SameOriginForms<Context: RequestContext>: RouterMiddleware {
    /// The methods that change nothing, from wherever they come.
    private let harmless: Set<HTTPRequest.Method>

    package init(except harmless: Set<HTTPRequest.Method> = [.get, .head]) { self.harmless = harmless }

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard harmless.contains(request.method) || Self.comesFromHere(request) else {
            throw HTTPError(.forbidden, message: "This form was sent from another site.")
        }
        return try await next(request, context)
    }

    private static func comesFromHere(_ request: Request) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin] else { return true }
        return origin == "http://\(request.head.authority ?? "")" || origin == "https://\(request.head.authority ?? "")"
    }
}
