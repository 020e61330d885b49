public import Hummingbird
public import MongoDocuments
public import Nectar

// Lists are sent as they come and never held whole. A failure on the way breaks the connection off: the client sees that
// the list is not whole. A body that is never sent, as for HEAD, lets its cursor go, which closes it.

extension MongoCursor: AsyncResponseGenerator {
    /// Answers with the documents that are left as a list in JSON.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}

extension FindQuery: AsyncResponseGenerator {
    /// Answers with the documents found as a list in JSON; a query that fails is an error response.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}

extension AggregateQuery: AsyncResponseGenerator {
    /// Answers with the pipeline's documents as a list in JSON; a pipeline that fails is an error response.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}

extension DocumentQuery: AsyncResponseGenerator {
    /// Answers with the documents found as a list in JSON, with the fields that their type has. A query that fails is an
    /// error response, and so is a document among the first that cannot be read as its type.
    public func response(from request: Request, context: some RequestContext) async throws -> Response {
        try await .documents(self)
    }
}
