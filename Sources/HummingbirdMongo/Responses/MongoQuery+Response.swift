public import Hummingbird
internal import NIOCore
public import Nectar

extension MongoCursor: ResponseGenerator {
    /// Answers with the documents that are left as a list of plain JSON, sent as they come and never held whole.
    ///
    /// A failure on the way breaks the connection off: the client sees that the list is not whole. A body that is never
    /// sent, as for HEAD, lets the cursor go, which closes it.
    public func response(from request: Request, context: some RequestContext) -> Response {
        .documents(self)
    }
}

extension FindQuery: AsyncResponseGenerator {
    /// Answers with the documents found as a list of plain JSON; a query that fails is an error response.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}

extension AggregateQuery: AsyncResponseGenerator {
    /// Answers with the pipeline's documents as a list of plain JSON; a pipeline that fails is an error response.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}

extension Response {
    /// Bytes of JSON to collect before they are sent.
    private static let chunkSize = 32 << 10

    /// A list of a query's documents, for handlers that answer in several ways. The first batch is waited for, so that a
    /// query that fails throws here and no response is begun.
    public static func documents(_ query: some MongoQuery) async throws -> Response {
        .documents(try await query.cursor())
    }

    /// A list of the documents that a cursor has left.
    public static func documents(_ cursor: MongoCursor) -> Response {
        Response(
            status: .ok, headers: JSONText.headers,
            body: ResponseBody { writer in
                var buffer = ByteBuffer(string: "[")
                var isFirst = true
                while let document = try await cursor.next() {
                    if !isFirst { buffer.writeString(",\n") }
                    isFirst = false
                    JSONText.append(document, to: &buffer)
                    if buffer.readableBytes >= chunkSize {
                        try await writer.write(buffer)
                        buffer.clear()
                    }
                }
                buffer.writeString("]")
                try await writer.write(buffer)
                try await writer.finish(nil)
            })
    }
}
