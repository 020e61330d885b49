public import HTTPTypes
public import Hummingbird

/// What makes its response after waiting for something: for the first documents of a query, say.
///
/// Handlers of Hummingbird answer with a `ResponseGenerator`, which cannot wait. The methods below take handlers that
/// answer with one of these, so that a query that fails does so before the headers go out, and is an error to the client.
public protocol AsyncResponseGenerator: SendableMetatype {
    /// Makes the response.
    func response(from request: Request, context: some RequestContext) async throws -> Response
}

extension RouterMethods {
    /// Adds a handler whose answer is waited for.
    @discardableResult public func on(
        _ path: RouterPath, method: HTTPRequest.Method,
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self {
        on(path, method: method) { request, context -> Response in
            try await handler(request, context).response(from: request, context: context)
        }
    }

    /// Adds a handler of GET whose answer is waited for.
    @discardableResult public func get(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .get, use: handler) }

    /// Adds a handler of HEAD whose answer is waited for.
    @discardableResult public func head(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .head, use: handler) }

    /// Adds a handler of POST whose answer is waited for.
    @discardableResult public func post(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .post, use: handler) }

    /// Adds a handler of PUT whose answer is waited for.
    @discardableResult public func put(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .put, use: handler) }

    /// Adds a handler of PATCH whose answer is waited for.
    @discardableResult public func patch(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .patch, use: handler) }

    /// Adds a handler of DELETE whose answer is waited for.
    @discardableResult public func delete(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some AsyncResponseGenerator
    ) -> Self { on(path, method: .delete, use: handler) }
}
