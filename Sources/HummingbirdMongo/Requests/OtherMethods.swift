internal import HTTPTypes
public import Hummingbird

extension Router {
    /// The router with an answer for the methods that its paths do not take: 405 with `Allow`, where Hummingbird's router by
    /// itself says 404, and 204 with `Allow` for OPTIONS (RFC 9110, sections 9.3.7 and 15.5.6).
    ///
    /// ```swift
    /// let application = Application(router: router.refusingOtherMethods(), services: [mongo])
    /// ```
    /// The refusals are errors like others: ``ProblemDetails`` and every other middleware of the router sees them. Those of
    /// groups do not. HEAD is left to the router's option `autoGenerateHeadEndpoints`. Methods that neither HTTP itself knows
    /// nor any route takes stay 404.
    public func refusingOtherMethods() -> RefusingRouter<Context> { RefusingRouter(router: self) }
}

/// A router that refuses the methods its paths do not take; see ``Hummingbird/Router/refusingOtherMethods()``.
public struct RefusingRouter<Context: RequestContext>: HTTPResponderBuilder {
    let router: Router<Context>

    /// Gives each path of the router a route for each method that it has none for. The router finds them as it finds the
    /// others, so that both always agree on what a path is.
    public func buildResponder() -> RouterResponder<Context> {
        // The router adds its own routes for HEAD here, which belong to what is allowed.
        _ = router.buildResponder()
        let taken = Dictionary(grouping: router.routes, by: \.path.description)
        let known = Self.standard.union(router.routes.map(\.method))
        for routes in taken.values {
            guard let path = routes.first?.path else { continue }
            let allowed = Set(routes.map(\.method)).union([.options])
            let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in known.subtracting(routes.map(\.method)) {
                router.on(path, method: method, responder: Refusal(allow: allow))
            }
        }
        return router.buildResponder()
    }

    private static var standard: Set<HTTPRequest.Method> {
        [.get, .head, .post, .put, .patch, .delete, .connect, .options, .trace]
    }

    private struct Refusal: HTTPResponder {
        let allow: String

        func respond(to request: Request, context: Context) throws -> Response {
            if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
            throw HTTPError(
                .methodNotAllowed, headers: [.allow: allow],
                message: "This address does not take \(request.method.rawValue).")
        }
    }
}
