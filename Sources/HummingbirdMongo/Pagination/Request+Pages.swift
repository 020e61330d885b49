public import Hummingbird
internal import MongoProtocol
public import Nectar

extension PageableQuery {
    /// Reads the page that a request's query asks for: `?page=2&per_page=50`.
    /// - Parameters:
    ///   - request: The request.
    ///   - perPage: The documents on a page where the request does not say.
    ///   - errorOut: Whether a page that is not there is a 404. Page 1 is always there. Without this, a page behind the
    ///     last is empty, and what is no number counts as not given.
    ///   - maxPerPage: The most documents that a request can ask for; what is beyond counts as this.
    /// - Throws: 404, with `errorOut`, for a page that is not there and for what is no number.
    public func paginate(
        _ request: Request, perPage: Int = 20, errorOut: Bool = true, maxPerPage: Int = 100
    ) async throws -> Pagination<Self> {
        func number(_ name: String, default value: Int) throws -> Int {
            guard let text = request.queryValue(name) else { return value }
            if let number = Int(text) { return number }
            if errorOut { throw HTTPError(.notFound, message: "There is no such page.") }
            return value
        }
        let page = try number("page", default: 1)
        let wanted = try number("per_page", default: perPage)
        do {
            return try await paginate(page: page, perPage: wanted, errorOut: errorOut, maxPerPage: maxPerPage)
        } catch let error as MongoError where error.kind == .notFound {
            throw HTTPError(.notFound, message: "There is no such page.")
        }
    }

    /// Reads the keyset page that a request's query asks for: `?cursor=…&per_page=50`, the cursor being one of an
    /// earlier answer's.
    /// - Parameters:
    ///   - request: The request.
    ///   - perPage: The documents on a page where the request does not say.
    ///   - key: Signs the cursors; by default the one that `MONGO_CURSOR_KEY` gives, or else one of this process.
    ///   - errorOut: Whether a cursor that is none of this query's is a 404. Without it, that gives the first page.
    ///   - maxPerPage: The most documents that a request can ask for; what is beyond counts as this.
    /// - Throws: 404, with `errorOut`, for a cursor that is none of this query's and for what is no number.
    public func keyset(
        _ request: Request, perPage: Int = 20, key: CursorKey? = nil, errorOut: Bool = true, maxPerPage: Int = 100
    ) async throws -> KeysetPage<Self> {
        var wanted = perPage
        if let text = request.queryValue("per_page") {
            if let number = Int(text), number > 0 {
                wanted = number
            } else if errorOut {
                throw HTTPError(.notFound, message: "There is no such page.")
            }
        }
        do {
            return try await keyset(
                cursor: request.queryValue("cursor"), perPage: wanted, key: key, errorOut: errorOut,
                maxPerPage: maxPerPage)
        } catch let error as MongoError where error.kind == .notFound {
            throw HTTPError(.notFound, message: "There is no such page.")
        }
    }
}

extension Request {
    /// The first value of a parameter in the query; nil where it is missing or empty.
    func queryValue(_ name: String) -> String? {
        for pair in (uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, PercentEncoding.decode(parts[0]) == name else { continue }
            let value = PercentEncoding.decode(parts[1].replacing("+", with: "%20")) ?? ""
            return value.isEmpty ? nil : value
        }
        return nil
    }
}
