public import BSON
public import HTTPTypes
public import Hummingbird
internal import NIOCore

// Hummingbird makes every array of `Encodable` elements a `ResponseGenerator`, by way of an encoder. Handlers that answer with
// documents have methods of their own, which take precedence and write the JSON straight from the documents' bytes.

extension [BSONDocument] {
    /// Answers with the documents as a list in JSON.
    public func response(from request: Request, context: some RequestContext) -> Response { .list(self) }
}

extension Response {
    /// Documents as a list in JSON.
    static func list(_ documents: [BSONDocument]) -> Response {
        var body = ByteBuffer(string: "[")
        for (index, document) in documents.enumerated() {
            if index > 0 { body.writeString(",\n") }
            JSONText.append(document, to: &body, JSONText.format)
        }
        body.writeString("]")
        return Response(status: .ok, headers: JSONText.headers, body: ResponseBody(byteBuffer: body))
    }
}

extension RouterMethods {
    /// Adds a handler that answers with a list of documents.
    @discardableResult public func on(
        _ path: RouterPath, method: HTTPRequest.Method,
        use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self {
        on(path, method: method) { request, context -> Response in
            try await handler(request, context).response(from: request, context: context)
        }
    }

    /// Adds a handler of GET that answers with a list of documents.
    @discardableResult public func get(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .get, use: handler) }

    /// Adds a handler of HEAD that answers with a list of documents.
    @discardableResult public func head(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .head, use: handler) }

    /// Adds a handler of POST that answers with a list of documents.
    @discardableResult public func post(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .post, use: handler) }

    /// Adds a handler of PUT that answers with a list of documents.
    @discardableResult public func put(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .put, use: handler) }

    /// Adds a handler of PATCH that answers with a list of documents.
    @discardableResult public func patch(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .patch, use: handler) }

    /// Adds a handler of DELETE that answers with a list of documents.
    @discardableResult public func delete(
        _ path: RouterPath = "", use handler: @Sendable @escaping (Request, Context) async throws -> [BSONDocument]
    ) -> Self { on(path, method: .delete, use: handler) }
}
