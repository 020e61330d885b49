internal import BSON
public import HTTPTypes
public import Hummingbird
public import MongoDocuments
internal import NIOCore

// Values of `@Document` and `@Embedded` types are answers as they are. A type that is a `ResponseGenerator` too answers as
// that says; and lists whose type is `Encodable` too are written straight from BSON, not by way of an encoder.

extension Response {
    /// A value as JSON, its fields as they are stored.
    public static func document(_ value: some Embedded) -> Response {
        var body = ByteBuffer()
        JSONText.append(BSONDocument(encoding: value), to: &body, JSONText.format)
        return Response(status: .ok, headers: JSONText.headers, body: ResponseBody(byteBuffer: body))
    }

    /// Values as a list in JSON.
    public static func documents<Value: Embedded>(_ values: [Value]) -> Response {
        .list(values.map { BSONDocument(encoding: $0) })
    }
}

extension ResponseGenerator where Self: Embedded {
    /// Answers with the value as JSON, its fields as they are stored.
    public func response(from request: Request, context: some RequestContext) -> Response { .document(self) }
}

extension RouterMethods {
    /// Adds a handler that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func on(
        _ path: RouterPath, method: HTTPRequest.Method,
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self {
        on(path, method: method) { request, context -> Response in .document(try await handler(request, context)) }
    }

    /// Adds a handler of GET that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func get(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .get, use: handler) }

    /// Adds a handler of HEAD that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func head(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .head, use: handler) }

    /// Adds a handler of POST that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func post(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .post, use: handler) }

    /// Adds a handler of PUT that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func put(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .put, use: handler) }

    /// Adds a handler of PATCH that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func patch(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .patch, use: handler) }

    /// Adds a handler of DELETE that answers with a value of a document type.
    @_disfavoredOverload @discardableResult public func delete(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> some Embedded
    ) -> Self { on(path, method: .delete, use: handler) }
}

extension RouterMethods {
    /// Adds a handler that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func on(
        _ path: RouterPath, method: HTTPRequest.Method,
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self {
        on(path, method: method) { request, context -> Response in .documents(try await handler(request, context)) }
    }

    /// Adds a handler of GET that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func get(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .get, use: handler) }

    /// Adds a handler of HEAD that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func head(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .head, use: handler) }

    /// Adds a handler of POST that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func post(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .post, use: handler) }

    /// Adds a handler of PUT that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func put(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .put, use: handler) }

    /// Adds a handler of PATCH that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func patch(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .patch, use: handler) }

    /// Adds a handler of DELETE that answers with values of a document type.
    @_disfavoredOverload @discardableResult public func delete(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded]
    ) -> Self { on(path, method: .delete, use: handler) }
}

extension RouterMethods {
    /// Adds a handler that answers with values of a document type that is `Encodable`.
    @discardableResult public func on(
        _ path: RouterPath, method: HTTPRequest.Method,
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self {
        on(path, method: method) { request, context -> Response in .documents(try await handler(request, context)) }
    }

    /// Adds a handler of GET that answers with values of a document type that is `Encodable`.
    @discardableResult public func get(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .get, use: handler) }

    /// Adds a handler of HEAD that answers with values of a document type that is `Encodable`.
    @discardableResult public func head(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .head, use: handler) }

    /// Adds a handler of POST that answers with values of a document type that is `Encodable`.
    @discardableResult public func post(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .post, use: handler) }

    /// Adds a handler of PUT that answers with values of a document type that is `Encodable`.
    @discardableResult public func put(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .put, use: handler) }

    /// Adds a handler of PATCH that answers with values of a document type that is `Encodable`.
    @discardableResult public func patch(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .patch, use: handler) }

    /// Adds a handler of DELETE that answers with values of a document type that is `Encodable`.
    @discardableResult public func delete(
        _ path: RouterPath = "",
        use handler: @Sendable @escaping (Request, Context) async throws -> [some Embedded & Encodable]
    ) -> Self { on(path, method: .delete, use: handler) }
}
